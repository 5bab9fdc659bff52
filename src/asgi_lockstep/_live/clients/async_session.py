"""The websocket session of the async live client; stands beside `session.py`, method for method."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar, TypeVarTuple

import anyio
from anyio.abc import SocketStream

from ..._client.options import GRACE
from ..._client.websocket.frames import Mode, bytes_message, disconnect_message, json_message, kind_of, text_message
from ..._httpx import httpx
from ..._types import Message
from ...errors import WrongColour
from ..deadlines import Deadline
from .handshake import HandshakeReady, Opening
from .outermost import async_entrances
from .session_base import LiveSessionBase

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@async_entrances()
class AsyncLiveWebSocketSession(LiveSessionBase):
    """One websocket to a live server, opened by `async with live.async_client().websocket_connect(url) as session:`.

    It has the methods of `AsyncWebSocketTestSession` that a network can have. Not to be made by hand.

    Raises (from entering, and from every `receive_...`):
        WebSocketDisconnect: the app has closed, with `code` and `reason`.
        WebSocketDenialResponse: the handshake was refused, with `status_code`, `headers` and `content`.
        AppTimeout: nothing has come in time.
        Exception: what the app has raised, unless the client has `raise_server_exceptions=False`.
    """

    _enter = "async with"
    _socket: SocketStream

    def __init__(self, opening: Opening, connect: Callable[[], Awaitable[HandshakeReady]]) -> None:
        super().__init__(opening)
        self._connect = connect

    async def __aenter__(self) -> Self:
        __tracebackhide__ = True
        self._check_new()
        self._prepare(await self._connect())
        try:
            with anyio.fail_after(self._opening.limit):
                self._socket = await anyio.connect_tcp(*self._address)
        except OSError as exc:  # a TimeoutError is one
            raise httpx.ConnectError(str(exc), request=self._ready.request) from exc
        try:
            await self._until(lambda: self._wire.is_answered, "the answer to its handshake", self._opening.limit)
            if not self._wire.is_open:
                await anyio.aclose_forcefully(self._socket)  # or the app would wait for us, and we for the app
            self._opened(await self._cause.afailure(wait=not self._wire.is_open, limit=self._patience))
        except BaseException:
            await anyio.aclose_forcefully(self._socket)
            raise
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self._leaves()
        try:
            self._wire.close(1000, "")
            with suppress(httpx.ReadTimeout):
                await self._until(lambda: self._wire.is_closed, "the close", GRACE)
        finally:
            await anyio.aclose_forcefully(self._socket)
        self._left(await self._cause.afailure(wait=True, limit=GRACE), exc)

    def __enter__(self) -> NoReturn:
        __tracebackhide__ = True
        raise WrongColour("a session of AsyncLiveClient", "`with`", "Write `async with`, or use live.client().")

    def __exit__(self, *exc_info: object) -> None:
        """Never reached: `__enter__` raises."""

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        """The content of each message, text or bytes, until the websocket is closed."""
        while True:
            content = await self._receive("next message", httpx.USE_CLIENT_DEFAULT, self._any_frame)
            if content is None:
                return
            yield content

    async def send(self, message: Message) -> None:
        """Send a message as the app is to receive it, for example `{"type": "websocket.receive", "text": "hi"}`."""
        __tracebackhide__ = True
        await self._send("send", message)

    async def send_text(self, data: str) -> None:
        """Send a text frame."""
        __tracebackhide__ = True
        await self._send("send_text", text_message(data), data)

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        __tracebackhide__ = True
        await self._send("send_bytes", bytes_message(data), data)

    async def send_json(self, data: Any, mode: Mode = "text") -> None:
        """Send `data` as JSON, in a text frame or, with `mode="binary"`, in a binary one."""
        __tracebackhide__ = True
        await self._send("send_json", json_message(data, mode))

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close from the client's side; the app receives `websocket.disconnect` after what was sent before."""
        __tracebackhide__ = True
        await self._send("close", disconnect_message(code, reason), code)

    async def disconnect(self) -> None:
        """Lose the connection, without a close; what the app receives is up to the server, mostly 1005 or 1006.

        What has come before can still be received; then there is a `WebSocketDisconnect` with 1006.
        """
        __tracebackhide__ = True
        self._acts("disconnect")
        self._wire.lose()
        await anyio.aclose_forcefully(self._socket)

    async def receive(self, *, timeout: Any = httpx.USE_CLIENT_DEFAULT) -> Message:
        """The next message as the app sent it; a close is returned, not raised, the first time.

        Args:
            timeout: how long to wait, in seconds, here and in the other `receive_...`; None for as long as it takes. As
                the client has it by default.

        Raises:
            AppTimeout: that time has passed; the websocket can be used again.
        """
        __tracebackhide__ = True
        return await self._receive("receive", timeout, self._taken)

    async def receive_text(self, *, timeout: Any = httpx.USE_CLIENT_DEFAULT) -> str:
        """The content of the next message, which must be a text frame.

        Raises:
            WrongFrame: it is a binary one, and still there.
        """
        __tracebackhide__ = True
        return str(await self._receive("receive_text", timeout, self._frame, "text"))

    async def receive_bytes(self, *, timeout: Any = httpx.USE_CLIENT_DEFAULT) -> bytes:
        """The content of the next message, which must be a binary frame.

        Raises:
            WrongFrame: it is a text one, and still there.
        """
        __tracebackhide__ = True
        return bytes(await self._receive("receive_bytes", timeout, self._frame, "bytes"))

    async def receive_json(self, mode: Mode = "text", *, timeout: Any = httpx.USE_CLIENT_DEFAULT) -> Any:
        """The next message, parsed: a text frame, or with `mode="binary"` a binary one."""
        __tracebackhide__ = True
        kind = kind_of(mode)
        return json.loads(await self._receive("receive_json", timeout, self._frame, kind))

    async def _send(self, method: str, message: Message, value: object = None) -> None:
        __tracebackhide__ = True
        self._put(method, message, value)
        await self._until(lambda: True, "the server to take a message", self._opening.limit)

    async def _receive(self, method: str, timeout: Any, decide: Callable[[*Ts], T], *args: *Ts) -> T:
        """What `decide()` makes of the next message, or of the end."""
        __tracebackhide__ = True
        self._acts(method)
        await self._until(self._has_next, f"a message from WEBSOCKET {self._path}", self._limit_of(timeout))
        if self._may_have_failed():
            failure = await self._cause.afailure(wait=True)
            if failure is not None:
                raise failure
        return decide(*args)

    async def _until(self, reached: Callable[[], bool], waits_for: str, limit: float | None) -> None:
        """Send and read until something is reached."""
        __tracebackhide__ = True
        try:
            with anyio.fail_after(Deadline(limit).left):
                await self._flush()
                while not reached():
                    self._wire.feed(await self._read())
                    await self._flush()
        except TimeoutError:
            raise self._timed_out(waits_for, limit) from None

    async def _read(self) -> bytes:
        try:
            return await self._socket.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return b""

    async def _flush(self) -> None:
        data = self._wire.outgoing()
        if data:
            with suppress(anyio.BrokenResourceError):  # the next read finds out how it ended
                await self._socket.send(data)
