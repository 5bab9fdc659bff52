"""The driver of the async client: app calls are tasks of the loop that runs already, and steps are awaited."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any, NoReturn, TypeVar, TypeVarTuple

import anyio

from ..._protocol.steps import Move, Steps, resumed
from ...diagnosis import Diagnosis
from ...errors import Deadlock
from ..calls.app_call import AppCall, Limited, coming_up
from ..calls.app_tasks import AppTask
from ..calls.contract import Outcome
from ..calls.tasks import Signal
from ..clock.idle_time import Awaited
from ..clock.real_time import real_time
from ..inspection.held_signals import SIGNALS
from ..inspection.threads import PAUSE, busy_workers, other_threads
from ..inspection.watchdog import WATCHDOG
from ..rest.proofs import LOOK_AGAIN, Looks
from ..rest.watch import Waiter
from ..rest.why_stuck import diagnose, in_the_way
from .backends import running_backend, virtual_clock_here

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Changing = AppCall[Any] | Limited
AsyncPull = Callable[[], Awaitable[bytes | None]]


class AsyncDriver:
    """Runs apps on the loop on which it is made, and carries steps out by awaiting.

    No task group and no cancel scope is held between two calls: fixtures enter and exit a client in different tasks.

    Args:
        block_warning: after how many seconds a thread that is blocked is reported; None for never.
    """

    def __init__(self, block_warning: float | None = None) -> None:
        backend = running_backend()
        self.library = backend.name
        self._clock = virtual_clock_here()
        self._identity = backend.loop_here()
        self._loop = backend.caller_loop()
        self._watch = self._loop.watch
        self._watch.guard(block_warning)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self.library}>"

    @property
    def is_current(self) -> bool:
        """Whether the caller runs on this very loop."""
        return self._identity is running_backend().loop_here()

    async def begin(self, call: AppCall[Any], steps: Steps[None], pull: AsyncPull | None = None) -> None:
        """Begin a call of the app, and carry out the first steps about it, as `SyncDriver.begin` does."""
        call.begin(self._loop)
        failure = None
        self._watch.settling(1)
        try:
            await self.settle()
            if WATCHDOG.failures:
                WATCHDOG.raise_failure(self._watch)
        except BaseException as exc:
            failure = exc
        finally:
            self._watch.settling(-1)
        if failure is not None:
            await self.run(steps, call, pull, failure)
        elif not call.exchange.is_whole:
            await self.run(resumed(steps), call, pull)

    async def run(
        self, steps: Steps[T], call: Changing, pull: AsyncPull | None = None, failure: BaseException | None = None
    ) -> T:
        """Carry the steps out and return their result.

        Args:
            steps: what has to happen.
            call: the call of the app that they are about, whose limit counts.
            pull: gives the next piece of the request body in bytes, None at its end.
            failure: what has come in the first of them, which has been carried out; it is raised there.

        Raises:
            Deadlock: a step waits for what can never happen; the text says what to do about the known shapes.
            TimedOut: the limit of the call has passed, as the call says itself.
            Exception: what the steps or `pull` raise. Each failure is raised into the steps first, which may handle it.
        """
        failed = failure is not None
        try:
            step = next(steps)
            if failure is not None:
                step = steps.throw(failure)
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
            if WATCHDOG.failures:
                WATCHDOG.raise_failure(self._watch)
            return None
        assert pull is not None
        piece = None
        with anyio.CancelScope() as scope, SIGNALS.waking(partial(self._watch.call_in, scope.cancel)):
            piece = await pull()
        SIGNALS.let_out()
        return piece

    async def act(self, change: Callable[[*Ts], T], *args: *Ts) -> T:
        """Make a change to an exchange, and let the app run until it rests; returns what the change has returned.

        The short way of `run(act(...))`, as `SyncDriver.act` is; on this loop nobody else can come in between.

        Raises:
            Exception: what the change raises; then nothing has run.
        """
        result = change(*args)
        await self.settle()
        if WATCHDOG.failures:
            WATCHDOG.raise_failure(self._watch)
        return result

    async def _move(self, step: Move, call: Changing) -> None:
        if step.patience is None:
            if not step.until():
                await self._wait(step, call, call.changes())
            await self.settle()
            return
        deadline = real_time() + step.patience
        last = 0.0 if self._clock is None else self._clock.now + step.patience
        looks = Looks()
        await self.settle()
        until = SIGNALS.or_came(step.until)
        while not until() and real_time() < deadline:
            left = deadline - real_time() if self._clock is None else last - self._clock.now
            due = self._watch.world.due_in()
            if due <= left and due < math.inf:  # the app may go on by itself when that fires
                with anyio.move_on_after(due):
                    await call.changes().wait()
                await self.settle()
                continue
            busy = bool(busy_workers()) or self._watch.world.has_jobs_outside()
            if busy:
                looks.begin_again()
            elif not other_threads() or looks.enough():
                return
            await self._pause(call.changes(), LOOK_AGAIN if busy else PAUSE)
            await self.settle()

    async def _pause(self, signal: Signal, seconds: float) -> None:
        """Wait for the signal, at most so many seconds of real time: a thread that ends without a call fires none."""
        if virtual_clock_here() is not None:
            # A timer of the loop would make its time jump; a job in a thread holds it up.
            from anyio import to_thread  # which is needed here alone

            await to_thread.run_sync(time.sleep, PAUSE)
            return
        with anyio.move_on_after(seconds):
            await signal.wait()

    async def _wait(self, step: Move, awaited: Awaited | None, changes: Signal) -> None:
        """Wait for the condition of `step`, as long as it can still come true."""
        # Ends with a change that makes the condition true, or with a look of the watch that finds it cannot come true.
        begun = 0 if self._clock is None else self._clock.now
        interruptible = Move(SIGNALS.or_came(step.until), step.waits_for)
        with SIGNALS.waking(partial(self._watch.call_in, changes.fire)):
            in_vain = await self._watch.wait(interruptible, awaited, changes)
            while in_vain is None and not step.until():  # an interrupt, which another call may have raised meanwhile
                SIGNALS.let_out()
                in_vain = await self._watch.wait(interruptible, awaited, changes)
        if in_vain is None:
            return
        try:
            self._fail(step, awaited, in_vain, begun)
        finally:
            self._loop.leave_jobs()  # which the text has named

    def _fail(self, step: Move, awaited: Awaited | None, in_vain: Waiter, begun: float) -> NoReturn:
        """Raise what is to be raised about a wait in vain that has begun at `begun`, by the clock of the app."""
        if in_vain.outcome is Outcome.STALLED:
            raise coming_up(Deadlock(self._diagnosis(step, awaited, [])), awaited)
        if in_vain.outcome is Outcome.UNREACHABLE:
            raise coming_up(Deadlock(self._diagnosis(step, awaited, []), app_lives=True), awaited)
        assert awaited is not None
        assert in_vain.idle is not None
        outside = [*self._watch.outside(), *in_the_way(in_vain.idle.why_not_dead)]
        diagnosis = self._diagnosis(step, awaited, outside)
        if self._clock is not None:
            diagnosis = replace(diagnosis, virtual_seconds=self._clock.now - begun)
        raise coming_up(awaited.timed_out(diagnosis, in_vain.idle.endless), awaited)

    def _diagnosis(self, step: Move, awaited: Awaited | None, outside: list[str]) -> Diagnosis:
        tasks = self._watch.described(self.app_tasks)
        calls = dict.fromkeys(task.call for task in tasks if task.call is not None)
        running = [call for call in calls if not call.exchange.ended]
        return diagnose(step, awaited, running, tasks, outside, time_is_real=self._clock is None)

    def app_tasks(self) -> list[AppTask]:
        """The tasks of the apps of this driver that have not ended."""
        return [described for _, described in self._tasks()]

    async def cancel_tasks(self) -> None:
        """Cancel the tasks of the apps, and see them end as far as their library lets others do that."""
        await self._loop.cancel([task for task, _ in self._tasks()])

    async def wait_for_tasks(self, waits_for: str, awaited: Awaited | None = None) -> None:
        """Wait until all tasks that the apps have asked for have ended, as long as they still can.

        Args:
            waits_for: what the test waits for, to be read after "the test waits for".
            awaited: whose limit counts; None for none.

        Raises:
            Deadlock: they never will.
            TimedOut: the limit of what is awaited has passed, as it says itself.
        """
        signal = self._loop.signal()
        for task, _ in self._tasks_of_users():
            self._loop.when_ended(task, signal.fire)
        if self._tasks_of_users():
            await self._wait(Move(lambda: not self._tasks_of_users(), waits_for), awaited, signal)
        await self.settle()

    def _tasks_of_users(self) -> list[tuple[Any, AppTask]]:
        return [item for item in self._tasks() if item[1].created_by_user]

    def _tasks(self) -> list[tuple[Any, AppTask]]:
        return [
            item for item in self._loop.app_tasks() if item[1].call is not None and item[1].call.runs_on(self._loop)
        ]

    async def settle(self) -> None:
        """Let the app run until it rests (or for `PASSES_AFTER_ANSWER` passes, if it spins). Raises nothing itself."""
        await self._loop.settle()
