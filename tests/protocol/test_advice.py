"""What is advised about a call that gets no further: the known shapes, and the whole text of each."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_lockstep._protocol.advice import advice
from asgi_lockstep._protocol.exchange import Exchange
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._types import Message
from helpers import body, start
from protocol.exchanges import Listening, Watching, answered, http, lifespan, websocket

ACCEPT = {"type": "websocket.accept"}
DENIAL = {"type": "websocket.http.response.start", "status": 403}

ENDLESS = (
    "The response has begun (206, 2 chunks), and a plain request waits for its end: read a response without an end "
    "with client.stream()."
)
BY_HAND = (
    "The app waits in receive() for the next piece of the request body: the test has to call exchange.send(chunk) or "
    "exchange.end() before it can wait for an answer."
)
WAITS_FOR_DISCONNECT = (
    "The app has read the whole request and waits in receive() for http.disconnect, which comes when the client goes "
    "away; and the client waits for the response. Send the rest of the response without waiting, or, in the test, use "
    "client.stream() and leave its block."
)
BOTH_RECEIVE = (
    "Both sides receive: the app waits for a message of the test, and the test for one of the app. Send something "
    "first, or leave the block to close the websocket."
)
HANDSHAKE = "The app has to answer the handshake: await websocket.accept or websocket.close on every path through it."
HALF_DENIAL = (
    "The denial response has no end: the app has to send websocket.http.response.body with more_body=False last."
)
HELD_BACK = (
    "The app stands in send() of GET /held until the test reads on: what it holds there (a lock, a connection of a "
    "pool) nobody else can get. Read it to the end, or leave it, before this call."
)


def alone(exchange: Exchange, *, busy: bool = False) -> str:
    """What is advised where nothing else runs."""
    return advice(exchange, [exchange], busy)


def receiving(exchange: Any) -> Any:
    """The exchange, with a task of its app that waits in `receive()`."""
    exchange.observe(Watching(receivers=Listening()))
    return exchange


def held(path: str = "/held") -> HTTPExchange:
    """A request whose app waits in `send()` until the test reads on."""
    exchange = answered(HTTPExchange({**http(b"").scope, "path": path}, b""), start(), body(b"x", more=True))
    exchange.observe(Watching(senders=Listening()))
    return exchange


# HTTP.


@pytest.mark.parametrize("busy", [False, True])
def test_a_response_without_an_end_cannot_be_collected(busy: bool) -> None:
    """Whatever its app waits for between two pieces."""
    exchange = http(b"", start(206), body(b"x", more=True), body(b"y", more=True), collect=True)
    assert alone(receiving(exchange), busy=busy) == ENDLESS


def test_a_stream_that_has_begun_is_no_response_without_an_end() -> None:
    """Its client reads it already."""
    exchange = http(b"", start(206), body(b"x", more=True))
    assert alone(exchange) == ""


def test_a_body_that_the_test_sends_by_hand_has_to_be_sent() -> None:
    """The app waits for it, and the test for an answer."""
    assert alone(receiving(http(None, by_hand=True))) == BY_HAND


def test_an_app_that_has_the_whole_request_waits_for_the_client_to_go() -> None:
    """Nothing else can come out of `receive()`."""
    exchange = http(b"")
    exchange.to_app()
    assert alone(receiving(exchange)) == WAITS_FOR_DISCONNECT


def test_a_body_that_was_sent_by_hand_to_its_end_is_a_whole_request() -> None:
    """The test has nothing more to send."""
    exchange = http(None, by_hand=True)
    exchange.feed(None)
    exchange.to_app()
    assert alone(receiving(exchange)) == WAITS_FOR_DISCONNECT


def test_an_app_that_waits_elsewhere_has_a_reason_of_its_own() -> None:
    """A task that waits in `receive()` beside it only listens for the end."""
    exchange = http(b"")
    exchange.to_app()
    assert alone(receiving(exchange), busy=True) == ""


def test_an_app_that_does_not_receive_is_no_known_shape() -> None:
    """The line at which it stands has to do."""
    assert alone(http(b"")) == ""


# WebSocket.


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize(
    ("sent", "text"), [([], HANDSHAKE), ([DENIAL], HALF_DENIAL)], ids=["no-answer", "half-a-denial"]
)
def test_a_handshake_needs_a_whole_answer(sent: list[Message], text: str, busy: bool) -> None:
    """Whatever the app waits for instead."""
    assert alone(receiving(websocket(*sent)), busy=busy) == text


def test_both_sides_of_a_websocket_receive() -> None:
    """Somebody has to begin."""
    assert alone(receiving(websocket(ACCEPT))) == BOTH_RECEIVE


def test_an_open_websocket_whose_app_waits_elsewhere_has_a_reason_of_its_own() -> None:
    """A task that receives beside it would go on with the next message, and the other would not."""
    assert alone(receiving(websocket(ACCEPT)), busy=True) == ""


def test_an_open_websocket_whose_app_does_not_receive_is_no_known_shape() -> None:
    """The line at which it stands has to do."""
    assert alone(websocket(ACCEPT)) == ""


# Lifespan.


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize("phase", ["startup", "shutdown"])
def test_a_lifespan_needs_an_answer_in_each_phase(phase: str, busy: bool) -> None:
    """lifespan.rst: complete, or failed."""
    exchange = lifespan()
    if phase == "shutdown":
        exchange.from_app({"type": "lifespan.startup.complete"})
        exchange.stop()
    assert alone(exchange, busy=busy) == (
        f'The app has to send "lifespan.{phase}.complete" (or "lifespan.{phase}.failed") when it has received '
        f'"lifespan.{phase}": where a framework does that, its function for the lifespan has to come to its '
        f"{'yield' if phase == 'startup' else 'end'}."
    )


# What others hold.


def test_another_response_that_the_test_has_not_read_may_hold_what_is_needed() -> None:
    """Its app goes on only when the test reads."""
    exchange, other = http(b""), held()
    assert advice(exchange, [other, exchange], busy=True) == HELD_BACK


def test_all_responses_that_the_test_has_not_read_are_named() -> None:
    """Any of them may be the one."""
    assert advice(None, [held("/one"), http(b""), held("/two")], busy=False) == (
        "The app stands in send() of GET /one and GET /two until the test reads on: what it holds there (a lock, a "
        "connection of a pool) nobody else can get. Read them to the end, or leave them, before this call."
    )


def test_the_response_that_is_waited_for_holds_nothing_back() -> None:
    """The test is reading it."""
    exchange = held()
    assert alone(exchange) == ""


def test_a_reason_of_its_own_comes_before_what_others_hold() -> None:
    """It is certain."""
    exchange = receiving(websocket(ACCEPT))
    assert advice(exchange, [held(), exchange], busy=False) == BOTH_RECEIVE


def test_a_wait_for_no_exchange_is_no_known_shape() -> None:
    """Such as one for background work to end."""
    assert advice(None, [http(b"")], busy=False) == ""


def test_an_exchange_of_another_kind_is_no_known_shape() -> None:
    """The base knows no protocol."""
    scope = {"type": "other"}
    exchange = Exchange(scope, {}, http(b"").state)
    assert alone(exchange) == ""
