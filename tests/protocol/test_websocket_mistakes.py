"""What an app may not send on a websocket, sends without a client, and the `repr` of a websocket."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_lockstep._protocol.exchange import ClientDisconnected
from asgi_lockstep._protocol.websocket_exchange import WebSocketExchange
from asgi_lockstep._types import Message
from protocol.exchanges import counting, refusal, said, websocket

ACCEPT = {"type": "websocket.accept"}
CLOSE = {"type": "websocket.close"}
SEND = {"type": "websocket.send"}
DENIAL = {"type": "websocket.http.response.start", "status": 403}
DENIAL_BODY = {"type": "websocket.http.response.body"}


def seen(exchange: WebSocketExchange) -> dict[str, object]:
    """Everything that a client sees of the websocket, and what the app would receive after the connect."""
    names = (
        "state",
        "accept",
        "close_code",
        "close_reason",
        "denial_status",
        "denial_headers",
        "denied",
    )
    return {"denial_body": bytes(exchange.denial_body), **{name: getattr(exchange, name) for name in names}}


BYTES = "bytes"
PAIR = "must be two byte strings"
BOTH = '"{}" has both "text" and "bytes", and needs one of them.'
EITHER = '"websocket.send" needs either "text" or "bytes", and not both.'

#: What was sent before, the message, and the sentence about it.
MISTAKES: list[Any] = [
    pytest.param(
        [], {**ACCEPT, "headers": [("a", "b")]}, f"A header of \"{{}}\" is ('a', 'b'), and {PAIR}.", id="header"
    ),
    pytest.param(
        [],
        {**ACCEPT, "subprotocol": b"a"},
        'The "subprotocol" of "{}" is b\'a\', and must be str or NoneType.',
        id="sub",
    ),
    pytest.param([ACCEPT], SEND, EITHER, id="send-neither"),
    pytest.param(
        [ACCEPT],
        {**SEND, "text": None, "bytes": None},
        EITHER,
        id="send-both-none",
    ),
    pytest.param([ACCEPT], {**SEND, "text": "a", "bytes": b"a"}, BOTH, id="send-both"),
    pytest.param(
        [ACCEPT], {**SEND, "text": b"a"}, 'The "text" of "{}" is b\'a\', and must be str or NoneType.', id="text-bytes"
    ),
    pytest.param(
        [ACCEPT],
        {**SEND, "bytes": "a"},
        f'The "bytes" of "{{}}" is \'a\', and must be {BYTES} or NoneType.',
        id="bytes",
    ),
    pytest.param(
        [ACCEPT], {**CLOSE, "code": "1000"}, 'The "code" of "{}" is \'1000\', and must be int.', id="code-str"
    ),
    pytest.param([ACCEPT], {**CLOSE, "code": None}, 'The "code" of "{}" is None, and must be int.', id="code-none"),
    pytest.param(
        [ACCEPT], {**CLOSE, "reason": b"a"}, 'The "reason" of "{}" is b\'a\', and must be str or NoneType.', id="reason"
    ),
    pytest.param(
        [], {**DENIAL, "status": "403"}, 'The "status" of "{}" is \'403\', and must be int.', id="denial-status-str"
    ),
    pytest.param([], {**DENIAL, "headers": [5]}, f'A header of "{{}}" is 5, and {PAIR}.', id="denial-header"),
    pytest.param(
        [],
        {**DENIAL, "status": None, "headers": [(b"x-a", b"1")]},
        'The "status" of "{}" is None, and must be int.',
        id="denial-status-none",
    ),
    pytest.param(
        [DENIAL], {**DENIAL_BODY, "body": "a"}, f'The "body" of "{{}}" is \'a\', and must be {BYTES}.', id="denial-body"
    ),
]


@pytest.mark.parametrize(("sent", "message", "sentence"), MISTAKES)
def test_content_of_the_wrong_kind_is_refused(sent: list[Message], message: Message, sentence: str) -> None:
    """www.rst, Accept, Send and Close; asgi.rst, Strings and Unicode: the text shows the value and what it must be."""
    text = said(refusal(websocket(*sent), message))
    assert text.partition(" The app broke ")[0] == sentence.format(message["type"])


@pytest.mark.parametrize(("sent", "message", "sentence"), MISTAKES)
def test_a_refused_message_has_not_been_sent(sent: list[Message], message: Message, sentence: str) -> None:
    """Nothing of it is left: an app that handles the error can send the right message instead."""
    exchange = websocket(*sent)
    before = seen(exchange)
    told = counting(exchange)
    refusal(exchange, message)
    assert (seen(exchange), told) == (before, [])


@pytest.mark.parametrize(
    ("sent", "message", "rest"),
    [
        (
            [],
            {**ACCEPT, "subprotocol": 5},
            (
                '(handshake not answered): it may send "websocket.accept" or "websocket.close" or '
                '"websocket.http.response.start" now.'
            ),
        ),
        (
            [ACCEPT],
            {**CLOSE, "code": "1000"},
            '(accepted): it may send "websocket.send" or "websocket.close" now.',
        ),
        (
            [DENIAL],
            {**DENIAL_BODY, "body": 5},
            '(denial response started): it may send "websocket.http.response.body" now.',
        ),
    ],
    ids=["accept", "close", "denial-body"],
)
def test_a_refusal_names_the_state_in_which_the_message_was_sent(
    sent: list[Message], message: Message, rest: str
) -> None:
    """The websocket stands where it stood, and what may be sent now is the same message with the right content."""
    text = said(refusal(websocket(*sent), message))
    assert text.partition(" The app broke ASGI in WEBSOCKET /chat ")[2] == rest


@pytest.mark.parametrize("reason", [[{"loc": ["query"]}], b"bytes"], ids=["list", "bytes"])
def test_nobody_looks_at_the_reason_of_a_close_before_the_accept(reason: object) -> None:
    """www.rst, Close: the handshake is refused with a plain 403; FastAPI sends its validation errors as reason."""
    exchange = websocket({**CLOSE, "code": 1008, "reason": reason})
    assert (exchange.close_code, exchange.close_reason) == (1008, reason)


def test_a_client_that_leaves_after_a_refused_close_gives_the_close_code() -> None:
    """The close that was refused has closed nothing, so whoever leaves first is the client."""
    exchange = websocket(ACCEPT)
    refusal(exchange, {**CLOSE, "code": 3001, "reason": 5})
    exchange.disconnect(1001, "away")
    assert (exchange.close_code, exchange.close_reason) == (1001, "away")


@pytest.mark.parametrize(
    "kind",
    [bytes, bytearray, memoryview, lambda data: memoryview(data * 2)[::2]],
    ids=["bytes", "bytearray", "view", "strided"],
)
def test_a_denial_body_is_any_kind_of_bytes(kind: Any) -> None:
    """extensions.rst, Websocket Denial Response: it is what `http.response.body` is, and takes what that takes."""
    exchange = websocket(DENIAL, {**DENIAL_BODY, "body": kind(b"aaa")})
    assert bytes(exchange.denial_body) == b"aaa"


@pytest.mark.parametrize(
    "message", [{**SEND, "text": "a"}, CLOSE, {"type": "unknown"}], ids=["send", "close", "unknown"]
)
def test_a_send_after_the_client_has_gone_raises(message: Message) -> None:
    """www.rst, Disconnected Client: `send()` raises a subclass of OSError, and nothing was sent."""
    exchange = websocket(ACCEPT)
    exchange.disconnect(3001, "bye")
    before = seen(exchange)
    with pytest.raises(OSError, match=r"^the client of WEBSOCKET /chat has disconnected$") as caught:
        exchange.from_app(message)
    assert (type(caught.value), seen(exchange)) == (ClientDisconnected, before)


def test_a_send_after_the_apps_own_close_is_a_mistake_with_a_client_or_without() -> None:
    """www.rst, Close: it is the last message, and that the client left too does not make another one right."""
    exchange = websocket(ACCEPT, CLOSE)
    exchange.disconnect(1000, "")
    assert said(refusal(exchange, {**SEND, "text": "a"})) == (
        'Received "websocket.send" after the app has closed the websocket. The app broke ASGI in WEBSOCKET /chat '
        "(closed by the app): it may send nothing more now."
    )


# The live state, as errors and debuggers show it.


def test_the_repr_counts_what_waits_on_both_sides() -> None:
    """Who has something to read can move."""
    exchange = websocket(ACCEPT, {**SEND, "text": "a"})
    exchange.to_app()
    assert repr(exchange) == ("<WEBSOCKET /chat: accepted; 0 messages wait for the app, 2 for the test; app running>")


@pytest.mark.parametrize(("reason", "shown"), [("", "3001"), ("bye", "3001 bye")])
def test_the_repr_shows_how_the_websocket_ended(reason: str, shown: str) -> None:
    """The close code, the reason if there is one, and the end of the app."""
    exchange = websocket({**CLOSE, "code": 3001, "reason": reason})
    exchange.app_returned()
    assert repr(exchange) == (
        f"<WEBSOCKET /chat: closed by the app, ended with {shown}; "
        "1 messages wait for the app, 1 for the test; app returned>"
    )


@pytest.mark.parametrize("subprotocol", ["a", "b", None])
def test_a_subprotocol_that_was_offered_or_none_is_accepted(subprotocol: str | None) -> None:
    """RFC 6455 section 4.1: a client fails the connection for any other."""
    exchange = websocket({"type": "websocket.accept", "subprotocol": subprotocol})
    assert exchange.accept == {"type": "websocket.accept", "subprotocol": subprotocol}
