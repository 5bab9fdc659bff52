"""What a rest of an event loop means for whoever turns it: the three rules of clock.py, for every runner."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from ..calls.contract import PASSES_AFTER_ANSWER, Outcome
from ..clock.idle_time import IdleTime
from ..clock.real_time import real_time
from ..clock.virtual_clock import VirtualClock
from ..inspection.files_and_signals import signal_handlers
from ..inspection.starting_threads import NEW_THREADS
from ..inspection.threads import LOOKS, PAUSE, busy_workers, other_threads, working_threads

#: While only a thread or a socket can still make a difference, look again this often, in seconds, whether it is
#: still there. Decides nothing by itself.
LOOK_AGAIN = 0.1


class World(Protocol):
    """What a runner knows of its loop at a rest."""

    def may_be_called_into(self) -> bool:
        """Whether a thread exists of which it is not certain that it cannot call into the loop."""
        ...

    def has_jobs_outside(self) -> bool:
        """Whether a task waits for a job that it has given to a thread, as far as that is known for certain."""
        ...

    def next_due(self) -> float:
        """When the next timer fires, on a virtual clock."""
        ...

    def outside(self) -> list[str]:
        """What may still change something and is no part of the loop, in words."""
        ...


class Looks:
    """Counts the looks at other threads: one of them may have called in (and ended) just before it was looked for, and
    the next pass would run its call.
    """

    __slots__ = ("_since", "count", "saw_thread")

    #: After how many looks it is enough.
    at_least = LOOKS

    def __init__(self) -> None:
        self.count = 0
        #: Whether the last look has seen a thread that may call in.
        self.saw_thread = False

    def begin_again(self) -> None:
        """Something has moved since."""
        self.count = 0

    def enough(self) -> bool:
        """Look once more; whether that was the last time."""
        self.count += 1
        if self.count == 1:
            self._since = real_time()
        return self.count >= self.at_least and not NEW_THREADS.may_begin(self._since)


def jump_or_wait(clock: VirtualClock, left: float, sockets: bool, world: World, looks: Looks) -> float:
    """The second rule for a virtual clock: how long the loop may sleep, in seconds; 0 if time has jumped.

    Args:
        left: how long it may sleep at most.
        sockets: whether the loop waits for a file of the app.
    """
    if sockets:
        return left
    if world.has_jobs_outside() or working_threads():
        looks.begin_again()
        looks.saw_thread = True
        return min(left, LOOK_AGAIN)
    sees_thread = world.may_be_called_into()
    if (sees_thread or looks.saw_thread) and not looks.enough():
        looks.saw_thread = sees_thread
        return PAUSE
    looks.begin_again()
    looks.saw_thread = False
    clock.jump_to(world.next_due())
    return 0


class Turn:
    """One turn of a runner.

    Args:
        until: the condition to turn for; asked at each rest.
        patience: see `Move`.
        idle: how long the loop may wait; None for as long as it takes.
        clock: the clock of the loop, if it is a virtual one.
    """

    __slots__ = ("_clock", "_deadline", "_looks", "_passes", "_until", "idle", "outcome")

    def __init__(
        self, until: Callable[[], bool], patience: float | None, idle: IdleTime | None, clock: VirtualClock | None
    ) -> None:
        self._until = until
        self.idle = idle
        self.outcome: Outcome | None = None
        self._deadline = None if patience is None else real_time() + patience
        self._clock = clock
        self._looks = Looks()
        self._passes = 0

    def met(self) -> bool:
        """The first rule, asked at each rest: whether the client has its answer; then the turn is over."""
        if self.outcome is None and self._until():
            self.outcome = Outcome.MET
        return self.outcome is not None

    def at_rest(self, next_timer: float, sockets: bool, moved: bool, world: World) -> float:
        """The other rules, where the first does not hold: how long the loop may sleep, in seconds.

        `math.inf` says for as long as it takes, 0 that the turn is over.

        Args:
            next_timer: after how many seconds the next timer is due; `math.inf` if there is none.
            sockets: whether the loop waits for a file of the app.
            moved: whether a task has run since the last rest.
        """
        self._passes = 0
        if moved:
            self._looks.begin_again()
        if self.idle is not None and self.idle.over:
            return self.end(Outcome.TIMED_OUT)
        if self._deadline is not None:
            return self._at_patient_rest(self._deadline - real_time(), sockets, world)
        left = math.inf if self.idle is None or self.idle.left is None else self.idle.left
        if next_timer < math.inf:
            if self._clock is None:
                return min(next_timer, left)
            return jump_or_wait(self._clock, left, sockets, world, self._looks)
        if sockets:
            return left
        if world.may_be_called_into():
            return self._look_again(left)
        if not self._looks.enough():
            return PAUSE  # in which a thread that has just been started comes to be seen
        if signal_handlers():
            return min(left, LOOK_AGAIN)
        return self.end(Outcome.STALLED)

    def _at_patient_rest(self, left: float, sockets: bool, world: World) -> float:
        """Whoever gives the app a grace waits for what is at work outside of it, and for nothing else."""
        if left <= 0:
            return self.end(Outcome.RESTED)
        if sockets:
            return left
        if busy_workers() or world.has_jobs_outside():
            return self._look_again(left)
        if not self._looks.enough():
            return PAUSE if other_threads() else 0
        return self.end(Outcome.RESTED)

    def _look_again(self, left: float) -> float:
        self._looks.begin_again()
        return min(left, LOOK_AGAIN)

    def passed(self, passes: int) -> None:
        """Count the passes: an app that spins never rests, and still the turn has to end.

        Args:
            passes: how many more there were.
        """
        if self.outcome is not None:
            return
        has_answer = self._until()
        if has_answer or self._deadline is not None:
            self._passes += passes
            if self._passes > PASSES_AFTER_ANSWER:
                self.end(Outcome.MET if has_answer else Outcome.RESTED)
        elif self.idle is not None:
            self.idle.look(passes)
            if self.idle.over:
                self.end(Outcome.TIMED_OUT)

    def has_answer(self) -> bool:
        """Whether the condition holds."""
        return self._until()

    @property
    def over(self) -> bool:
        """Whether the turn is over."""
        return self.outcome is not None

    def end(self, outcome: Outcome) -> float:
        """The turn is over."""
        self.outcome = outcome
        return 0
