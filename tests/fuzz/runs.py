"""One run of a play: an app and the test of it, on one of the ways to run them; and what must hold after it."""

from __future__ import annotations

import asyncio
import gc
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import trio

from asgi_lockstep import LockstepError, WebSocketDisconnect
from asgi_lockstep._protocol.exchange import ClientDisconnected
from asgi_lockstep.clock import virtual_loop_factory, virtual_trio_clock
from either import EITHER, FAR_OFF, LIMIT, Either
from fuzz.actions import AppError, Program
from fuzz.leftovers import Ear, garbage_left, listening, threads, threads_left
from fuzz.visits import TestError, Visit, is_async
from matrix import FREE, available, backend_of

#: What a call of a client may raise, whatever the app does.
DOCUMENTED: tuple[type[BaseException], ...] = (
    LockstepError,
    httpx2.ReadError,
    httpx2.WriteError,
    httpx2.RemoteProtocolError,
    httpx2.StreamError,
    WebSocketDisconnect,
    anyio.WouldBlock,
)

#: What is not ours: of the app, and of the test.
OWN = (AppError, TestError, ClientDisconnected)

#: What is noted for an exception by which a call that waits in vain ends: whether that is proven, the way decides.
STUCK = "stuck"


@dataclass(frozen=True)
class Play:
    """An app, and the test of it.

    Args:
        app: the app.
        visits: what the test does; each is made whatever became of those before.
        entered: whether it does that with the client entered.
        options: those of the client.
        cancelled_after: after how many passes of the loop each visit is cancelled, where the client is an async one.
    """

    app: Program
    visits: tuple[Visit, ...]
    entered: bool = True
    options: tuple[tuple[str, Any], ...] = ()
    cancelled_after: int | None = None


@dataclass
class Found:
    """What came of a run.

    Args:
        notes: what each visit was given, and how it ended; at last, what the app has received, call by call.
        complaints: what must not be.
    """

    notes: list[Any] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def end(self, exception: BaseException) -> None:
        """Note how a visit ended."""
        if isinstance(exception, (asyncio.CancelledError, trio.Cancelled)):
            raise exception
        name = type(exception).__name__
        self.notes.append(STUCK if name in ("Deadlock", "AppTimeout") else name)
        if not is_documented(exception):
            self.complaints.append("undocumented: " + "".join(traceback.format_exception(exception)))


@dataclass(frozen=True)
class Way:
    """One way to run a play.

    Args:
        name: as in matrix.py.
        virtual: whether the clock is a virtual one.
    """

    name: str
    virtual: bool = False

    def __str__(self) -> str:
        return f"{self.name}-virtual" if self.virtual else self.name

    @property
    def proves(self) -> bool:
        """Whether a call that waits in vain is found to do so, or ends by its limit."""
        return EITHER[self.name].proves

    def run(self, play: Play) -> Found:
        """Run a play, and see what is left of it."""
        gc.freeze()  # what was there before is nobody's fault
        found, ear, before = Found(), Ear(is_documented), threads()
        with listening(ear):
            self._run(play, found)
            found.complaints += threads_left(before)
        with listening(ear):  # once more: what the first one has held is gone now
            left = garbage_left()
        found.complaints += [*ear.complaints, *([] if ear.ignored else left)]
        return found

    def _run(self, play: Play, found: Found) -> None:
        app = Program(play.app.http, play.app.websocket, play.app.lifespan)
        options = {"timeout": FAR_OFF if self.proves else LIMIT, **dict(play.options)}
        if self.virtual:
            options["clock"] = "virtual"
        try:
            self._either.run(app, _scenario(play, found), **options)
        except BaseException as exc:
            found.end(exc)
        found.notes.append(app.seen)

    @property
    def _either(self) -> Either:
        either = EITHER[self.name]
        if not (self.virtual and either.is_async):
            return either
        if backend_of(self.name) == "trio":
            return Either(self.name, {"backend": "trio", "backend_options": {"clock": virtual_trio_clock()}})
        return Either(self.name, {"backend": "asyncio", "backend_options": {"loop_factory": virtual_loop_factory}})


#: Every way: uvloop has no virtual clock, and an app that runs by itself may not have one.
WAYS = [Way(name) for name in available(EITHER)] + [
    Way(name, virtual=True) for name in EITHER if "uvloop" not in name and name not in FREE
]


def is_documented(exception: BaseException, *, in_group: bool = False) -> bool:
    """Whether the README, the docs, the app or the test speak of an exception."""
    if isinstance(exception, BaseExceptionGroup):
        return all(is_documented(part, in_group=True) for part in exception.exceptions)
    if isinstance(exception, (*DOCUMENTED, *OWN)):
        return True
    if in_group and isinstance(exception, asyncio.CancelledError):
        return True
    return "of the app" in map(str, exception.args) or "the client has been closed" in str(exception)


def _scenario(play: Play, found: Found) -> Any:
    async def scenario(client: Any) -> None:
        if not play.entered:
            await _visits(client, play, found)
            return
        try:
            async with client:
                found.notes.append("entered")
                await _visits(client, play, found)
        except BaseException as exc:
            found.end(exc)
        else:
            found.notes.append("left")

    return scenario


async def _visits(client: Any, play: Play, found: Found) -> None:
    for visit in play.visits:
        given: list[Any] = []
        found.notes.append(given)
        try:
            if play.cancelled_after is None or not is_async(client):
                await visit.do(client, given.append)
            else:
                await _cancelled(visit, client, given.append, play.cancelled_after)
        except BaseException as exc:
            found.end(exc)


async def _cancelled(visit: Visit, client: Any, note: Callable[[Any], None], passes: int) -> None:
    """Make a visit that is cancelled after so many passes of the loop."""

    async def cancel() -> None:
        for _ in range(passes):
            await anyio.lowlevel.checkpoint()
        scope.cancel()

    async with anyio.create_task_group() as group:
        with anyio.CancelScope() as scope:
            group.start_soon(cancel)
            await visit.do(client, note)
        group.cancel_scope.cancel()
