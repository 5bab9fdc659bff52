"""The driver of the async client: app calls are tasks of the loop that runs already, and steps are awaited."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context
from functools import partial
from typing import Any, TypeVar

import anyio
import anyio.lowlevel
import anyio.to_thread

from ..._protocol.exchange import nobody
from ..._protocol.steps import Move, Steps, act
from ...diagnosis import Diagnosis
from ...errors import Deadlock
from ..calls.app_call import AppCall, Limited
from ..calls.app_tasks import AppTask
from ..calls.contract import Outcome
from ..calls.tasks import AppMain, Signal, Tasks
from ..clock.idle_time import Awaited
from ..clock.real_time import real_time
from ..inspection.running_loop import async_library_here, running_loop, virtual_clock_here
from ..inspection.threads import PAUSE, busy_workers, other_threads
from ..on_asyncio.app_tasks import app_tasks
from ..on_asyncio.settle import settle_asyncio
from ..on_asyncio.tasks import AsyncioApps, AsyncioSignal
from ..on_asyncio.watch import watch_of
from ..rest.rest_rules import LOOK_AGAIN, Looks
from ..rest.watch import Watch
from ..rest.why_stuck import diagnose

T = TypeVar("T")
C = TypeVar("C", bound=AppCall[Any])
Changing = AppCall[Any] | Limited
AsyncPull = Callable[[], Awaitable[bytes | None]]

_LAST_GRACE = 5.0


class AsyncDriver(Tasks):
    """The running loop of whoever makes it, asyncio or trio.

    No task group and no cancel scope is held between two calls: fixtures enter and exit a client in different tasks.

    Args:
        block_warning: after how many seconds a thread that is blocked is reported; None for never.
    """

    def __init__(self, block_warning: float | None = None) -> None:
        self.library = async_library_here()
        self._loop = asyncio.get_running_loop() if self.library == "asyncio" else None
        self._apps = None if self._loop is None else AsyncioApps(self._loop, _at_once)
        self._run = running_loop()
        self._watch = self._watch_here()
        self._watch.guard(block_warning)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self.library}>"

    def _watch_here(self) -> Watch:
        if self._loop is not None:
            return watch_of(self._loop)
        from ..on_trio.watch import watch_of_run

        return watch_of_run()

    @property
    def is_current(self) -> bool:
        """Whether the caller runs on this very loop."""
        return self._run is running_loop()

    def spawn(self, main: AppMain, context: Context, ended: Callable[[], None] = nobody) -> Callable[[], None]:
        if self._apps is not None:
            return self._apps.spawn(partial(_contained, main), context, ended)
        from ..on_trio.tasks import TrioApp

        return TrioApp(_at_once, main, context, ended, _ignore).cancel

    async def checkpoint(self) -> None:
        await anyio.lowlevel.checkpoint()

    def signal(self) -> Signal:
        if self._loop is not None:
            return AsyncioSignal(self._loop, _at_once)
        from ..on_trio.tasks import TrioSignal

        return TrioSignal(_at_once)

    def start(self, call: C) -> C:
        """Begin `call` with the next pass of the loop."""
        call.begin(self)
        return call

    async def run(self, steps: Steps[T], call: Changing, pull: AsyncPull | None = None) -> T:
        """Carry the steps out and return their result.

        Args:
            steps: what has to happen.
            call: the app call that they are about.
            pull: gives the next piece of the request body.
        """
        failed = False
        try:
            step = next(steps)
            while True:
                try:
                    # What the steps still do about a failure (or a cancellation) is not cancelled again.
                    answer = await self._carry_out(step, call, pull, shield=failed)
                except BaseException as exc:
                    failed = True
                    step = steps.throw(exc)
                else:
                    step = steps.send(answer)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]

    async def _carry_out(self, step: object, call: Changing, pull: AsyncPull | None, *, shield: bool) -> bytes | None:
        if isinstance(step, Move):
            if shield:
                with anyio.CancelScope(shield=True):
                    await self._move(step, call)
            else:
                await self._move(step, call)
            return None
        assert pull is not None
        return await pull()

    async def act(self, change: Callable[[], T], call: Changing) -> T:
        """Make a change to the exchange of `call`, and let the app run until it rests."""
        return await self.run(act(change), call)

    async def _move(self, step: Move, call: Changing) -> None:
        if step.patience is None:
            if not step.until():
                await self._wait(step, call, call.changes())
            await self.settle()
            return
        deadline = real_time() + step.patience
        looks = Looks()
        await self.settle()
        while not step.until() and real_time() < deadline:
            busy = bool(busy_workers()) or self._watch.world.has_jobs_outside()
            if busy:
                looks.begin_again()
            elif not other_threads() or looks.enough():
                return
            await self._pause(call.changes(), LOOK_AGAIN if busy else PAUSE)
            await self.settle()

    async def _pause(self, signal: Signal, seconds: float) -> None:
        """Wait for the signal, at most so long in real time."""
        if virtual_clock_here() is not None:
            await anyio.to_thread.run_sync(time.sleep, PAUSE)  # a timer of the loop would make its time jump
            return
        with anyio.move_on_after(seconds):
            await signal.wait()

    async def _wait(self, step: Move, awaited: Awaited | None, changes: Signal) -> None:
        """Wait for the condition of `step`, as long as it can still come true."""
        in_vain = await self._watch.wait(step, awaited, changes)
        if in_vain is None:
            return
        if in_vain.outcome is Outcome.STALLED:
            raise Deadlock(self._diagnosis(step, awaited, []))
        assert awaited is not None
        assert in_vain.idle is not None
        raise awaited.timed_out(self._diagnosis(step, awaited, self._watch.outside()), in_vain.idle.endless)

    def _diagnosis(self, step: Move, awaited: Awaited | None, outside: list[str]) -> Diagnosis:
        tasks = self.app_tasks()
        calls = dict.fromkeys(task.call for task in tasks if task.call is not None)
        return diagnose(step, awaited, [call for call in calls if not call.exchange.ended], tasks, outside)

    def app_tasks(self) -> list[AppTask]:
        """The tasks of the apps of this driver that have not ended."""
        return [described for _, described in self._tasks()]

    async def cancel_tasks(self) -> None:
        """Cancel them, and see them end. Tasks that an app has given to trio itself cannot be cancelled by anybody."""
        if self._loop is not None:
            tasks = [task for task, _ in self._tasks()]
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks, timeout=_LAST_GRACE)

    async def wait_for_tasks(self, waits_for: str) -> None:
        """Wait until all of them have ended."""
        signal = self.signal()
        for task, _ in self._tasks():
            if isinstance(task, asyncio.Task):
                task.add_done_callback(lambda _: signal.fire())
        if self._tasks():
            await self._wait(Move(lambda: not self._tasks(), waits_for), None, signal)
        await self.settle()

    def _tasks(self) -> list[tuple[Any, AppTask]]:
        tasks: list[tuple[Any, AppTask]]
        if self._loop is not None:
            tasks = [*app_tasks(self._loop)]
        else:
            from ..on_trio.app_tasks import app_tasks as trio_app_tasks

            tasks = [*trio_app_tasks()]
        return [item for item in tasks if item[1].call is not None and item[1].call.runs_on is self]

    async def settle(self) -> None:
        """Let the app run until nothing is ready (or for a bounded number of passes, if it spins)."""
        if self._loop is not None:
            await settle_asyncio(self._loop)
        else:
            from ..on_trio.settle import settle_trio

            await settle_trio()


async def _contained(main: AppMain) -> None:
    """An app call that exits ends the test that waits for it, which has the exception, and not the loop around both."""
    with suppress(SystemExit):
        await main()


def _ignore(exception: BaseException) -> None:
    """The exchange has it; the run belongs to the test, which trio interrupts itself."""


def _at_once(call: Callable[[], object]) -> None:
    call()
