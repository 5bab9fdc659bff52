"""One HTTP request, as its app reads it (www.rst: Request)."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Literal

from .._types import Message
from .exchange import Exchange
from .rules import SPECIFICATIONS
from .tables import HTTPState

#: How many bytes of a body an event has at most; servers hand on what one read of the socket has brought.
EVENT_SIZE = 65_536


class HTTPRequest(Exchange):
    """The request of an exchange, and who of both has gone away in it. It is made as a part of `HTTPExchange`."""

    section = f"{SPECIFICATIONS}/www.html#http"
    state: HTTPState
    whole = HTTPState.COMPLETE

    #: How much of the request the app has taken, in bytes, and whether that is all of it.
    bytes_uploaded = 0
    upload_done = False
    #: True while the app waits for a piece of the request body that nobody has fed yet.
    wants_body = False
    #: The side whose limit made the client go away.
    cut_off: Literal["upload", "download"] | None = None
    #: Whether the client went away before it had the whole response.
    left_early = False

    # What the constructor of `HTTPExchange` sets.
    _upload_limit: int | None
    _pieces: deque[bytes]
    #: Whether the whole request was there when the exchange was made.
    has_whole_request: bool
    _whole_body_here: bool

    def _has_body(self, body: bytes, body_chunks: int | None) -> None:
        """The request has a body, which is here as a whole, in events of so many bytes; None for `EVENT_SIZE`."""
        self._pieces.extend(_cut(body, body_chunks or EVENT_SIZE))
        if self.server.ends_bodies_with_nothing:
            self._pieces.append(b"")

    @property
    def _upload_words(self) -> str:
        if self.has_whole_request and not self.bytes_uploaded and not any(self._pieces):
            return "no request body"
        return f"request body: {self.bytes_uploaded} bytes read{'' if self.upload_done else ', more to come'}"

    @property
    def complete(self) -> bool:
        """Whether the client has the whole response."""
        raise NotImplementedError

    def disconnect(self) -> None:
        """Have the client go away."""
        raise NotImplementedError

    def feed(self, piece: bytes | None) -> None:
        """Hand the app the next piece of the request body, in bytes; None is the end of it."""
        if piece is None:
            self._whole_body_here = True
            piece = b""
        self._pieces.extend(_cut(piece, EVENT_SIZE))
        self.wants_body = False
        if self.observer.receivers is not None:
            self.observer.receivers.fire()

    def _go_away(self, side: Literal["upload", "download"]) -> None:
        self.cut_off, self.left_early = side, True
        self.disconnect()

    def to_app(self) -> Message | None:
        if self._upload_limit == 0 and not self.disconnected:
            self._go_away("upload")
        if self.disconnected or self.complete:
            return {"type": "http.disconnect"}
        if self._pieces:
            return self._next_piece()
        if not self.upload_done and not self.wants_body and not self.by_hand:
            self.wants_body = True
            if self.observer.client is not None:
                self.observer.client.fire()
        return None

    def _next_piece(self) -> Message:
        piece, room = self._pieces.popleft(), None
        if self._upload_limit is not None:
            room = self._upload_limit - self.bytes_uploaded
            if len(piece) > room:
                self._pieces.appendleft(piece[room:])
                piece = piece[:room]
        self.bytes_uploaded += len(piece)
        self.upload_done = self._whole_body_here and not self._pieces
        if len(piece) == room:
            self._go_away("upload")
        return {"type": "http.request", "body": piece, "more_body": not self.upload_done}


def _cut(body: bytes, size: int) -> Sequence[bytes]:
    """`body` in pieces of `size` bytes; an empty one is one piece."""
    if len(body) <= size:
        return (body,)
    return [body[begin : begin + size] for begin in range(0, len(body), size)]
