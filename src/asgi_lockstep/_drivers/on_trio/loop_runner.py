"""A trio run that moves only inside `turn()`, on the thread that turns it (trio's guest mode).

Guest mode hands us every tick of the run to call. A tick in which no task is ready asks the clock how long to sleep:
our clock notices the rest there, and answers "not at all" if the client has its answer. So the run never waits in a
thread of its own between two calls of the client.
"""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import Context
from typing import Any

import trio

from ..._protocol.steps import always
from ...errors import ClockNotVirtual, UnknownOption
from ..calls.app_tasks import AppTask
from ..calls.contract import LAST_GRACE, LoopRunner, Outcome
from ..calls.tasks import AppMain, Spawned, do_nothing
from ..clock.idle_time import IdleTime, SoLong
from ..clock.real_time import real_time
from ..clock.virtual_clock import VirtualClock
from ..inspection.held_signals import SIGNALS
from ..inspection.threads import PAUSE
from ..rest.proofs import LOOK_AGAIN, Stall
from ..rest.rest_rules import Turn, jump_or_wait
from .app_tasks import app_tasks, coroutines_of, throw_away_tasks
from .clocks import RestClock, RestInstrument, StepInstrument, VirtualTrioClock
from .place import MOVABLE, Place
from .tasks import TrioApp, TrioSignal
from .world import TrioWorld, waits_for_sockets

_logger = logging.getLogger("asgi_lockstep")

_KNOWN_OPTIONS = ("clock", "instruments", "restrict_keyboard_interrupt_to_checkpoints", "strict_exception_groups")

#: How long a run may take to end when its tasks have, or were thrown away, in seconds; without a thread it takes ticks.
_TO_END = 0.5

#: Runs that could not be ended. Nobody turns them any more; the garbage collector would complain about their parts.
_lost: list[SteppedRun] = []

#: What holds between two turns.
_NO_TURN = Turn(bool, None, None, None)


class SteppedRun(LoopRunner):
    """One trio run, turned by whoever calls `turn()`.

    Args:
        options: the options of `trio.run`.
        clock: the virtual clock that the run is to have; None for real time.

    Limits: one thread at a time; where a release of trio is not known to let a run move (`MOVABLE`), only the one that
    has made it, which cannot have a second run until it is closed.
    """

    movable = MOVABLE

    def __init__(self, options: Mapping[str, Any], clock: VirtualClock | None = None) -> None:
        for name in options:
            if name not in _KNOWN_OPTIONS:
                raise UnknownOption("backend_options key", name, _KNOWN_OPTIONS)
        self._owner = self._turning = threading.get_ident()
        self._place = Place()
        self._token: trio.lowlevel.TrioToken | None = None
        self._ticks: deque[Callable[[], object]] = deque()
        #: Released when there is a tick.
        self._news = threading.Lock()
        self._posted: deque[Callable[[], object]] = deque()
        self._inside = self._waiting = False
        self._passes = 0
        self._finished: list[Any] = []
        self._end_told = False
        self._main_over = False
        self._closing = Stall()
        self._turn = _NO_TURN
        self._end = trio.Event()
        #: Those that have not ended, and some that have: at so many of them these are forgotten.
        self._apps: list[TrioApp] = []
        self._enough = 8
        self._fatal: list[BaseException] = []
        self._steps = StepInstrument()
        options = dict(options)
        self._clock = clock
        virtual = None if clock is None else VirtualTrioClock(self._rest, clock)
        self._world = TrioWorld(virtual)
        if "clock" in options:
            if virtual is not None:
                raise ClockNotVirtual("a run with a clock of its own", "Leave out the option `clock`.")
            options["instruments"] = (*options.get("instruments", ()), RestInstrument(self._rest))
        else:
            options["clock"] = virtual or RestClock(self._rest)
        options["instruments"] = (*options.get("instruments", ()), self._steps)
        try:
            self._start(options)
        except BaseException:  # an interrupt: nobody else could end what has been started
            if self._token is not None:
                self.close(0, quietly=True)
            raise

    def _start(self, options: dict[str, Any]) -> None:
        with self._place:
            trio.lowlevel.start_guest_run(
                self._main,
                run_sync_soon_threadsafe=self._tick_came,
                done_callback=self._finished.append,
                host_uses_signal_set_wakeup_fd=True,
                **options,
            )
            self._token = trio.lowlevel.current_trio_token()

    def __repr__(self) -> str:
        where = f"turned by thread {self._turning}" if self._inside else "at rest"
        return f"<{type(self).__name__}, {where}>"

    def post(self, call: Callable[[], object]) -> None:
        """Run `call` inside the run: now, if this is its thread at work, else when the next turn begins."""
        if self._inside and threading.get_ident() == self._turning:
            call()
        else:
            self._posted.append(call)

    def spawn(self, main: AppMain, context: Context, never_begun: Callable[[], None] = do_nothing) -> Spawned:
        app = TrioApp(self.post, main, context, self._fatal.append)
        if len(self._apps) >= self._enough:  # twice as many as there were at last
            self._apps = [other for other in self._apps if not other.done]
            self._enough = 2 * len(self._apps) + 8
        self._apps.append(app)
        return app

    async def checkpoint(self) -> None:
        await trio.lowlevel.checkpoint()

    def coroutines_of(self, call: object) -> list[Any]:
        return coroutines_of(call)

    def signal(self) -> TrioSignal:
        return TrioSignal(self.post)

    def turn(self, until: Callable[[], bool], patience: float | None = None, idle: IdleTime | None = None) -> Outcome:
        turn = self._turn = Turn(SIGNALS.or_came(until), patience, idle, self._clock)
        self._turning = threading.get_ident()
        try:
            with self._place, SIGNALS.waking(self.poke):
                self._inside = True
                while self._posted:
                    self._posted.popleft()()
                if not self._ticks:
                    self.poke()  # the run went to sleep at the end of the last turn, before what was posted since
                while turn.outcome is None:
                    if self._finished:
                        return self._after_the_end()
                    if self._wait_for_tick():
                        self._passes += 1
                        self._ticks.popleft()()
                        self._after_tick()
                return turn.outcome
        finally:
            self._inside = False
            self._turn = _NO_TURN

    @property
    def beats(self) -> int:
        return self._passes

    @property
    def busy_thread(self) -> int | None:
        return self._turning if self._inside and not self._waiting else None

    def _tick_came(self, tick: Callable[[], object]) -> None:
        self._ticks.append(tick)
        with suppress(RuntimeError):  # released already
            self._news.release()

    def _wait_for_tick(self) -> bool:
        """Whether the run has a tick to be made: it may sleep until then. False where the turn is over before that."""
        while not self._ticks:
            begin = real_time()
            self._waiting = True
            # The run sleeps in a thread of trio's, which hands over a tick when it wakes. A look now and then sees
            # what wakes nobody: a thread that ended, or a limit where the run cannot go on, since Python ends.
            self._news.acquire(timeout=LOOK_AGAIN)
            self._waited(begin)
            if not self._ticks and real_time() - begin >= LOOK_AGAIN and not self._turn.met():
                self._rest(trio.lowlevel.current_statistics().seconds_to_next_deadline)
            if self._turn.outcome is not None:
                return False
        return True

    def _waited(self, begin: float) -> None:
        self._waiting = False
        if self._turn.idle is not None:
            self._turn.idle.waited(real_time() - begin)

    def _after_tick(self) -> None:
        """Raise what must end the test run; count the passes of an app that never rests."""
        if self._fatal:
            raise self._fatal.pop()
        if self._turn.outcome is None:
            self._turn.passed(1)

    async def _main(self) -> None:
        try:
            await self._end.wait()  # until `close()`: the run is over when its main task is
        finally:
            self._main_over = True

    def _after_the_end(self) -> Outcome:
        """The run ends by close(), or because something in the middle of trio has failed, which is raised once."""
        if not self._end_told:
            self._end_told = True
            self._finished[0].unwrap()
        return Outcome.MET if self._turn.has_answer() else Outcome.STALLED

    def _rest(self, next_timer: float) -> float:
        """Decide what a rest means; returns how long the run may sleep, in seconds."""
        if not self._inside:
            return 0
        if self._main_over:  # by close(), and the run winds up its tasks
            if self._turn.met():
                return 0
            if self._clock is None or next_timer == math.inf:
                return next_timer
            return jump_or_wait(self._clock, math.inf, waits_for_sockets(), self._world, self._closing)
        turn = self._turn
        statistics = trio.lowlevel.current_statistics()
        if statistics.run_sync_soon_queue_size:
            return 0  # calls from outside of the tasks, finalizers among them, are made after the next poll
        if turn.met():  # nearly always; the first of the rules, all of which follow
            return 0
        moved = self._steps.seen_since()
        now = self._clock and self._clock.now
        wait = turn.at_rest(next_timer, waits_for_sockets(statistics), moved, self._world)
        if wait == 0 and not turn.over and now == (self._clock and self._clock.now):
            return PAUSE  # tasks in `wait_all_tasks_blocked()` are woken only if the run sleeps
        return min(wait, next_timer)

    def outside(self) -> list[str]:
        with self._place:
            return self._world.outside()

    def app_tasks(self) -> list[AppTask]:
        if self._finished:
            return []
        if self._inside:
            return [described for _, described in app_tasks()]
        with self._place:
            return [described for _, described in app_tasks()]

    def overdue(self) -> float:
        if self._finished:
            return 0.0
        with self._place:
            return max(0.0, -trio.lowlevel.current_statistics().seconds_to_next_deadline)

    def poke(self) -> None:
        assert self._token is not None
        with suppress(trio.RunFinishedError):
            self._token.run_sync_soon(do_nothing, idempotent=True)

    def may_turn_here(self) -> bool:
        return MOVABLE or threading.get_ident() == self._owner

    def renew(self) -> Callable[[], bool]:
        return always  # trio's threads belong to the process, and end by themselves

    def close(self, grace: float = LAST_GRACE, quietly: bool = False) -> None:
        self._posted.clear()
        failures: list[BaseException] = []
        deadline = real_time() + grace
        for step in (self._end_apps, self._end_run, self._drop):
            try:
                step(max(0.0, deadline - real_time()), quietly)
            except BaseException as exc:  # an interrupt, for example; the steps that follow are made all the same
                failures.append(exc)
        failures = [failure for failure in failures if not isinstance(failure, Exception)]
        if failures:
            raise failures[0]

    def _end_apps(self, grace: float, _: bool) -> None:
        for app in self._apps:
            app.cancel()
        self._see_end(lambda: all(app.done for app in self._apps), grace)

    def _end_run(self, grace: float, quietly: bool) -> None:
        self.post(self._end.set)
        # The run winds up its tasks, which may ignore that.
        self._see_end(lambda: bool(self._finished), max(grace, _TO_END))
        if not self._finished and not quietly:
            tasks = "".join(f"\n  {task}" for task in self.app_tasks())
            _logger.warning("Tasks ignore their cancellation, and are thrown away with their trio run:%s", tasks)

    def _drop(self, _: float, __: bool) -> None:
        """Leave nothing behind that trio or the garbage collector could still say something about."""
        if self._finished:
            return
        self.post(throw_away_tasks)
        try:
            self._see_end(lambda: bool(self._finished), _TO_END)
        finally:
            if not self._finished:
                _lost.append(self)

    def _see_end(self, until: Callable[[], bool], seconds: float) -> None:
        if not self._finished:
            deadline = real_time() + seconds  # idle time alone is no limit for what never stops to work
            self.turn(lambda: until() or real_time() >= deadline, None, IdleTime(SoLong(seconds)))
