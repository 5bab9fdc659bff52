"""One websocket: what the app receives, and what the client gets (www.rst: WebSocket).

What the app may not send is in test_websocket_mistakes.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from asgi_lockstep._protocol.websocket_exchange import UNREAD_LIMIT, WebSocketExchange
from asgi_lockstep._types import Message
from protocol.exchanges import counting, received, websocket
from websocket_apps import gone, heard, says

CONNECT = {"type": "websocket.connect"}
ACCEPT = {"type": "websocket.accept"}
DENIAL = {"type": "websocket.http.response.start", "status": 403, "headers": [(b"x-a", b"1")]}


def taken(exchange: WebSocketExchange) -> list[Message]:
    """The messages that are there for the client."""
    messages = []
    while exchange.to_client:
        messages.append(exchange.take())
    return messages


def close(**content: Any) -> Message:
    """`websocket.close`."""
    return {"type": "websocket.close", **content}


# What the app receives.


def test_a_message_of_the_client_is_told() -> None:
    """An app that waits in `receive()` is woken for it."""
    exchange = websocket(ACCEPT)
    told = counting(exchange)
    exchange.client_sends(heard("hi"))
    assert told == ["receive"]


def test_the_first_event_is_the_connect_and_the_next_waits_for_the_answer() -> None:
    """www.rst, Connect: nothing is received before the handshake was answered."""
    exchange = websocket()
    exchange.client_sends(heard("hi"))
    events = received(exchange)
    exchange.from_app(ACCEPT)
    assert events + received(exchange) == [CONNECT, None, heard("hi"), None]


def test_an_app_that_accepts_without_receiving_still_finds_the_connect_first() -> None:
    """www.rst, Connect: it is the first event, whenever it is read."""
    exchange = websocket(ACCEPT)
    exchange.client_sends(heard("hi"))
    assert received(exchange) == [CONNECT, heard("hi"), None]


def test_the_clients_disconnect_comes_after_what_it_sent_and_stays() -> None:
    """www.rst, Disconnect: messages that were sent before the close are delivered before it."""
    exchange = websocket(ACCEPT)
    for message in (heard("a"), heard("b"), gone(3001, "bye")):
        exchange.client_sends(message)
    assert received(exchange) == [CONNECT, heard("a"), heard("b"), gone(3001, "bye")]
    assert received(exchange) == [gone(3001, "bye")]


def test_a_client_that_leaves_in_the_handshake_is_heard_at_once() -> None:
    """www.rst, Disconnect: the connection is lost, and what was sent before an answer is lost with it."""
    exchange = websocket()
    exchange.client_sends(heard("hi"))
    exchange.disconnect(1006, None)
    assert received(exchange) == [CONNECT, gone(1006)]
    assert received(exchange) == [gone(1006)]


@pytest.mark.parametrize(
    ("message", "end"),
    [
        (close(), gone(1000)),
        (close(code=3001, reason="bye"), gone(3001, "bye")),
        (close(code=3001, reason=None), gone(3001)),
    ],
    ids=["default", "code-and-reason", "reason-none"],
)
def test_the_app_is_told_of_its_own_close(message: Message, end: Message) -> None:
    """www.rst, Disconnect: also sent when the app closes; after what the client had sent before, as servers have it."""
    exchange = websocket(ACCEPT)
    exchange.client_sends(heard("under way"))
    exchange.from_app(message)
    events = [CONNECT, heard("under way"), end]
    assert (received(exchange), exchange.close_code, exchange.close_reason) == (events, end["code"], end["reason"])


def test_an_app_that_has_denied_is_told_that_the_connection_is_gone() -> None:
    """extensions.rst, Websocket Denial Response: there is no close frame, so the code is 1006 (RFC 6455)."""
    exchange = websocket(DENIAL)
    events = received(exchange)
    exchange.from_app({"type": "websocket.http.response.body"})
    assert events + received(exchange) == [CONNECT, None, gone(1006)]


# What the client gets.


def test_what_the_app_sends_is_taken_in_order() -> None:
    """Messages wait for the client as they are, the answer to the handshake and the close among them."""
    messages = [{**ACCEPT, "subprotocol": "b"}, says("a"), {"type": "websocket.send", "bytes": b"b"}, close(code=1001)]
    exchange = websocket(*messages)
    told = counting(exchange)
    assert (taken(exchange), list(exchange.to_client), told) == (messages, [], [])


def test_a_message_can_be_looked_at_before_it_is_taken() -> None:
    """To look at the kind of a message does not take it."""
    exchange = websocket(ACCEPT, says("a"))
    peeked = (exchange.to_client[0], exchange.to_client[0])
    assert (peeked, taken(exchange)) == ((ACCEPT, ACCEPT), [ACCEPT, says("a")])


def test_the_handshake_is_answered_by_an_accept() -> None:
    """www.rst, Accept: from here on messages flow."""
    exchange = websocket()
    before = (exchange.answered, exchange.accept)
    exchange.from_app(ACCEPT)
    assert (before, exchange.answered, exchange.accept, exchange.denied) == ((False, None), True, ACCEPT, False)
    assert (exchange.close_code, exchange.close_reason) == (None, "")


def test_the_handshake_is_answered_by_a_close() -> None:
    """www.rst, Close: before the accept, it refuses the connection."""
    exchange = websocket(close(code=4000))
    assert (exchange.answered, exchange.accept, exchange.denied, exchange.close_code) == (True, None, False, 4000)


def test_the_handshake_is_answered_by_a_complete_denial() -> None:
    """extensions.rst, Websocket Denial Response: an HTTP response is the answer, once its body is complete."""
    first = {"type": "websocket.http.response.body", "body": b"no", "more_body": True}
    last = {"type": "websocket.http.response.body", "body": b"pe"}
    exchange = websocket(DENIAL)
    answered = [exchange.answered]
    for message in (first, last):
        exchange.from_app(message)
        answered.append(exchange.answered)
    assert (answered, exchange.denied, exchange.close_code) == ([False, False, True], True, None)
    assert (exchange.denial_status, exchange.denial_headers, bytes(exchange.denial_body)) == (
        403,
        [(b"x-a", b"1")],
        b"nope",
    )
    assert taken(exchange) == [DENIAL, first, last]


def test_headers_of_an_accept_may_be_any_iterable() -> None:
    """www.rst, Accept: `headers` is an iterable; that they were checked does not use them up."""
    exchange = websocket({**ACCEPT, "headers": iter([(b"x-a", b"1")])})
    assert exchange.accept is not None
    assert list(exchange.accept["headers"]) == [(b"x-a", b"1")]


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_a_buffer_that_the_app_uses_again_is_copied(kind: Any) -> None:
    """Servers have written a message when `send()` returns: what the app does to its buffer then is not seen."""
    buffer = bytearray(b"first")
    exchange = websocket(ACCEPT, {"type": "websocket.send", "bytes": kind(buffer)})
    buffer[:] = b"again"
    assert taken(exchange) == [ACCEPT, {"type": "websocket.send", "bytes": b"first"}]


def test_a_message_that_the_app_uses_again_is_copied() -> None:
    """An app may fill one dict again and again: the client gets what was in it each time."""
    exchange = websocket(ACCEPT)
    message = says("first")
    exchange.from_app(message)
    message["text"] = "second"
    exchange.from_app(message)
    assert taken(exchange) == [ACCEPT, says("first"), says("second")]


def test_a_send_waits_only_where_very_much_is_unread() -> None:
    """The buffers on the way are large, and not endless: at the limit, an app that only sends waits for its reader."""
    exchange = websocket(ACCEPT, *[says("x")] * (UNREAD_LIMIT - 2))
    must_wait = [exchange.app_must_wait]
    exchange.from_app(says("x"))
    must_wait.append(exchange.app_must_wait)
    exchange.take()
    must_wait.append(exchange.app_must_wait)
    assert must_wait == [False, True, False]


@pytest.mark.parametrize("last", [says("x"), close()], ids=["open", "closed-by-the-app"])
def test_no_send_waits_for_a_client_that_has_gone(last: Message) -> None:
    """What nobody will read keeps nobody waiting, whoever ended the websocket."""
    exchange = websocket(ACCEPT, *[says("x")] * UNREAD_LIMIT, last)
    exchange.disconnect(1000, "")
    assert exchange.app_must_wait is False


# How the client ends it.


@pytest.mark.parametrize(
    ("message", "end"),
    [
        ({"type": "websocket.disconnect"}, (1000, "")),
        ({"type": "websocket.disconnect", "code": 1005}, (1005, "")),
        ({"type": "websocket.disconnect", "code": 3001, "reason": None}, (3001, "")),
        (gone(3001, "bye"), (3001, "bye")),
    ],
    ids=["bare", "code", "reason-none", "code-and-reason"],
)
def test_a_disconnect_of_the_test_reaches_the_app_as_it_is(message: Message, end: tuple[int, str]) -> None:
    """www.rst, Disconnect: a missing reason is empty; the test may leave out what a server may leave out."""
    exchange = websocket(ACCEPT)
    told = counting(exchange)
    exchange.client_sends(message)
    assert (exchange.disconnected, exchange.close_code, exchange.close_reason, told) == (
        True,
        *end,
        ["client", "receive", "send"],
    )
    assert received(exchange) == [CONNECT, message]


def test_only_the_first_disconnect_counts() -> None:
    """A client can leave once; leaving again changes nothing and is told to nobody."""
    exchange = websocket(ACCEPT)
    exchange.disconnect(3001, "first")
    told = counting(exchange)
    exchange.disconnect(1000, "second")
    assert (received(exchange), exchange.close_code, told) == ([CONNECT, gone(3001, "first")], 3001, [])


def test_a_client_that_leaves_after_the_apps_close_changes_nothing() -> None:
    """The code is that of whoever closed first."""
    exchange = websocket(ACCEPT, close(code=3001))
    exchange.disconnect(1000, "")
    assert (received(exchange), exchange.close_code, exchange.disconnected) == ([CONNECT, gone(3001)], 3001, False)


def test_nothing_of_a_client_follows_its_disconnect() -> None:
    """RFC 6455 section 5.5.1: an endpoint sends nothing after its close, so nothing can be received after it."""
    exchange = websocket(ACCEPT)
    exchange.client_sends(gone(1000))
    events = received(exchange)
    exchange.client_sends(heard("too late"))
    assert events + received(exchange) == [CONNECT, gone(1000), gone(1000)]


def test_the_messages_for_the_client_can_be_looked_at() -> None:
    """They stay where they are."""
    exchange = websocket(ACCEPT, says("a"), says("b"))
    assert (exchange.pending, taken(exchange)) == ([ACCEPT, says("a"), says("b")],) * 2


@pytest.mark.parametrize(
    ("sent", "refused"),
    [
        ([], False),
        ([ACCEPT], False),
        ([ACCEPT, close()], False),
        ([DENIAL], False),
        ([close()], True),
        ([DENIAL, {"type": "websocket.http.response.body"}], True),
    ],
    ids=["nothing", "accept", "accept-close", "half-denial", "close", "denial"],
)
def test_a_handshake_is_refused_when_it_was_answered_by_anything_but_an_accept(
    sent: list[Message], refused: bool
) -> None:
    """www.rst, Close, and extensions.rst, Websocket Denial Response: once the answer is complete."""
    assert websocket(*sent).refused is refused
