"""An app whose conversation somebody else carries stands where it would in an exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from asgi_lockstep._protocol.checks import check
from asgi_lockstep._protocol.exchange import Exchange
from asgi_lockstep._protocol.framing import Framing
from asgi_lockstep._protocol.rules import Broken
from asgi_lockstep._protocol.standing import Standing
from asgi_lockstep._protocol.tables import HTTPState, LifespanState, State
from asgi_lockstep._types import Message
from helpers import body, start
from protocol.exchanges import answered, http, lifespan, websocket

LENGTH = (b"content-length", b"4")
DENIAL = "websocket.http.response"

#: Conversations that keep to the rules: all kinds of messages.
SCRIPTS: Mapping[str, tuple[Exchange, Sequence[Message]]] = {
    "whole": (http(b""), [start(200, LENGTH), body(b"abcd")]),
    "pieces": (http(b""), [start(200, LENGTH), body(b"ab", more=True), body(b"cd", more=True), body()]),
    "no-content": (http(b""), [start(204), body()]),
    "head": (http(b"", method="HEAD"), [start(200, LENGTH), body()]),
    "trailers": (http(b""), [start(trailers=True), body(b"a"), {"type": "http.response.trailers"}]),
    "debug": (http(b""), [{"type": "http.response.debug", "info": {}}, start(), body()]),
    "websocket": (
        websocket(),
        [{"type": "websocket.accept"}, {"type": "websocket.send", "text": "a"}, {"type": "websocket.close"}],
    ),
    "refused": (websocket(), [{"type": "websocket.close"}]),
    "denied": (
        websocket(),
        [{"type": f"{DENIAL}.start", "status": 403, "headers": [LENGTH]}, {"type": f"{DENIAL}.body", "body": b"abcd"}],
    ),
    "started": (lifespan(), [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.failed"}]),
    "failed": (lifespan(), [{"type": "lifespan.startup.failed", "message": "no"}]),
}


def facts(of: Exchange | Standing) -> tuple[State, bool, bool, Framing, int]:
    """All that a rule may look at, but for the scope."""
    return of.state, of.declared_trailers, of.was_accepted, of.framing, of.body_sent


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_message_leads_where_it_leads_in_an_exchange(name: str) -> None:
    """After every one of them, what the rules look at is the same."""
    exchange, messages = SCRIPTS[name]
    standing = Standing.at_first(exchange.scope)
    seen, expected = [facts(standing)], [facts(exchange)]
    for message in messages:
        checked = check(message, standing)
        assert not isinstance(checked, Broken)
        standing = standing.sent(checked)
        seen.append(facts(standing))
        expected.append(facts(answered(exchange, message)))
    assert seen == expected


@pytest.mark.parametrize("message_type", ["http.disconnect", "websocket.disconnect"])
def test_a_disconnect_is_known_once_the_app_has_received_it(message_type: str) -> None:
    """Before that, an app has to go on as if its client were there."""
    standing = Standing.at_first({"type": "http"})
    assert not standing.received({"type": "http.request"}).disconnected
    assert standing.received({"type": message_type}).disconnected


def test_a_lifespan_stops_when_the_app_is_told_to() -> None:
    """An event of the app's own does not."""
    running = Standing({"type": "lifespan"}, LifespanState.RUNNING)
    assert running.received({"type": "lifespan.shutdown"}).state is LifespanState.STOPPING
    assert running.received({"type": "lifespan.startup"}).state is LifespanState.RUNNING


def test_a_standing_does_not_change() -> None:
    """So who remembers one can go back to it."""
    first = Standing.at_first({"type": "http", "method": "GET"})
    checked = check(start(), first)
    assert not isinstance(checked, Broken)
    assert first.sent(checked).state is HTTPState.STARTED
    assert first.state is HTTPState.REQUESTED
