"""Each rule that a message can break: a message that breaks it, and the whole text that its app gets."""

from __future__ import annotations

import re
from collections import Counter
from string import Formatter

import pytest

from asgi_lockstep import ProtocolViolation
from asgi_lockstep._protocol.catalogue import RULES
from asgi_lockstep._protocol.checks import allowed_types
from asgi_lockstep._protocol.content_rules import CONTENT_RULES
from asgi_lockstep._protocol.ending_rules import ENDING_RULES
from asgi_lockstep._protocol.order_rules import NOT_ALLOWED, OUT_OF_ORDER, order_rule
from asgi_lockstep._protocol.rules import ContentRule
from asgi_lockstep._protocol.shapes import SHAPES
from asgi_lockstep._protocol.tables import HTTP, WEBSOCKET, HTTPState, LifespanState, State, WebSocketState
from protocol.broken import BROKEN
from protocol.exchanges import EXTENSIONS, refusal

#: Those that no message breaks, but how the app ends.
OF_ENDINGS = {rule.id for rule in ENDING_RULES}


def test_each_rule_has_a_name_of_its_own() -> None:
    """In plain words with hyphens, because people write it and search for it."""
    twice = [name for name, count in Counter(rule.id for rule in RULES).items() if count > 1]
    strange = [rule.id for rule in RULES if not re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)]
    assert (twice, strange) == ([], [])


def test_each_rule_names_its_section_and_ends_its_sentence() -> None:
    """What follows in a text begins a new one."""
    wrong = [
        rule.id
        for rule in RULES
        if not re.match(r"(asgi|www|extensions|lifespan)\.rst: \w|RFC \d{4} section \d", rule.section)
        or not rule.words.endswith(".")
    ]
    assert wrong == []


def test_each_rule_is_broken_by_one_of_the_messages() -> None:
    """A rule that nothing can break is none."""
    assert sorted(BROKEN) == sorted(rule.id for rule in RULES if rule.id not in OF_ENDINGS)


@pytest.mark.parametrize("name", BROKEN)
def test_the_text_of_each_rule(name: str) -> None:
    """Its sentence, with what the message has wrong; the exchange and its state; what may be sent; where it stands."""
    broken, rule = BROKEN[name], next(rule for rule in RULES if rule.id == name)
    assert str(refusal(broken.exchange(), broken.message)) == broken.text(rule)


@pytest.mark.parametrize("rule", CONTENT_RULES, ids=lambda rule: rule.id)
def test_a_rule_about_content_is_about_messages_that_exist(rule: ContentRule) -> None:
    """One about a type that nobody knows would never be asked."""
    assert rule.messages
    assert set(rule.messages) <= set(SHAPES)


def test_a_violation_without_words_says_that_the_message_is_not_allowed() -> None:
    """The sentence of the general rule stands in the exception too, which the app's tests may make themselves."""
    error = ProtocolViolation("hello", request="GET /", state="here")
    assert str(error).partition(" The app broke ")[0] == NOT_ALLOWED.words.format(type="hello")


def test_words_about_the_order_show_nothing_but_the_type() -> None:
    """They are chosen by the state and the type alone."""
    shown = {name for rule in {*OUT_OF_ORDER.values(), NOT_ALLOWED} for _, name, _, _ in Formatter().parse(rule.words)}
    assert shown - {None} == {"type"}


def test_words_exist_only_for_what_a_table_refuses() -> None:
    """A familiar sentence about a state is about a type that may not be sent in it."""
    about_states = [(message_type, state) for message_type, state in OUT_OF_ORDER if state is not None]
    tables = {**HTTP, **WEBSOCKET}
    assert [row for row in about_states if row[0] in allowed_types(tables, row[1], EXTENSIONS)] == []


@pytest.mark.parametrize(
    ("message_type", "state"),
    [
        ("http.response.debug", HTTPState.TRAILERS),
        ("http.response.pathsend", HTTPState.STARTED),
        ("websocket.send", WebSocketState.CONNECTING),
        ("http.response.start", WebSocketState.CONNECTING),
        ("http.response.trailers", LifespanState.STARTING),
        ("lifespan.startup.complete", LifespanState.RUNNING),
    ],
)
def test_most_mistakes_have_no_familiar_words(message_type: str, state: State) -> None:
    """Where today's client has no sentence of its own, there is none to keep."""
    assert order_rule(message_type, state, False, True) is NOT_ALLOWED
