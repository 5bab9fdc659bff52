"""The websocket session of the sync client."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar, TypeVarTuple

from ..._drivers.calls.app_call import Limited
from ..._drivers.turning.client_loops import ClientLoops
from ..._drivers.turning.sync_driver import SyncDriver
from ..._httpx import httpx
from ..._protocol.steps import leave_websocket, open_websocket
from ..._types import Message
from ...errors import WrongColour
from ..entrances import entrances
from ..handed_over import HandedOver
from ..portal import Portal, RawReceive
from ..values import checked_limit
from .frames import Mode, any_message, bytes_message, disconnect_message, json_message, kind_of, text_message
from .session_base import FUNCTIONS_OF_OURS, SessionBase

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@entrances()
class WebSocketTestSession(SessionBase):
    """One websocket, opened by `with client.websocket_connect(url) as session:`.

    Each method returns when it has its answer and the app has come to rest again. Not to be made by hand.

    Raises (from entering, and from every `receive_...`):
        WebSocketDisconnect: the app has closed, with `code` and `reason`.
        WebSocketDenialResponse: the app answered the handshake with an HTTP response.
        ProtocolViolation: the app broke the order of the ASGI messages (www.rst: WebSocket).
    """

    _driver: SyncDriver

    def __init__(self, client: Any, upgrade: HandedOver, loops: ClientLoops) -> None:
        super().__init__(client.app, client.cookies)
        self._client = client  # its loop is closed when it is collected, and this session may be all that is left of it
        self._upgrade(upgrade)
        self._loops = loops

    def __enter__(self) -> Self:
        __tracebackhide__ = True
        self._check_new()
        self._driver = self._loops.current()
        self._call = self._handshake
        self._driver.begin(self._call, open_websocket(self._exchange, self._options.ending_grace))
        self._opened()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self._ended = True
        if not self._exchange.ended:
            self._handshake.acts("leave the websocket")
            self._driver.run(leave_websocket(self._exchange, 1000, "", self._options.ending_grace), self._call)
        self._left(exc)

    async def __aenter__(self) -> NoReturn:
        __tracebackhide__ = True
        raise WrongColour("a session of TestClient", "`async with`", "Write `with`, or use AsyncTestClient.")

    async def __aexit__(self, *exc_info: object) -> None:
        """Never reached: `__aenter__` raises."""

    def __iter__(self) -> Iterator[str | bytes]:
        """The content of each message, text or bytes, until the websocket is closed."""
        while True:
            content = self._receive("next message", httpx.USE_CLIENT_DEFAULT, self._any_frame)
            if content is None:
                return
            yield content

    def send(self, message: Message) -> None:
        """Hand the app a message as it is, for example `{"type": "websocket.receive", "text": "hi"}`."""
        __tracebackhide__ = True
        sends = self._sends("send")
        self._driver.act(sends, any_message(message))

    def send_text(self, data: str) -> None:
        """Send a text frame."""
        __tracebackhide__ = True
        sends = self._sends("send_text", data)
        self._driver.act(sends, text_message(data))

    def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        __tracebackhide__ = True
        sends = self._sends("send_bytes", data)
        self._driver.act(sends, bytes_message(data))

    def send_json(self, data: Any, mode: Mode = "text") -> None:
        """Send `data` as JSON, in a text frame or, with `mode="binary"`, in a binary one."""
        __tracebackhide__ = True
        sends = self._sends("send_json")
        self._driver.act(sends, json_message(data, mode))

    def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close from the client's side; the app receives `websocket.disconnect` after what was sent before."""
        __tracebackhide__ = True
        self._sends("close", code)
        closed = disconnect_message(code, reason)
        self._driver.act(self._exchange.disconnect, closed["code"], closed["reason"])

    def disconnect(self, code: int | None = None) -> None:
        """Lose the connection: the app receives `websocket.disconnect`; its `send()` raises `OSError`.

        Args:
            code: what the app is told; None for what the server tells it (`server=` of the client): 1005 or 1006.
        """
        __tracebackhide__ = True
        sends = self._sends("disconnect", code)
        if code is None:
            self._driver.act(self._exchange.drop)
        else:
            self._driver.act(sends, disconnect_message(code, ""))

    def receive(self, *, timeout: Any = httpx.USE_CLIENT_DEFAULT) -> Message:
        """The next message as the app sent it; a close is returned, not raised, the first time.

        Args:
            timeout: how long the app may rest until then, in seconds of idle time, here and in the other `receive_...`;
                None for as long as it takes. As the client has it by default.

        Raises:
            AppTimeout: that time has passed; the websocket can be used again.
            Deadlock: no message can ever come.
        """
        __tracebackhide__ = True
        return self._receive("receive", timeout, self._taken)

    def receive_text(self, *, timeout: Any = httpx.USE_CLIENT_DEFAULT) -> str:
        """The content of the next message, which must be a text frame.

        Raises:
            WrongFrame: it is a binary one, and still there.
        """
        __tracebackhide__ = True
        return str(self._receive("receive_text", timeout, self._frame, "text"))

    def receive_bytes(self, *, timeout: Any = httpx.USE_CLIENT_DEFAULT) -> bytes:
        """The content of the next message, which must be a binary frame.

        Raises:
            WrongFrame: it is a text one, and still there.
        """
        __tracebackhide__ = True
        return bytes(self._receive("receive_bytes", timeout, self._frame, "bytes"))

    def receive_json(self, mode: Mode = "text", *, timeout: Any = httpx.USE_CLIENT_DEFAULT) -> Any:
        """The next message, parsed: a text frame, or with `mode="binary"` a binary one."""
        __tracebackhide__ = True
        kind = kind_of(mode)
        return json.loads(self._receive("receive_json", timeout, self._frame, kind))

    def expect_nothing(self) -> None:
        """Let the app run until it rests, and see that no message has come. Takes no time by the clock.

        A thread that is at work for the app is not waited for: let it end before, with `client.sleep()`.

        Raises:
            UnexpectedMessage: one has come; it can still be received.
        """
        __tracebackhide__ = True
        self._check_open("expect_nothing").acts("expect_nothing")
        self._driver.settle()
        self._check_nothing()

    def _changing(self) -> AbstractContextManager[None]:
        return self._driver.lock

    @property
    def portal(self) -> Portal:
        """A portal to the loop of this session."""
        return Portal(self._loops)

    @property
    def _send_rx(self) -> RawReceive:
        """What code written for Starlette's session reaches for, to get time limits and "nothing arrives"."""
        return RawReceive(self._check_open("receive"), self._driver)

    def _receive(self, method: str, timeout: Any, decide: Callable[[*Ts], T], *args: *Ts) -> T:
        """What `decide()` makes of the next message, or of the end."""
        __tracebackhide__ = True
        call = self._call
        if call is None or self._ended:
            raise self._not_open(method)
        call.recorder.acts(method, None, call.note, FUNCTIONS_OF_OURS)
        if timeout is not httpx.USE_CLIENT_DEFAULT:
            checked_limit(timeout)
        with self._driver.lock:
            # The short way of `_receiving()`, for a message that is there; `tests/client/test_short_ways.py` compares.
            if self._exchange.to_client:
                return decide(*args)
        awaited = call if timeout is httpx.USE_CLIENT_DEFAULT else Limited(call, timeout)
        return self._driver.run(self._receiving(decide, *args), awaited)
