"""The order rules as data: which orders they allow, and what is made from the same rows."""

from __future__ import annotations

import re
from enum import Enum
from itertools import product

import pytest

from asgi_lockstep._protocol.tables import (
    DENIAL,
    EXTENSIONS,
    FAMILIAR_WORDS,
    HTTP,
    LIFESPAN,
    WEBSOCKET,
    HTTPState,
    LifespanState,
    State,
    Table,
    WebSocketState,
    allowed_types,
    event_of,
    extension_of,
    familiar_words,
)

#: One letter for each event, so that an order is a word and the specification's rule about orders a pattern.
_LETTERS = {
    "http.response.debug": "g",
    "http.response.early_hint": "h",
    "http.response.push": "p",
    "http.response.start": "s",
    "http.response.start trailers": "S",
    "http.response.body more": "m",
    "http.response.body": "b",
    "http.response.zerocopysend more": "z",
    "http.response.zerocopysend": "Z",
    "http.response.pathsend": "q",
    "http.response.trailers more": "t",
    "http.response.trailers": "T",
    "websocket.accept": "a",
    "websocket.send": "n",
    "websocket.close": "c",
    "websocket.http.response.start": "d",
    "websocket.http.response.body more": "e",
    "websocket.http.response.body": "f",
    "lifespan.startup.complete": "u",
    "lifespan.startup.failed": "U",
    "lifespan.shutdown.complete": "v",
    "lifespan.shutdown.failed": "V",
}


#: The extensions that may be sent before the response and in it.
HINTS = ("http.response.early_hint", "http.response.push")

#: What can be, or complete, the body.
BODIES = ("http.response.body", "http.response.zerocopysend", "http.response.pathsend")


def words_that_end(table: Table, begin: State, end: State, length: int) -> set[str]:
    """Every order of at most `length` events with which `table` gets from `begin` to `end`."""
    found = set()
    ways: list[tuple[str, State]] = [("", begin)]
    for _ in range(length):
        ways = [(word + _LETTERS[event], after) for word, at in ways for event, after in table[at].items()]
        found |= {word for word, at in ways if at is end}
    return found


def words_that_match(pattern: str, letters: str, length: int) -> set[str]:
    """Every order of at most `length` of the letters that the pattern describes."""
    words = {"".join(word) for size in range(1, length + 1) for word in product(letters, repeat=size)}
    return {word for word in words if re.fullmatch(pattern, word)}


@pytest.mark.parametrize(
    ("table", "begin", "end", "pattern"),
    [
        # www.rst, Response Start and Response Body; extensions.rst, HTTP Trailers. The other extensions come anywhere
        # until the body is complete: wider than extensions.rst has it, as tables.py explains.
        pytest.param(
            HTTP, HTTPState.REQUESTED, HTTPState.COMPLETE, "[ghp]*(s[ghpmz]*[bZq]|S[ghpmz]*[bZq]t*T)", id="http"
        ),
        # www.rst, Accept, Send and Close; extensions.rst, Websocket Denial Response.
        pytest.param(WEBSOCKET, WebSocketState.CONNECTING, WebSocketState.CLOSED, "c|an*c|de*f", id="websocket"),
        # lifespan.rst, Startup Complete ... Shutdown Failed: each event has one answer.
        pytest.param(LIFESPAN, LifespanState.STARTING, LifespanState.RUNNING, "u", id="lifespan-starts"),
        pytest.param(LIFESPAN, LifespanState.STARTING, LifespanState.FAILED, "U", id="lifespan-cannot-start"),
        pytest.param(LIFESPAN, LifespanState.STOPPING, LifespanState.STOPPED, "[vV]", id="lifespan-stops"),
    ],
)
def test_the_orders_of_a_table_are_those_of_the_specification(
    table: Table, begin: State, end: State, pattern: str
) -> None:
    """Of all orders of up to five messages, just those that the specification describes get to the end."""
    letters = "".join(_LETTERS[event] for row in table.values() for event in row)
    assert words_that_end(table, begin, end, 5) == words_that_match(pattern, "".join(sorted(set(letters))), 5)


@pytest.mark.parametrize(
    ("table", "states"), [(HTTP, HTTPState), (WEBSOCKET, WebSocketState), (LIFESPAN, LifespanState)]
)
def test_each_state_has_a_row_and_leads_to_states_of_its_protocol(table: Table, states: type[Enum]) -> None:
    """A table is closed: no message can lead out of it."""
    assert set(table) == set(states)
    assert {after for row in table.values() for after in row.values()} <= set(states)


@pytest.mark.parametrize(
    ("message_type", "key", "event"),
    [
        ("http.response.start", "trailers", "http.response.start trailers"),
        ("http.response.body", "more_body", "http.response.body more"),
        ("http.response.trailers", "more_trailers", "http.response.trailers more"),
        ("websocket.http.response.body", "more_body", "websocket.http.response.body more"),
    ],
)
def test_the_key_that_announces_more_makes_another_event(message_type: str, key: str, event: str) -> None:
    """www.rst, Response Body: `more_body` says whether more will come; extensions.rst, HTTP Trailers, likewise."""
    assert event_of(message_type, {"type": message_type, key: True}) == event


@pytest.mark.parametrize(
    "more",
    [{}, {"more_body": False}, {"more_body": None}, {"trailers": True}],
    ids=["missing", "false", "none", "other"],
)
def test_nothing_more_is_announced_by_default(more: dict[str, object]) -> None:
    """www.rst, Response Body: a missing `more_body` is False; servers take None for it as well."""
    assert event_of("http.response.body", {"type": "http.response.body", **more}) == "http.response.body"


def test_a_type_without_such_a_key_is_its_own_event() -> None:
    """The content of most messages has no meaning for the order."""
    assert event_of("websocket.send", {"type": "websocket.send", "more_body": True}) == "websocket.send"


@pytest.mark.parametrize(
    ("table", "allowed"),
    [
        (
            HTTP,
            {
                HTTPState.REQUESTED: (*HINTS, "http.response.debug", "http.response.start"),
                HTTPState.STARTED: ("http.response.debug", *HINTS, *BODIES),
                HTTPState.STARTED_TRAILERS: ("http.response.debug", *HINTS, *BODIES),
                HTTPState.TRAILERS: ("http.response.trailers",),
                HTTPState.COMPLETE: (),
            },
        ),
        (
            WEBSOCKET,
            {
                WebSocketState.CONNECTING: ("websocket.accept", "websocket.close", "websocket.http.response.start"),
                WebSocketState.OPEN: ("websocket.send", "websocket.close"),
                WebSocketState.DENYING: ("websocket.http.response.body",),
                WebSocketState.CLOSED: (),
            },
        ),
        (
            LIFESPAN,
            {
                LifespanState.STARTING: ("lifespan.startup.complete", "lifespan.startup.failed"),
                LifespanState.RUNNING: (),
                LifespanState.STOPPING: ("lifespan.shutdown.complete", "lifespan.shutdown.failed"),
                LifespanState.FAILED: (),
                LifespanState.STOPPED: (),
            },
        ),
    ],
    ids=["http", "websocket", "lifespan"],
)
def test_the_allowed_types_of_each_state_are_in_the_order_of_the_table(
    table: Table, allowed: dict[State, tuple[str, ...]]
) -> None:
    """Each type is named once, however many events it makes, and in the order in which people read about it."""
    assert {state: allowed_types(table, state, {*EXTENSIONS, DENIAL}) for state in table} == allowed


def test_a_type_of_an_extension_is_allowed_only_where_the_scope_offers_it() -> None:
    """asgi.rst, Extensions: what a text suggests must not be the next mistake."""
    offers: list[tuple[str, ...]] = [(), ("http.response.push", "tls"), ("http.response.debug",)]
    assert [allowed_types(HTTP, HTTPState.REQUESTED, offered) for offered in offers] == [
        ("http.response.start",),
        ("http.response.push", "http.response.start"),
        ("http.response.debug", "http.response.start"),
    ]


def test_a_denial_response_is_allowed_only_where_the_scope_offers_it() -> None:
    """extensions.rst, Websocket Denial Response: its messages are named otherwise, and the rule is the same."""
    offers: list[tuple[str, ...]] = [(), ("websocket.http.response",)]
    assert [allowed_types(WEBSOCKET, WebSocketState.CONNECTING, offered) for offered in offers] == [
        ("websocket.accept", "websocket.close"),
        ("websocket.accept", "websocket.close", "websocket.http.response.start"),
    ]


@pytest.mark.parametrize(
    ("message_type", "extension"),
    [
        ("http.response.push", "http.response.push"),
        ("http.response.trailers", "http.response.trailers"),
        ("websocket.http.response.start", "websocket.http.response"),
        ("websocket.http.response.body", "websocket.http.response"),
        ("http.response.start", None),
        ("websocket.http.responses", None),
    ],
)
def test_each_message_belongs_to_one_extension_or_none(message_type: str, extension: str | None) -> None:
    """asgi.rst, Extensions: the name of an extension is that of its message, or the beginning of their names."""
    assert extension_of(message_type) == extension


def test_words_exist_only_for_what_a_table_refuses() -> None:
    """A familiar sentence about a state is about a type that may not be sent in it."""
    about_states = [(message_type, state) for message_type, state in FAMILIAR_WORDS if state is not None]
    assert [row for row in about_states if row[0] in allowed_types(HTTP, row[1], EXTENSIONS)] == []


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
    assert familiar_words(message_type, state, False) is None
