"""The app as a server gets it: called as it is, with a note of each call, of where it stands, and of what it raises."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable
from contextlib import suppress
from itertools import count
from typing import Any, TypeVar

from .._drivers.happenings.recorder import UNRECORDED
from .._drivers.happenings.recorder import Recorder as Timeline
from .._drivers.inspection.tracebacks import calls_the_user
from .._types import ASGI3App, Message, Receive, Scope, Send
from .app_side import AppSide
from .record import CALL_HEADER, Notes

T = TypeVar("T")

_CALL_HEADER = CALL_HEADER.encode()
_FAILED = ("lifespan.startup.failed", "lifespan.shutdown.failed")


class CallUnderWay:
    """A call of the app that has not ended.

    Args:
        request: for texts, for example `"GET /items"`.
        task: the task in which the app runs.
    """

    def __init__(self, request: str, task: asyncio.Task[Any] | None) -> None:
        self.request = request
        self.task = task
        #: Whether the app waits for the end of its lifespan, and so for the server: it holds nothing up.
        self.rests = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.request}{', rests' if self.rests else ''}>"

    async def rest(self, awaited: Awaitable[T]) -> T:
        """Await what the server has to bring."""
        self.rests = True
        try:
            return await awaited
        finally:
            self.rests = False


class Recorder:
    """An ASGI app around the app.

    Args:
        app: the app.
        notes: who is told.
        lifespan: whether the app is called for its lifespan; where it is not, the server is told that all is well.
        timeline: where what happens in the calls is kept; by default, where nobody looks.
    """

    def __init__(
        self,
        app: ASGI3App,
        notes: Notes,
        lifespan: bool = True,
        timeline: Timeline = UNRECORDED,
    ) -> None:
        self.app = app
        self._notes = notes
        self._lifespan_is_on = lifespan
        self._timeline = timeline
        self._numbers = count(1)
        self.under_way: dict[int, CallUnderWay] = {}
        #: The loop on which the app was called, once it was.
        self.loop: asyncio.AbstractEventLoop | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.app!r}, {len(self.under_way)} calls under way>"

    def cancel_all(self) -> None:
        """Cancel the calls that are under way, from any thread; the server can end in order then."""
        if self.loop is not None:
            with suppress(RuntimeError):  # the loop has just been closed
                self.loop.call_soon_threadsafe(self._cancel_all, self.loop)

    def _cancel_all(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.set_exception_handler(lambda _loop, _context: None)  # what breaks now was broken by us
        for call in [*self.under_way.values()]:
            if call.task is not None:
                call.task.cancel()

    @calls_the_user
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        number = next(self._numbers)
        self.loop = asyncio.get_running_loop()
        call = self.under_way[number] = CallUnderWay(request_of(scope), asyncio.current_task())
        try:
            if scope["type"] != "lifespan":
                await self._connection(number, scope, receive, send)
            elif self._lifespan_is_on:
                await _Lifespan(self._notes, call, receive, send).run(self.app, scope, self._timeline)
            else:
                await _answer_lifespan(receive, send)
        finally:
            del self.under_way[number]

    @calls_the_user
    async def _connection(self, number: int, scope: Scope, receive: Receive, send: Send) -> None:
        scope, call = without_call_header(scope)
        sent = self._notes.begun(number, call, request_of(scope))
        side = AppSide(self._timeline, sent, scope, receive, send)
        try:
            await side.run(self.app)
        finally:
            self._notes.ended(number, side.failure)


class _Lifespan:
    """One call of the app for its lifespan."""

    def __init__(self, notes: Notes, call: CallUnderWay, receive: Receive, send: Send) -> None:
        self._notes = notes
        self._call = call
        self._receive_of_server = receive
        self._send_of_server = send
        self._phase = "startup"
        self._touched = False
        self._has_failed = False

    @calls_the_user
    async def run(self, app: ASGI3App, scope: Scope, timeline: Timeline) -> None:
        """Call the app, and note what it raises."""
        try:
            await AppSide(timeline, None, scope, self._receive, self._send).run(app)
        except asyncio.CancelledError:
            raise
        except BaseException as exc:
            if not self._touched:
                self._notes.lifespan_refused(exc)
            elif not self._has_failed:  # otherwise that is what it was about
                self._notes.lifespan_failed(self._phase, exc, "")
            raise

    async def _receive(self) -> Message:
        self._touched = True
        return await self._call.rest(self._receive_of_server())

    async def _send(self, message: Message) -> None:
        self._touched = True
        if message["type"] in _FAILED:
            self._has_failed = True
            # Frameworks say so while they handle what the app has raised, which is what the test wants to see.
            self._notes.lifespan_failed(self._phase, sys.exception(), message.get("message", ""))
        await self._send_of_server(message)
        if message["type"] == "lifespan.startup.complete":
            self._phase = "shutdown"


async def _answer_lifespan(receive: Receive, send: Send) -> None:
    """What a lifespan gets that the app is not called for."""
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


def request_of(scope: Scope) -> str:
    """A call of the app for texts, for example `"GET /items"`."""
    if scope["type"] == "lifespan":
        return "the lifespan"
    return f"{scope.get('method', 'WEBSOCKET')} {scope['path']}"


def without_call_header(scope: Scope) -> tuple[Scope, str]:
    """The scope as the app is to see it, and what the header of our clients says; `""` for those of others."""
    own = [value for name, value in scope["headers"] if name == _CALL_HEADER]
    if not own:
        return scope, ""
    headers = [(name, value) for name, value in scope["headers"] if name != _CALL_HEADER]
    return {**scope, "headers": headers}, own[0].decode("latin-1")
