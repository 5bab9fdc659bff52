"""An app among others: what it sends is judged by the verdicts, and none of it is kept."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from asgi_lockstep import ProtocolViolation
from asgi_lockstep._protocol.layer import Layer
from asgi_lockstep._protocol.rule_book import RuleBook, Verdict, verdicts_of
from asgi_lockstep._protocol.tables import HTTPState
from helpers import body, start


def layer(verdicts: Mapping[str, Verdict] | None = None) -> Layer:
    """A request for `/items` to an app that is called inner; each rule is an error, but for those that are given."""
    scope = {"type": "http", "method": "GET", "path": "/items"}
    book = RuleBook({**verdicts_of("spec"), **(verdicts or {})})
    return Layer(scope, book, lambda: "inner", lambda: ("sent at app.py:7 in app: await send(message)",))


def test_it_shows_where_the_app_stands() -> None:
    """With the name that texts have."""
    inner = layer()
    inner.sends(start())
    assert repr(inner) == "<inner in GET /items: response started>"


def test_a_message_that_is_an_error_was_not_sent() -> None:
    """The text says where it was to be sent from, and the app stands where it stood."""
    inner = layer()
    with pytest.raises(ProtocolViolation) as caught:
        inner.sends(body())
    assert (caught.value.layer, caught.value.sent_from) == ("inner", ("sent at app.py:7 in app: await send(message)",))
    assert inner.standing.state is HTTPState.REQUESTED


def test_what_most_servers_fail_quietly_is_raised_out_of_send() -> None:
    """There is no client to be told: only a client of ours keeps it for the call."""
    with pytest.raises(ProtocolViolation, match="which only announces a response"):
        layer().sends(start(103))


def test_a_message_of_which_nothing_can_be_made_leads_nowhere() -> None:
    """Where it is recorded, it passes, and the app stands where it stood."""
    inner = layer({"wrong-kind": "record"})
    message = {"type": "http.response.start", "status": "200"}
    assert inner.sends(message) is message
    assert inner.standing.state is HTTPState.REQUESTED


def test_a_message_is_taken_back_only_while_nothing_has_followed() -> None:
    """What another task has sent meanwhile stays sent."""
    inner = layer()
    before = inner.standing
    inner.sends(start())
    after = inner.standing
    inner.sends(body())
    inner.takes_back(before, after)
    assert inner.standing.state is HTTPState.COMPLETE


def test_a_body_whose_end_was_forgotten_is_found_at_the_end() -> None:
    """As in an exchange: all bytes are there, and the last message is not."""
    inner = layer()
    inner.sends(start(204))
    with pytest.raises(ProtocolViolation, match=r'^The app returned without a last "http\.response\.body"'):
        inner.returned(None)
