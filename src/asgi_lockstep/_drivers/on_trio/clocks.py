"""Clocks and instruments of trio runs, through which their rests are noticed."""

from __future__ import annotations

import math
from collections.abc import Callable

import trio

from ..clock.real_time import real_time
from ..clock.virtual_clock import VirtualClock
from ..inspection.await_chains import await_chain
from ..inspection.threads import PAUSE
from ..rest.proofs import Stall
from ..rest.rest_rules import jump_or_wait
from .app_tasks import TaskNotes, all_tasks
from .world import TrioWorld, waits_for_sockets

#: Called at a rest with the seconds until the next deadline; returns how long the run may sleep.
AtRest = Callable[[float], float]


class RestClock(trio.abc.Clock):
    """The clock of a run of ours: real time, and the place where a rest is noticed."""

    def __init__(self, at_rest: AtRest) -> None:
        self._at_rest = at_rest

    def start_clock(self) -> None:
        """Do nothing: real time needs no start."""

    def current_time(self) -> float:
        """Seconds of real time."""
        return real_time()

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """How long the run may sleep, in seconds; asked by trio when no task is ready."""
        return self._at_rest(deadline - real_time())


class VirtualTrioClock(trio.abc.Clock):
    """The clock of a run with virtual time.

    Args:
        at_rest: decides when it jumps.
        clock: what it reads its time from.
    """

    def __init__(self, at_rest: AtRest, clock: VirtualClock) -> None:
        self.clock = clock
        #: The deadline that comes next.
        self.next_due = 0.0
        self._at_rest = at_rest
        self._paused_at = -1.0

    def start_clock(self) -> None:
        """Do nothing: virtual time needs no start."""

    def current_time(self) -> float:
        """Seconds of the virtual clock."""
        return self.clock.now

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """How long the run may sleep, in seconds; asked by trio when no task is ready."""
        self.next_due = deadline
        if deadline < math.inf and self._paused_at != self.clock.now and _someone_waits_for_rest():
            self._paused_at = self.clock.now
            return PAUSE  # trio wakes them when the run sleeps, and they come before the deadline
        return self._at_rest(deadline - self.clock.now)


class JumpingClock(VirtualTrioClock):
    """The virtual clock of a run that somebody else has made: at each rest it jumps, if the rules allow it."""

    def __init__(self) -> None:
        super().__init__(self._jump, VirtualClock())
        #: Asked when no task is ready and there is no deadline, with the seconds that have been waited: how long to
        #: wait now. Set by the watch over the run.
        self.on_rest: AtRest = _for_ever
        self._stall = Stall()
        self._world = TrioWorld(self)
        self._waits_since, self._wait = real_time(), 0.0

    def _jump(self, next_timer: float) -> float:
        wait = math.inf
        if real_time() - self._waits_since < self._wait:
            self._stall.begin_again()  # something has woken the run before its time
        if next_timer < math.inf:
            wait = jump_or_wait(self.clock, math.inf, waits_for_sockets(), self._world, self._stall)
        if wait:
            wait = min(wait, self.on_rest(min(real_time() - self._waits_since, self._wait)))
        self._waits_since, self._wait = real_time(), wait
        return wait


def _for_ever(_: float) -> float:
    return math.inf


def _someone_waits_for_rest() -> bool:
    """Whether a task stands in `wait_all_tasks_blocked()`."""
    return any(place.function == "wait_all_tasks_blocked" for task in all_tasks() for place in await_chain(task.coro))


class RestInstrument(trio.abc.Instrument):
    """Notices the rests of a run whose clock was given by the user."""

    def __init__(self, at_rest: AtRest) -> None:
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


class StepInstrument(TaskNotes):
    """Notices that a task has run since the last look, and which tasks start and end."""

    _seen = True

    def seen_since(self) -> bool:
        """Whether a task has run since this was asked last."""
        seen, self._seen = self._seen, False
        return seen

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """Called by trio before each step of a task."""
        self._seen = True
