"""The websocket session of the sync client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import TracebackType
from typing import Any, NoReturn, Self

from httpx2 import USE_CLIENT_DEFAULT

from ..._drivers.turning.client_loops import ClientLoops
from ..._drivers.turning.sync_driver import SyncDriver
from ..._protocol.steps import Steps, leave_websocket, next_message, open_websocket
from ..._types import Message
from ...errors import WrongColour
from ..handed_over import HandedOver
from ..portal import Portal, RawReceive
from .session_base import Mode, SessionBase, bytes_message, disconnect_message, json_message, text_message


class WebSocketTestSession(SessionBase):
    """One websocket, opened by `with client.websocket_connect(url) as session:`.

    Each method returns when it has its answer and the app has come to rest again. Not to be made by hand.

    Raises (from entering, and from every `receive_...`):
        WebSocketDisconnect: the app has closed, with `code` and `reason`.
        WebSocketDenialResponse: the app answered the handshake with an HTTP response.
        ProtocolViolation: the app broke the order of the ASGI messages (www.rst: WebSocket).
    """

    def __init__(self, client: Any, upgrade: HandedOver, loops: ClientLoops) -> None:
        super().__init__(client.app, client.cookies)
        self._client = client  # its loop is closed when it is collected, and this session may be all that is left of it
        self._upgrade(upgrade)
        self._loops = loops
        self._driver: SyncDriver | None = None

    def __enter__(self) -> Self:
        __tracebackhide__ = True
        self._driver = self._loops.current()
        self._call = self._driver.start(self.app, self._exchange)
        self._run(open_websocket(self._exchange, self._options.patience))
        self._opened()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self._ended = True
        if not self._exchange.ended:
            self._run(leave_websocket(self._exchange, 1000, "", self._options.patience))
        self._left(exc)

    async def __aenter__(self) -> NoReturn:
        __tracebackhide__ = True
        raise WrongColour("a session of TestClient", "`async with`", "Write `with`, or use AsyncTestClient.")

    async def __aexit__(self, *exc_info: object) -> None:
        """Never reached: `__aenter__` raises."""

    def __iter__(self) -> Iterator[str | bytes]:
        """The content of each message, text or bytes, until the websocket is closed."""
        while True:
            self._arrive("__iter__")
            content = self._any_frame()
            if content is None:
                return
            yield content

    def send(self, message: Message) -> None:
        """Hand the app a message as it is, for example `{"type": "websocket.receive", "text": "hi"}`."""
        __tracebackhide__ = True
        self._check_open("send")
        self._hand_over(message)

    def send_text(self, data: str) -> None:
        """Send a text frame."""
        __tracebackhide__ = True
        self._check_open("send_text")
        self._hand_over(text_message(data))

    def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        __tracebackhide__ = True
        self._check_open("send_bytes")
        self._hand_over(bytes_message(data))

    def send_json(self, data: Any, mode: Mode = "text") -> None:
        """Send `data` as JSON, in a text frame or, with `mode="binary"`, in a binary one."""
        __tracebackhide__ = True
        self._check_open("send_json")
        self._hand_over(json_message(data, mode))

    def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close from the client's side; the app receives `websocket.disconnect` after what was sent before."""
        __tracebackhide__ = True
        self._check_open("close")
        self._hand_over(disconnect_message(code, reason))

    def disconnect(self, code: int = 1006) -> None:
        """Lose the connection: the app receives `websocket.disconnect` with `code`; its `send()` raises `OSError`."""
        __tracebackhide__ = True
        self._check_open("disconnect")
        self._hand_over(disconnect_message(code, ""))

    def receive(self, *, timeout: Any = USE_CLIENT_DEFAULT) -> Message:
        """The next message as the app sent it; a close is returned, not raised, the first time.

        Args:
            timeout: how long the app may rest until then, in seconds of idle time, here and in the other `receive_...`;
                None for as long as it takes. As the client has it by default.

        Raises:
            AppTimeout: that time has passed; the websocket can be used again.
            Deadlock: no message can ever come.
        """
        __tracebackhide__ = True
        self._arrive("receive", timeout)
        return self._taken()

    def receive_text(self, *, timeout: Any = USE_CLIENT_DEFAULT) -> str:
        """The content of the next message, which must be a text frame.

        Raises:
            WrongFrame: it is a binary one, and still there.
        """
        __tracebackhide__ = True
        self._arrive("receive_text", timeout)
        return str(self._frame("text"))

    def receive_bytes(self, *, timeout: Any = USE_CLIENT_DEFAULT) -> bytes:
        """The content of the next message, which must be a binary frame.

        Raises:
            WrongFrame: it is a text one, and still there.
        """
        __tracebackhide__ = True
        self._arrive("receive_bytes", timeout)
        return bytes(self._frame("bytes"))

    def receive_json(self, mode: Mode = "text", *, timeout: Any = USE_CLIENT_DEFAULT) -> Any:
        """The next message, parsed: a text frame, or with `mode="binary"` a binary one."""
        __tracebackhide__ = True
        self._arrive("receive_json", timeout)
        return json.loads(self._frame("text" if mode == "text" else "bytes"))

    def expect_nothing(self) -> None:
        """Let the app run until it rests, and see that no message has come. Takes no time by the clock.

        Raises:
            UnexpectedMessage: one has come; it can still be received.
        """
        __tracebackhide__ = True
        self._check_open("expect_nothing")
        assert self._driver is not None
        self._driver.settle()
        self._check_nothing()

    @property
    def portal(self) -> Portal:
        """A portal to the loop of this session."""
        return Portal(self._loops)

    @property
    def _send_rx(self) -> RawReceive:
        """What code written for Starlette's session reaches for, to get time limits and "nothing arrives"."""
        return RawReceive(self._exchange, self._check_open("receive"))

    def _hand_over(self, message: Message) -> None:
        """Hand the app a message, and see it come to rest."""
        __tracebackhide__ = True
        self._exchange.client_sends(message)
        assert self._driver is not None
        self._driver.settle()

    def _arrive(self, method: str, timeout: Any = USE_CLIENT_DEFAULT) -> None:
        """Run the app until a message is there, or none can come any more."""
        __tracebackhide__ = True
        self._check_open(method)
        if not self._exchange.has_message:
            with self._limited(timeout):
                self._run(next_message(self._exchange))

    def _run(self, steps: Steps[Any]) -> None:
        __tracebackhide__ = True
        assert self._driver is not None
        self._driver.run(steps)
