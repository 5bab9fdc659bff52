"""A websocket connection without I/O: bytes go in and out, messages as ASGI has them come out."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from ..._httpx import httpx
from ..._protocol.websocket_exchange import ABNORMAL_CLOSURE
from ..._types import Message
from ..record import CALL_HEADER

#: What a request says that is no handshake, or that the library says itself.
_NOT_OF_HANDSHAKES = frozenset(
    (
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "sec-websocket-extensions",
        "sec-websocket-key",
        "sec-websocket-protocol",
        "sec-websocket-version",
        "transfer-encoding",
        "upgrade",
    )
)

#: What the answer to a handshake says that is of the handshake.
_OF_ANSWERS = frozenset(
    ("connection", "sec-websocket-accept", "sec-websocket-extensions", "sec-websocket-protocol", "upgrade")
)

_SUBPROTOCOLS = "sec-websocket-protocol"

#: RFC 6455 section 7.4.1: what a close frame without a code means, and one about content that is no UTF-8.
_NO_CODE, _INVALID_DATA = 1005, 1007


class Wire:
    """One websocket, from its handshake to its end.

    Args:
        request: the handshake as httpx would send it.
        subprotocols: what the client offers, the best first.
        call: what the server is to hear as `CALL_HEADER`.
    """

    def __init__(self, request: httpx.Request, subprotocols: Sequence[str] | None, call: str) -> None:
        if subprotocols is None and _SUBPROTOCOLS in request.headers:
            subprotocols = [name.strip() for name in request.headers[_SUBPROTOCOLS].split(",")]
        offered = None if subprotocols is None else [Subprotocol(name) for name in subprotocols]
        uri = parse_uri(str(request.url.copy_with(scheme="wss" if request.url.scheme == "https" else "ws")))
        self._protocol = ClientProtocol(uri, subprotocols=offered, max_size=None)
        self._protocol.send_request(self._handshake(request, call))
        #: What has come and was not received yet, the oldest first; a close is the last one.
        self.messages: deque[Message] = deque()
        #: Code and reason of whoever closed first, once somebody has.
        self.end: tuple[int, str] | None = None
        #: Whether that was the client.
        self.was_ended_here = False
        self._parts: list[bytes] = []
        self._is_text = False
        self._answer: Response | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._protocol.state.name.lower()}, {len(self.messages)} messages>"

    # The handshake.

    @property
    def is_answered(self) -> bool:
        """Whether the handshake is over, in one way or another."""
        return self._answer is not None or self._protocol.handshake_exc is not None

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self._protocol.state is State.OPEN

    @property
    def is_closed(self) -> bool:
        """Whether nothing can come any more."""
        return self._protocol.close_rcvd is not None or self._protocol.state is State.CLOSED

    @property
    def refusal(self) -> httpx.Response | None:
        """The response with which the handshake was refused."""
        exc = self._protocol.handshake_exc
        if not isinstance(exc, InvalidStatus):
            return None
        response = exc.response
        content = httpx.ByteStream(bytes(response.body or b""))  # `content=` would add a content-length
        refused = httpx.Response(response.status_code, headers=[*response.headers.raw_items()], stream=content)
        refused.read()
        return refused

    @property
    def mistake(self) -> str:
        """What is wrong with the answer to the handshake, in words; `""` for nothing."""
        exc = self._protocol.handshake_exc
        return "" if exc is None else f"{exc.__cause__ or exc}"

    @property
    def subprotocol(self) -> str | None:
        """What the app has chosen."""
        return self._protocol.subprotocol

    @property
    def accept_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of the answer, without those of the handshake."""
        pairs = [] if self._answer is None else [*self._answer.headers.raw_items()]
        return [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in pairs
            if name.lower() not in _OF_ANSWERS
        ]

    # Bytes.

    def outgoing(self) -> bytes:
        """What is to be sent now."""
        return b"".join(self._protocol.data_to_send())

    def feed(self, data: bytes) -> None:
        """Take what has come; `b""` is the end of the connection."""
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._take_frame(event)
            elif isinstance(event, Response):
                self._answer = event
        if self._protocol.state is State.CLOSED:
            self._ended(ABNORMAL_CLOSURE, "")

    # Frames.

    def send_text(self, data: str) -> None:
        """Send a text frame; nothing, where the websocket has ended."""
        if self.is_open:
            self._protocol.send_text(data.encode())

    def send_bytes(self, data: bytes) -> None:
        """Send a binary frame; nothing, where the websocket has ended."""
        if self.is_open:
            self._protocol.send_binary(data)

    def close(self, code: int, reason: str) -> None:
        """Close, if nobody has."""
        if self.is_open:
            self._protocol.send_close(code, reason)
        self._ended_here(code, reason)

    def lose(self) -> None:
        """The client has gone without a word."""
        self._ended_here(ABNORMAL_CLOSURE, "")
        self._protocol.receive_eof()

    def _take_frame(self, frame: Frame) -> None:
        if frame.opcode is Opcode.CLOSE:
            closed = self._protocol.close_rcvd
            self._ended(*((closed.code, closed.reason) if closed else (_NO_CODE, "")))
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            if frame.opcode is not Opcode.CONT:
                self._is_text = frame.opcode is Opcode.TEXT
            self._parts.append(bytes(frame.data))
            if frame.fin:
                self._take_message()

    def _take_message(self) -> None:
        content = b"".join(self._parts)
        self._parts.clear()
        if not self._is_text:
            self.messages.append({"type": "websocket.send", "bytes": content})
            return
        try:
            self.messages.append({"type": "websocket.send", "text": content.decode()})
        except UnicodeDecodeError as exc:
            self._protocol.fail(_INVALID_DATA, str(exc))

    def _ended_here(self, code: int, reason: str) -> None:
        """The client has closed, or gone; what happened first counts."""
        if self.end is None:
            self.end = code, reason
            self.was_ended_here = True

    def _ended(self, code: int, reason: str) -> None:
        """The server has closed, or the connection has ended; what happened first counts."""
        if self.end is None:
            self.end = code, reason
            self.messages.append({"type": "websocket.close", "code": code, "reason": reason})

    def _handshake(self, request: httpx.Request, call: str) -> Request:
        handshake = self._protocol.connect()
        if "host" in request.headers:
            del handshake.headers["Host"]
            handshake.headers["Host"] = request.headers["host"]
        for name, value in request.headers.multi_items():
            if name not in _NOT_OF_HANDSHAKES:
                handshake.headers[name] = value
        handshake.headers[CALL_HEADER] = call
        return handshake
