"""A websocket connection without I/O, opposite to the server side of `websockets`, byte by byte."""

from __future__ import annotations

import httpx2
import pytest
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from asgi_lockstep._live.clients.wire import Wire


class Pair:
    """A wire, and the server that it talks to.

    Args:
        subprotocols: what the client offers.
        headers: of the handshake.
        step: how many bytes arrive at once.
    """

    def __init__(self, subprotocols: list[str] | None = None, headers: object = None, step: int = 1) -> None:
        asked = httpx2.Request("GET", "http://host:8000/a?b=c", headers=headers)  # type: ignore[arg-type]
        self.wire = Wire(asked, subprotocols, "7")
        self.server = ServerProtocol(select_subprotocol=lambda _, offered: offered[-1] if offered else None)
        self._step = step
        self.server.receive_data(self.wire.outgoing())
        (request,) = self.server.events_received()
        assert isinstance(request, Request)
        self.request = request

    def accept(self) -> Pair:
        """Answer the handshake as the server would."""
        self.server.send_response(self.server.accept(self.request))
        self.deliver()
        return self

    def deliver(self) -> None:
        """Carry what the server has sent to the client, and back what that answers."""
        data = b"".join(self.server.data_to_send())
        for begin in range(0, len(data), self._step):
            self.wire.feed(data[begin : begin + self._step])
        if answer := self.wire.outgoing():
            self.server.receive_data(answer)


def test_the_handshake_is_that_of_the_request() -> None:
    """With its target and its headers, those of its own in place of what the request says, and the call."""
    pair = Pair(["a"], {"x-own": "1", "host": "other", "connection": "close", "accept-encoding": "gzip"})
    headers = pair.request.headers
    assert pair.request.path == "/a?b=c"
    assert [*headers.get_all("Host")] == ["other"]
    assert (headers["X-Own"], headers["Connection"], headers["x-asgi-lockstep-call"]) == ("1", "Upgrade", "7")
    assert "Accept-Encoding" not in headers


def test_subprotocols_can_be_a_header() -> None:
    """As with `TestClient`."""
    pair = Pair(None, {"sec-websocket-protocol": "b, a"}).accept()
    assert (pair.wire.is_open, pair.wire.subprotocol) == (True, "a")


def test_messages_are_put_together() -> None:
    """Of fragments, in whatever pieces the bytes arrive; pings are answered, and no messages."""
    pair = Pair(step=3).accept()
    pair.server.send_text(b"\xc3", fin=False)
    pair.server.send_ping(b"in between")
    pair.server.send_continuation(b"\xa9", fin=True)
    pair.server.send_binary(b"\x00")
    pair.deliver()
    assert [*pair.wire.messages] == [
        {"type": "websocket.send", "text": "é"},
        {"type": "websocket.send", "bytes": b"\x00"},
    ]
    (pong,) = [event for event in pair.server.events_received() if isinstance(event, Frame)]
    assert (pong.opcode, bytes(pong.data)) == (Opcode.PONG, b"in between")


def test_a_text_that_is_no_utf8_fails_the_websocket() -> None:
    """RFC 6455 section 8.1."""
    pair = Pair().accept()
    pair.server.send_text(b"\xff")
    pair.deliver()
    assert pair.server.close_rcvd is not None
    assert (pair.server.close_rcvd.code, [*pair.wire.messages]) == (1007, [])


def test_a_close_is_the_last_message() -> None:
    """It is answered, and what comes then is nothing new."""
    pair = Pair().accept()
    pair.server.send_text(b"x")
    pair.server.send_close(4001, "why")
    pair.deliver()
    pair.wire.feed(b"")
    assert [*pair.wire.messages] == [
        {"type": "websocket.send", "text": "x"},
        {"type": "websocket.close", "code": 4001, "reason": "why"},
    ]
    assert (pair.wire.end, pair.wire.is_closed, pair.wire.is_open) == ((4001, "why"), True, False)
    assert pair.server.close_rcvd == Close(4001, "why")


def test_a_close_without_a_code_is_1005() -> None:
    """RFC 6455 section 7.1.5."""
    pair = Pair().accept()
    pair.server.send_close()
    pair.deliver()
    assert pair.wire.end == (1005, "")


def test_a_connection_that_ends_is_1006() -> None:
    """RFC 6455 section 7.1.5."""
    pair = Pair().accept()
    pair.wire.feed(b"")
    assert [*pair.wire.messages] == [{"type": "websocket.close", "code": 1006, "reason": ""}]


def test_whoever_closes_first_counts() -> None:
    """The answer to our own close is no message."""
    pair = Pair().accept()
    pair.wire.close(3001, "bye")
    pair.server.receive_data(pair.wire.outgoing())
    pair.deliver()
    pair.wire.send_text("lost")
    pair.wire.close(3002, "again")
    assert (pair.wire.end, [*pair.wire.messages], pair.wire.is_closed) == ((3001, "bye"), [], True)


def test_a_refusal_is_a_response() -> None:
    """With status, headers and body."""
    pair = Pair()
    pair.wire.feed(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\nx-why: token\r\n\r\nno")
    refusal = pair.wire.refusal
    assert refusal is not None
    assert (refusal.status_code, refusal.headers["x-why"], refusal.content) == (401, "token", b"no")
    assert pair.wire.is_answered


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "missing Connection header"),
        (b"nonsense\r\n\r\n", "nonsense"),
        (b"", ""),  # whatever it says of that
    ],
)
def test_an_answer_that_is_none_is_a_mistake(answer: bytes, mistake: str) -> None:
    """In the words of the library."""
    wire = Pair().wire
    wire.feed(answer)
    assert wire.is_answered
    assert wire.refusal is None
    assert wire.mistake
    assert mistake in wire.mistake
