"""Looks after the client calls that wait on a loop which is not ours: whether they can still get what they wait for."""

from __future__ import annotations

import math
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from ..._protocol.steps import Move
from ..calls.contract import Outcome
from ..calls.tasks import Signal
from ..clock.idle_time import Awaited, IdleTime
from ..clock.real_time import real_time
from ..inspection.files_and_signals import signal_handlers
from ..inspection.threads import threads_that_may_move
from ..inspection.watchdog import WATCHDOG
from .proofs import Looks, Question, World

T = TypeVar("T")

#: How often the watch looks, in seconds; a call that has its answer before that is never looked after.
LOOK_EVERY = 0.01

#: How many looks in a row have to find that nothing can move.
_LOOKS = 2


class Waiter:
    """A client call that waits on a loop which is not ours.

    Args:
        awaited: what it waits for, if that is something in particular.
        wake: makes it look at its `outcome`, and ask for its condition again.
        task: the task in which it waits.
    """

    __slots__ = ("_awaited", "_question", "idle", "outcome", "task", "wake")

    def __init__(self, awaited: Awaited | None, wake: Callable[[], None], task: object) -> None:
        self._awaited = awaited
        self.task = task
        #: How long it may wait, and when to ask whether anybody can reach it, once it has been looked after.
        self.idle: IdleTime | None = None
        self._question: Question | None = None
        self.outcome: Outcome | None = None
        self.wake = wake

    def waited(self, seconds: float) -> bool:
        """Note that the loop has waited for so many seconds; whether that is longer than the call may wait."""
        if self._awaited is None:
            return False
        if self.idle is None:
            self.idle = IdleTime(self._awaited)
        self.idle.waited(seconds)
        return self.idle.over

    def is_out_of_reach(self, world: World) -> bool:
        """Whether nobody can reach what it waits for; asked now and then."""
        if self.idle is None:
            return False
        if self._question is None:
            self._question = Question()
        if self._question.due_in(self.idle.used) > 0:
            return False
        return self._question.nobody_can(self.idle, world, self.task)

    def end(self, outcome: Outcome) -> None:
        """Have the call return without its condition, and say why."""
        self.outcome = outcome
        self.wake()


class Watch(ABC):
    """The waiters of one loop, and what a look at it means for them: the rules of `rest_rules`.

    It looks by a timer of the loop. The clock of the loop may stand still, where a library has frozen the time of a
    test: then the watchdog, who goes by real seconds, has it look.
    """

    #: What is around the loop.
    world: World

    def __init__(self) -> None:
        self.waiters: set[Waiter] = set()
        self._guarded: float | None = None
        #: How often a call began to wait, or the watch has looked; for the watchdog.
        self.beats = 0
        #: The calls that wait and are not looked after yet, and how many there are of those that only settle.
        self.waiting_shortly: set[Any] = set()
        self._settling = 0
        self._described: tuple[int, list[Any]] = -1, []
        self._thread = threading.get_ident()
        self._looks = Looks(_LOOKS)
        self._nudged = False
        #: The time of the loop, and the real time, of the last nudge; None if it has looked by itself since.
        self._stood_at: tuple[float, float] | None = None

    @property
    def busy_thread(self) -> int | None:
        """The thread of the loop, which looks as long as it is not blocked."""
        return self._thread if self._settling or self.waiters or self.waiting_shortly else None

    def guard(self, block_warning: float | None) -> None:
        """Have the watchdog report the thread of the loop if it is blocked while a call waits.

        Args:
            block_warning: after how many seconds; None for never. Of several clients, the strictest counts.
        """
        limit = math.inf if block_warning is None else block_warning
        if self._guarded is None or limit < self._guarded:
            WATCHDOG.release(self)
            WATCHDOG.watch(self, limit)
            self._guarded = limit

    def described(self, tasks: Callable[[], list[T]]) -> list[T]:
        """What `tasks()` returns, asked once for all those whose wait one look has ended."""
        if self._described[0] != self.beats:
            self._described = self.beats, tasks()
        return self._described[1]

    def settling(self, more: int) -> None:
        """So many calls more let the app run until it rests, or less: the watchdog looks after the loop as long."""
        self._settling += more
        self.beats += 1

    def add(self, waiter: Waiter) -> None:
        """Look after `waiter` until it is discarded from `waiters`."""
        if not self.waiters:
            self._looks.begin_again()
        self.waiters.add(waiter)
        self._stood_at = None

    async def wait(self, move: Move, awaited: Awaited | None, signal: Signal) -> Waiter | None:
        """Wait for the condition of `move`, which does not hold yet.

        Args:
            move: what is waited for.
            awaited: whose limit counts; None for none.
            signal: fires whenever the condition may have come true.

        Returns:
            None where it has come true, or else the waiter, whose `outcome` says why not.
        """
        waiter = Waiter(awaited, signal.fire, self._current_task())
        self.beats += 1
        self.add(waiter)
        try:
            while waiter.outcome is None:
                # Until something of the call has changed, or the watch has ended the wait: it looks every `LOOK_EVERY`.
                await signal.wait()
                if move.until():
                    return None
        finally:
            self.waiters.discard(waiter)
        return None if move.until() else waiter  # an answer in the last moment counts

    def outside(self) -> list[str]:
        """What may still change something and is no part of the loop, in words."""
        return self.world.outside()

    def look(self, waited: float, blocked: bool) -> None:
        """Decide about everyone who waits.

        Args:
            waited: for how long the loop may have waited since the last look, in seconds.
            blocked: whether nothing can move on the loop, as far as can be seen now.
        """
        self.beats += 1
        self._stood_at = None
        if not blocked:
            self._looks.begin_again()
        stalled = blocked and self._looks.enough()
        for waiter in list(self.waiters):
            if stalled:
                waiter.end(Outcome.STALLED)
            elif waiter.waited(waited):
                waiter.end(Outcome.TIMED_OUT)
            elif waiter.is_out_of_reach(self.world):
                waiter.end(Outcome.UNREACHABLE)

    def nudge(self) -> None:
        """Called by the watchdog, in its thread: there was no look for long."""
        if not self._nudged:  # a loop that is blocked has enough with one
            self._nudged = True
            with suppress(RuntimeError):  # the loop is closed
                self.call_in(self._look_at_the_clock)

    def _look_at_the_clock(self) -> None:
        """Look, if the clock of the loop has stood still since the last nudge; or else the loop was blocked."""
        self._nudged = False
        stood_at, stands_at = self._stood_at, (self._now(), real_time())
        self.beats += 1
        if stood_at is not None and stood_at[0] == stands_at[0]:
            self.look(stands_at[1] - stood_at[1], self._is_blocked())
        self._stood_at = stands_at
        self._look_soon()

    def _is_blocked(self) -> bool:
        """Whether nothing can move on the loop, as far as can be seen now."""
        if not self._is_idle() or signal_handlers() or threads_that_may_move(self._quiet_threads()):
            return False
        return self._is_idle()  # asked again: a thread may have called in, and gone to sleep, before it was looked at

    def _quiet_threads(self) -> Sequence[str]:
        """The names of threads of which the user says that they call into no loop."""
        return ()

    @abstractmethod
    def _current_task(self) -> object:
        """The task that runs now."""

    @abstractmethod
    def call_in(self, function: Callable[[], object]) -> None:
        """Have the loop call `function`, from another thread."""

    @abstractmethod
    def _now(self) -> float:
        """The time of the loop."""

    @abstractmethod
    def _look_soon(self) -> None:
        """Bring the timer forward if it is too far off, as after a change of the clock."""

    @abstractmethod
    def _is_idle(self) -> bool:
        """Whether nothing is ready on the loop, and no timer or file of it can bring anything, as far as it shows."""
