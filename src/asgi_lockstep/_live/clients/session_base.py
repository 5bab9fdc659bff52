"""What the state of a live websocket means for the test: everything that both sessions decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ..._client.entrances import Explains
from ..._client.options import GRACE
from ..._client.values import checked_limit
from ..._client.websocket.frames import any_message, disconnect_message
from ..._client.websocket.handshake import extract_cookies
from ..._client.websocket_errors import denial, disconnected
from ..._httpx import httpx
from ..._types import Message
from ...errors import SessionNotOpen, UsageError, WrongFrame
from .failures import Cause
from .handshake import HandshakeReady, Opening
from .time_limits import timed_out

if TYPE_CHECKING:
    from .wire import Wire

#: How a websocket ends whose app has failed: without a close, with an error, without a code (it depends on the server).
_OF_FAILURES = (1005, 1006, 1011)


class LiveSessionBase(Explains):
    """State and decisions of a live websocket session; the sync and async classes add the waiting.

    Args:
        opening: how it is opened.
    """

    #: What the error about a session outside of its block suggests.
    _enter = "with"

    #: The handshake, the connection, and the call of the app; an async session has them when it is entered.
    _ready: HandshakeReady
    _wire: Wire
    _cause: Cause

    def __init__(self, opening: Opening) -> None:
        #: The subprotocol that the app has accepted, or None.
        self.accepted_subprotocol: str | None = None
        #: The raw header pairs of the accept, or None before it.
        self.extra_headers: list[tuple[bytes, bytes]] | None = None
        self._opening = opening
        self._was_entered = self._is_open = False

    def _prepare(self, ready: HandshakeReady) -> None:
        """The handshake has passed httpx's pipeline."""
        self._ready = ready
        self._cause = self._opening.cause(ready.request)
        self._wire = self._opening.wire(ready.request, self._cause)

    def _explain(self, exception: BaseException) -> None:
        self._opening.serving.record.timeline.fails(exception)

    def __repr__(self) -> str:
        if not self._was_entered:
            return f"<{type(self).__name__}, not opened yet>"
        return f"<{type(self).__name__} of {self._path}, {'open' if self._is_open else 'ended'}: {self._wire!r}>"

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the app has accepted, or None."""
        return self.accepted_subprotocol

    @property
    def headers(self) -> httpx.Headers:
        """The headers of the accept; those of the server are among them."""
        return httpx.Headers(self.extra_headers)

    @property
    def close_code(self) -> int | None:
        """The close code of whoever closed first, or None while the websocket is open."""
        return None if self._wire.end is None else self._wire.end[0]

    @property
    def close_reason(self) -> str:
        """The close reason that goes with `close_code`, `""` if none was given."""
        return "" if self._wire.end is None else self._wire.end[1]

    @property
    def _path(self) -> str:
        return self._ready.request.url.path

    @property
    def _address(self) -> tuple[str, int]:
        """Where to connect."""
        url = self._ready.request.url
        return url.host, url.port or {"https": 443}.get(url.scheme, 80)

    # Decisions before a step.

    def _check_new(self) -> None:
        """Raise if this session was opened before: a websocket has one handshake."""
        __tracebackhide__ = True
        if self._was_entered:
            raise UsageError(
                "This websocket session was opened before, and a websocket has one handshake. Write: "
                f"{self._enter} client.websocket_connect(...) as session: ..., for each."
            )
        self._was_entered = True

    def _acts(self, method: str, value: object = None) -> None:
        """Keep for the timeline what the test does; raise if the session is not open.

        Args:
            method: what it calls.
            value: what it hands over, if that cannot change any more.
        """
        __tracebackhide__ = True
        if not self._is_open:
            raise SessionNotOpen(method, self._was_entered, self._enter)
        self._cause.acts(method, value)

    def _leaves(self) -> None:
        """The test leaves the block."""
        self._is_open = False
        self._cause.acts("leave the websocket")

    def _limit_of(self, timeout: Any) -> float | None:
        __tracebackhide__ = True
        return self._opening.limit if timeout is httpx.USE_CLIENT_DEFAULT else checked_limit(timeout)

    def _put(self, method: str, message: Message, value: object) -> None:
        """Have a message of the client's, as the app is to receive it, sent with the next bytes."""
        __tracebackhide__ = True
        self._acts(method, value)
        kind = any_message(message)["type"]
        if kind == "websocket.disconnect":
            closing = disconnect_message(message.get("code", 1000), message.get("reason"))
            self._wire.close(closing["code"], closing["reason"] or "")
        elif kind != "websocket.receive":
            raise UsageError(
                f'send() was given a message of type "{kind}", for which there is no frame: write '
                'send({"type": "websocket.receive", "text": "hi"}).'
            )
        elif message.get("text") is not None:
            self._wire.send_text(message["text"])
        else:
            self._wire.send_bytes(bytes(message.get("bytes") or b""))

    @property
    def _patience(self) -> float | None:
        """How long to wait for the end of an app whose handshake has failed; None for as long as the client waits.

        Servers answer 500 for an app that has failed (granian 403), and an app that has refused may go on for long.
        """
        refusal = self._wire.refusal
        return None if refusal is not None and self._cause.may_have_failed(refusal.status_code) else GRACE

    def _has_next(self) -> bool:
        """Whether the next message is there, or none can come any more."""
        return bool(self._wire.messages) or self._wire.end is not None

    def _may_have_failed(self) -> bool:
        """Whether nothing is left to receive but an end as that of an app that has failed."""
        wire = self._wire
        if wire.end is None or wire.was_ended_here or wire.end[0] not in _OF_FAILURES:
            return False
        return all(one["type"] == "websocket.close" for one in wire.messages)

    # Decisions after a step.

    def _opened(self, failure: BaseException | None) -> None:
        """The handshake was answered: set what was accepted, or raise.

        Args:
            failure: what the app has raised.
        """
        __tracebackhide__ = True
        if failure is not None:
            raise failure
        refusal, request = self._wire.refusal, self._ready.request
        if refusal is not None:
            raise denial(refusal.status_code, refusal.headers.raw, refusal.content, request)
        if self._wire.mistake or not self._wire.is_answered:
            what = self._wire.mistake or "the connection has ended"
            raise httpx.RemoteProtocolError(
                f"The handshake with WEBSOCKET {self._path} failed: {what}", request=request
            )
        self.accepted_subprotocol = self._wire.subprotocol
        self.extra_headers = self._wire.accept_headers
        extract_cookies(self._opening.cookies, self.extra_headers, self._ready)
        self._is_open = True

    def _taken(self) -> Message:
        """The next message; where none can come any more, how it ended."""
        __tracebackhide__ = True
        if self._wire.messages:
            return self._wire.messages.popleft()
        assert self._wire.end is not None
        raise disconnected(*self._wire.end)

    def _frame(self, kind: Literal["text", "bytes"]) -> Any:
        """The content of the next message, which must be of this kind; it stays where it is if it is not."""
        __tracebackhide__ = True
        following = self._wire.messages[0] if self._wire.messages else None
        if following is not None and following["type"] == "websocket.send" and kind not in following:
            raise WrongFrame(kind, "bytes" if kind == "text" else "text", self._path)
        message = self._taken()
        if message["type"] == "websocket.close":
            raise disconnected(message["code"], message["reason"])
        return message[kind]

    def _any_frame(self) -> str | bytes | None:
        """The content of the next message of either kind, or None if the websocket was closed."""
        if not self._wire.messages:
            return None
        message = self._wire.messages.popleft()
        if message["type"] == "websocket.close":
            return None
        content: str | bytes = message["text"] if "text" in message else message["bytes"]
        return content

    def _timed_out(self, waits_for: str, limit: float | None) -> BaseException:
        return timed_out(self._opening.serving, waits_for, f"WEBSOCKET {self._path}", limit or 0.0)

    def _left(self, failure: BaseException | None, on_its_way: BaseException | None) -> None:
        """The session is over: raise what the app has raised, or note it on what is raised already."""
        __tracebackhide__ = True
        if failure is None:
            return
        if on_its_way is None:
            raise failure
        on_its_way.add_note(f"After that, the app failed in WEBSOCKET {self._path}: {failure!r}")
