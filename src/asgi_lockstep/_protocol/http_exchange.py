"""One HTTP request with its response (www.rst: HTTP)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from itertools import islice
from typing import Any

from .._types import Message, Scope
from .ending_rules import has_whole_body
from .exchange import NOTHING, WAIT, YIELD, AppEnd, ClientDisconnected, Hold
from .file_pieces import descriptor_pieces, path_pieces
from .framing import framing_of
from .http_request import HTTPRequest
from .rule_book import BY_ITSELF, RuleBook
from .rules import Content
from .scope import announced_version
from .servers import UVICORN, Server
from .tables import HTTP, HTTPState, State

#: www.rst, spec version 2.4: from here on `send()` to a client that has gone raises.
_SEND_RAISES_SINCE = (2, 4)

#: After how many chunks of a collected body the app's `send()` lets others run.
_YIELD_EVERY = 64


#: Looked up for every message; see `exchange.NOTHING`.
_REQUESTED, _STARTED_TRAILERS, _COMPLETE = HTTPState.REQUESTED, HTTPState.STARTED_TRAILERS, HTTPState.COMPLETE


#: The types of the messages that tell of other resources.
HINTS = frozenset(("http.response.early_hint", "http.response.push"))


class HTTPExchange(HTTPRequest):
    """A request as the app reads it and a response as the app sends it.

    Args:
        scope: the HTTP scope.
        body: the whole request body, or None if it is fed piece by piece with `feed()`.
        body_chunks: how many bytes of it an event has at most; None for `EVENT_SIZE`.
        by_hand: True if the pieces of the request body come when the test sends them, and not when the app asks.
        upload_limit: after how many bytes of the request body the client goes away; None for not at all.
        collect: True if the client wants the whole body at once: then no `send()` waits for a reader.
        detached: True if nobody waits for what the app does after its response.
        rule_book, server: as in `Exchange`.
        download_limit: after how many bytes of the response body the client goes away; None for not at all. A client
            with a download limit takes the response piece by piece.
    """

    status = 0
    #: What the client has taken, and what the app has sent, in bytes and pieces.
    bytes_read = bytes_collected = chunks_sent = 0
    debug: dict[str, Any] | None = None
    #: Whether the last message was a chunk of the body that left the state as it was, and nothing says how long the
    #: body is: then another one will, too.
    _flows = False
    #: What is left of a file that the app sends, while a client reads it piece by piece.
    _file: Iterator[bytes] | None = None

    def __init__(
        self,
        scope: Scope,
        body: bytes | None,
        *,
        collect: bool = False,
        body_chunks: int | None = None,
        detached: bool = False,
        by_hand: bool = False,
        upload_limit: int | None = None,
        download_limit: int | None = None,
        rule_book: RuleBook = BY_ITSELF,
        server: Server = UVICORN,
    ) -> None:
        # What the constructors of both bases would set, each called from the next: half a microsecond of each request.
        self.scope, self.rule_book, self.server = scope, rule_book, server
        self.state, self._table = _REQUESTED, HTTP
        self.by_hand = by_hand
        self._upload_limit = upload_limit
        self._pieces: deque[bytes] = deque()
        self.has_whole_request = self._whole_body_here = body is not None
        if body:
            self._has_body(body, body_chunks)
        elif body is not None:
            self._pieces.append(body)
        self.collect = collect and download_limit is None
        self.detached = detached
        self.headers: list[tuple[bytes, bytes]] = []
        self.trailers: list[tuple[bytes, bytes]] = []
        self._download_limit = download_limit
        self._chunks: deque[bytes] = deque()

    def __repr__(self) -> str:
        waits = ", the app waits for the request body" if self.wants_body else ""
        gone = ", client disconnected" if self.disconnected else ""
        return (
            f"<{self.request}: {self.state.value}{waits}{gone}; {self._upload_words}; response body: {self.bytes_read} "
            f"bytes taken, {len(self._chunks)} chunks waiting; {self.app_words}>"
        )

    # The client's side.

    @cached_property
    def hints(self) -> dict[str, list[Message]]:
        """Early hints and pushes by message type, as they were sent."""
        return {message_type: [] for message_type in sorted(HINTS)}

    @property
    def started(self) -> bool:
        """Whether status and headers are known."""
        return self.state is not _REQUESTED

    @property
    def is_delivered(self) -> bool:
        """Whether the client has the whole body, whether the app has said that it was the last piece or not."""
        if self.state is not HTTPState.STARTED:
            return self.state is _COMPLETE
        return has_whole_body(self)

    @property
    def complete(self) -> bool:
        """Whether the client has everything that belongs to the response."""
        return self.state is _COMPLETE and (self.collect or not self._chunks)

    @property
    def is_whole(self) -> bool:
        return self.collect and self.app_end != "running" and not self.disconnected

    @property
    def done(self) -> bool:
        """Whether the client has nothing more to wait for."""
        return self.ended or (self.detached and self.complete)

    @property
    def detached_failure(self) -> bool:
        """Whether the app failed where nobody waited for it: behind a complete response."""
        return self.detached and self.exception is not None and self.state is _COMPLETE

    @property
    def answered(self) -> bool:
        """Whether it is known what the client gets: a response, or none any more."""
        return self.started or self.ended or self.disconnected

    @property
    def has_chunk(self) -> bool:
        """Whether a piece of the response body is there to be taken."""
        return bool(self._chunks)

    @property
    def pending(self) -> list[bytes]:
        """The pieces of the response body that are there to be taken, oldest first."""
        return [chunk for chunk in self._chunks if chunk]

    def take_chunk(self) -> bytes:
        """Take the oldest piece of the response body; the app's `send()` goes on."""
        chunk = self._chunks.popleft()
        if self._file is not None:
            self._next_of_file()
        if self._download_limit is not None:
            chunk = self._up_to_limit(chunk, self._download_limit - self.bytes_read)
        self.bytes_read += len(chunk)
        if self.observer.senders is not None:
            self.observer.senders.fire()
        if self.complete:
            self.wants_body = False
            if self.observer.receivers is not None:
                self.observer.receivers.fire()
        return chunk

    def take_flowing(self) -> bytes | None:
        """Take a piece in the middle of the body; None if there is none, or it needs a closer look.

        The short way of `take_chunk()`, and with it of the steps `read_chunk()`, for a piece behind which nothing but
        the next one comes. `tests/client/test_short_ways.py` compares both.
        """
        if self._flows and self._chunks and self._download_limit is None and self.app_end == "running":
            chunk = self._chunks.popleft()
            self.bytes_read += len(chunk)
            if self.observer.senders is not None:
                self.observer.senders.fire()
            return chunk
        return None

    def _up_to_limit(self, chunk: bytes, room: int) -> bytes:
        """What the client still takes of `chunk` before it goes away; all of it where that completes the response.

        Args:
            room: how many bytes are left to its limit.
        """
        if len(chunk) < room or (len(chunk) == room and self.complete):
            return chunk
        self._go_away("download")
        return chunk[:room]

    def drop_empty_chunks(self) -> None:
        """Take the last chunks, if they are empty: a client that has read all but those has read the whole response.

        No others: the app would go on from its `send()`, and on trio what is on its way cannot be cancelled any more.
        """
        if self.state is _COMPLETE and not self.pending:
            while self._chunks:
                self.take_chunk()

    @property
    def body(self) -> bytes:
        """Everything that is there of the response body; it stays where it is."""
        return b"".join(self._chunks)

    def disconnect(self) -> None:
        """Have the client go away, as far as the app can tell: that finds `http.disconnect`. What is unread is lost."""
        self.left_early = self.left_early or not self.complete
        self.disconnected = True
        self.wants_body = self._flows = False
        self._chunks.clear()
        self._file = None
        self._all_may_go_on()

    # The app's side.

    def _ends_early(self, how: AppEnd) -> None:
        if self.state is _REQUESTED and not self.disconnected:
            # Nobody gets this where exceptions of the app are raised in the test.
            self.status, self.headers = 500, [*self.server.error_headers]
            if self.scope["method"] != "HEAD":
                self._chunks.append(self.server.error_body)

    def from_app(self, message: Message) -> Hold:
        # The short way of `Exchange.from_app()`: a piece in the middle of a body, which nearly all are, comes to what
        # `check()` and `_take()` come to. A message that may be anything else has changed nothing here.
        # `test_a_later_piece_is_taken_as_the_first` compares both.
        if self._flows and type(message) is dict and message.get("type") == "http.response.body":
            chunk = message.get("body")
            if type(chunk) is bytes and chunk and message.get("more_body") is True:
                self._chunks.append(chunk)
                self.bytes_collected += len(chunk)
                client = self.observer.client
                if client is not None:
                    client.fire()
                self.chunks_sent += 1
                return self._hold() if self.collect else WAIT
        return super().from_app(message)

    @property
    def app_must_wait(self) -> bool:
        return bool(self._chunks) and not self.collect

    def _hold(self) -> Hold:
        """What `send()` has to do after another piece of the body."""
        if not self.collect:
            return WAIT
        # A body that is collected has no reader that would ever hold an endless app back.
        return YIELD if self.chunks_sent % _YIELD_EVERY == _YIELD_EVERY - 1 else NOTHING

    def _ignores_after_disconnect(self) -> bool:
        if self.complete:
            return False
        if announced_version(self.scope) >= _SEND_RAISES_SINCE:
            raise ClientDisconnected(self)
        return True

    def _take(self, message_type: str, content: Content, after: State, message: Message) -> Hold:
        self._flows = False
        hold = NOTHING
        match message_type:
            case "http.response.start":
                self.status, self.headers = content["status"], content["headers"]
                self.framing = framing_of(self.scope["method"], self.status, content["headers"].lengths)
                self.declared_trailers = after is _STARTED_TRAILERS
            case "http.response.body":
                chunk, no_body = content["body"], self.framing.has_no_body
                self.body_sent += len(chunk)
                # An empty chunk waits to be taken like any other, so that a stream holds the app back in the same way.
                if not self.collect or chunk:
                    self._keep(b"" if no_body else chunk)
                self._flows = after is self.state and not no_body and self.framing.declared is None
                self.chunks_sent += 1
                hold = self._hold()
            case "http.response.trailers":
                self.trailers.extend(content["headers"])
            case "http.response.debug":
                self.debug = content["info"]
            case "http.response.pathsend":
                hold = self._send_file(partial(path_pieces, content["path"]))
            case "http.response.zerocopysend":
                read = partial(descriptor_pieces, content["file"], content["offset"], content["count"])
                hold = self._send_file(read)
            case _:  # http.response.early_hint, http.response.push
                self.hints[message_type].append(dict(content))
        if after is _COMPLETE and (self.collect or not self._chunks):
            self.wants_body = False  # what is left of the request body nobody can receive any more
        return hold

    def _keep(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self.bytes_collected += len(chunk)

    def _send_file(self, read: Callable[[], Iterator[bytes]]) -> Hold:
        """Deliver a file as the body: all of it at once, or as it is taken, so that any size fits into memory."""
        pieces = iter([b""]) if self.framing.has_no_body else read()
        if self.collect:
            for piece in filter(None, pieces):
                self._keep(piece)
            return NOTHING
        self._file = pieces
        self._next_of_file()
        return WAIT

    def _next_of_file(self) -> None:
        if not self._chunks and self._file is not None:
            self._chunks.extend(islice(self._file, 1))
