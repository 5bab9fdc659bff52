"""A trio run that moves only inside `turn()`, on the thread that made it (trio's guest mode).

Guest mode hands us every tick of the run to call. A tick in which no task is ready asks the clock how long to sleep:
our clock notices the rest there, and answers "not at all" if the client has its answer. So the run never waits in a
thread of its own between two calls of the client.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import Context
from typing import Any

import trio

from ..errors import UnknownOption
from .app_tasks import AppTask
from .base import PASSES_AFTER_ANSWER, AppMain, Crank, Outcome, nobody
from .outside import LOOKS, PAUSE, TRIO_CACHE, busy_workers, threads_that_may_call_in
from .trio_app_tasks import app_tasks
from .trio_tasks import TrioApp, TrioSignal

#: See inline_asyncio.py.
LOOK_AGAIN = 0.1
_LAST_GRACE = 5.0

_KNOWN_OPTIONS = ("clock", "instruments", "restrict_keyboard_interrupt_to_checkpoints", "strict_exception_groups")


class _RestClock(trio.abc.Clock):
    """The clock of a run of ours: real time, and the place where a rest is noticed."""

    def __init__(self, at_rest: Callable[[float], float]) -> None:
        self._at_rest = at_rest

    def start_clock(self) -> None:
        """Real time needs no start."""

    def current_time(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Asked by trio when no task is ready: how long may the run sleep?"""
        return self._at_rest(deadline - time.monotonic())


class _RestInstrument(trio.abc.Instrument):
    """Notices the rests of a run whose clock was given by the user."""

    def __init__(self, at_rest: Callable[[float], float]) -> None:
        self._at_rest = at_rest

        self._moved = True

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """Called by trio before each step of a task."""
        self._moved = True

    def before_io_wait(self, timeout: float) -> None:
        """Called by trio before each wait: a rest if it is a real one, or if no task has moved since the last."""
        if timeout > 0 or not self._moved:
            self._at_rest(trio.lowlevel.current_statistics().seconds_to_next_deadline)
        self._moved = False


class _StepInstrument(trio.abc.Instrument):
    """Notices that a task has run since the last look."""

    seen = True

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """Called by trio before each step of a task."""
        self.seen = True


class TrioCrank(Crank):
    """One trio run, turned by the thread that made it.

    Args:
        options: the options of `trio.run`.

    Limits: only the thread that made it can turn it, and that thread cannot have a second run until it is closed.
    """

    movable = False

    def __init__(self, options: Mapping[str, Any]) -> None:
        for name in options:
            if name not in _KNOWN_OPTIONS:
                raise UnknownOption("backend_options key", name, _KNOWN_OPTIONS)
        self._owner = threading.get_ident()
        self._ticks: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._posted: deque[Callable[[], object]] = deque()
        self._inside = False
        self._finished: list[Any] = []
        self._interrupt_raised = False
        self._main_over = False
        self._outcome: Outcome | None = None
        self._until: Callable[[], bool] = bool
        self._deadline: float | None = None
        self._end = trio.Event()
        self._apps: list[TrioApp] = []
        self._fatal: list[BaseException] = []
        self._steps = _StepInstrument()
        self._looks = self._passes = 0
        options = dict(options)
        if "clock" in options:
            options["instruments"] = (*options.get("instruments", ()), _RestInstrument(self._at_rest))
        else:
            options["clock"] = _RestClock(self._at_rest)
        options["instruments"] = (*options.get("instruments", ()), self._steps)
        trio.lowlevel.start_guest_run(
            self._main,
            run_sync_soon_threadsafe=self._ticks.put,
            done_callback=self._finished.append,
            host_uses_signal_set_wakeup_fd=True,
            **options,
        )
        self._token = trio.lowlevel.current_trio_token()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of thread {self._owner}, {'turning' if self._inside else 'at rest'}>"

    def post(self, call: Callable[[], object]) -> None:
        """Run `call` inside the run: now, if this is its thread at work, else when the next turn begins."""
        if self._inside and threading.get_ident() == self._owner:
            call()
        else:
            self._posted.append(call)

    def spawn(self, main: AppMain, context: Context, ended: Callable[[], None] = nobody) -> Callable[[], None]:
        app = TrioApp(self.post, main, context, ended, self._fatal.append)
        self._apps = [other for other in self._apps if not other.done]
        self._apps.append(app)
        return app.cancel

    async def checkpoint(self) -> None:
        await trio.lowlevel.checkpoint()

    def signal(self) -> TrioSignal:
        return TrioSignal(self.post)

    def turn(self, until: Callable[[], bool], patience: float | None = None) -> Outcome:
        self._until = until
        self._outcome = None
        self._deadline = None if patience is None else time.monotonic() + patience
        self._inside = True
        self._looks = self._passes = 0
        try:
            while self._posted:
                self._posted.popleft()()
            if self._ticks.empty():
                self.poke()  # the run went to sleep at the end of the last turn, before what was posted since
            while self._outcome is None:
                if self._finished:
                    return self._after_the_end()
                self._next_tick()()
                self._after_tick()
            return self._outcome
        finally:
            self._inside = False
            self._until = bool

    def _next_tick(self) -> Callable[[], object]:
        """The next tick. While the run sleeps in trio's own thread, look again now and then, and let Ctrl-C through."""
        while True:
            try:
                return self._ticks.get(timeout=LOOK_AGAIN)
            except queue.Empty:
                self._at_rest(trio.lowlevel.current_statistics().seconds_to_next_deadline)
                if self._outcome is not None:
                    return nobody

    def _after_tick(self) -> None:
        """Raise what must end the test run; count the passes of an app that never rests."""
        if self._fatal:
            raise self._fatal.pop()
        if self._outcome is not None:
            return
        has_answer = self._until()
        if has_answer or self._deadline is not None:
            self._passes += 1
            if self._passes > PASSES_AFTER_ANSWER:
                self._outcome = Outcome.MET if has_answer else Outcome.RESTED

    async def _main(self) -> None:
        try:
            await self._end.wait()
        finally:
            self._main_over = True

    def _after_the_end(self) -> Outcome:
        """The run ends by close(), or by an interrupt: trio hands that to its main task, which is ours."""
        if not self._interrupt_raised:
            self._interrupt_raised = True
            self._finished[0].unwrap()
        return Outcome.MET if self._until() else Outcome.STALLED

    def _at_rest(self, next_timer: float) -> float:
        """Decide what a rest means; returns how long the run may sleep, in seconds."""
        if self._outcome is not None or not self._inside:
            return 0
        if self._main_over:
            return next_timer  # an interrupt has reached trio; it is raised when the run has wound up its tasks
        if self._until():
            self._outcome = Outcome.MET
            return 0
        self._passes = 0
        patient = self._deadline is None
        left = math.inf if self._deadline is None else self._deadline - time.monotonic()
        if left <= 0:
            self._outcome = Outcome.RESTED
            return 0
        if (patient and next_timer < math.inf) or _waits_for_sockets():
            return min(left, next_timer)
        if self._threads_at_work() if patient else busy_workers():
            self._looks = 0
            return min(left, LOOK_AGAIN)
        # Tasks in `wait_all_tasks_blocked()` wake only if the run sleeps: after a moment of that, one would have run.
        if self._steps.seen:
            self._steps.seen = False
            self._looks = 0
        self._looks += 1
        if self._looks < LOOKS:
            return PAUSE
        self._outcome = Outcome.STALLED if patient else Outcome.RESTED
        return 0

    def _threads_at_work(self) -> bool:
        """Threads that may call in; those that trio keeps for its own waits cannot, unless a job was handed out."""
        idle = trio.to_thread.current_default_thread_limiter().borrowed_tokens == 0
        return bool(threads_that_may_call_in(TRIO_CACHE if idle else ()))

    def app_tasks(self) -> list[AppTask]:
        return [] if self._finished else [described for _, described in app_tasks()]

    def poke(self) -> None:
        with suppress(trio.RunFinishedError):
            self._token.run_sync_soon(nobody, idempotent=True)

    def may_turn_here(self) -> bool:
        return threading.get_ident() == self._owner

    def renew(self) -> Callable[[], bool]:
        return _always  # trio's threads belong to the process, and end by themselves

    def close(self) -> None:
        if self._finished:
            return
        self._inside = True
        self._posted.clear()
        for app in self._apps:
            app.cancel()
        self._inside = False
        self.turn(lambda: all(app.done for app in self._apps), _LAST_GRACE)
        self._end.set()
        self._outcome, self._until, self._inside = None, bool, True
        while not self._finished:
            self._outcome = None
            self._next_tick()()
        self._inside = False


def _always() -> bool:
    return True


def _waits_for_sockets() -> bool:
    """Whether a task of the current run waits for a file descriptor, besides trio's own that waits to be poked."""
    io = trio.lowlevel.current_statistics().io_statistics
    return getattr(io, "tasks_waiting_read", 0) > 1 or getattr(io, "tasks_waiting_write", 0) > 0
