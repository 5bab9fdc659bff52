"""What a rest of an event loop means: what counts as blocked, and the three rules, for every runner.

A loop rests when no task of it is ready to run. A task is blocked *durably* if it waits for a future, an event, a lock,
a queue, a timer, or in ASGI's `receive()` or `send()`: only the app and the test can end that. It is not durable to
wait for work in a thread, for a socket, a pipe or a subprocess: that ends by itself. The rules, in order, at each rest:

1. The client has its answer (or only wanted the app to rest): the call returns.
2. A timer is pending: a real clock waits for it. A virtual clock jumps to it, unless something that is not durable is
   under way; then it stands still until that has ended.
3. Nothing is pending: if everything is durable, nobody will ever move again, which is a `Deadlock`. Otherwise, and
   where a signal may come for which there is a handler, the call waits.

A call that has a limit of idle time waits no longer than that, in the second and the third rule. One that has patience
instead (a grace for the clean-up of an app) waits for what is not durable alone, and for no timer; then it returns.
`Turn` carries the rules out for a loop that we turn, and `watch.py` the third one for a loop of somebody else.
"""

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
    """Counts the looks at other threads. One is not enough: a thread may have called in, and ended, just before it was
    looked for, and the next pass of the loop would run its call.
    """

    __slots__ = ("_since", "count", "saw_thread")

    #: After how many looks it is enough.
    at_least = LOOKS

    def __init__(self) -> None:
        self.count = 0
        #: Whether the last look has seen a thread that may call in.
        self.saw_thread = False

    def begin_again(self) -> None:
        """Forget the looks so far, because something has moved since."""
        self.count = 0

    def enough(self) -> bool:
        """Count another look; whether that was the last one that is needed."""
        self.count += 1
        if self.count == 1:
            self._since = real_time()
        return self.count >= self.at_least and not NEW_THREADS.may_begin(self._since)


def jump_or_wait(clock: VirtualClock, left: float, sockets: bool, world: World, looks: Looks) -> float:
    """The second rule for a virtual clock: how long the loop may sleep, in seconds; 0 if time has jumped.

    Args:
        clock: the clock of the loop; it is set to the exact time of the next timer.
        left: how long it may sleep at most, in seconds; `math.inf` for as long as it takes.
        sockets: whether the loop waits for a file of the app.
        world: what is around the loop.
        looks: counts the looks of this turn.
    """
    if sockets:
        return left
    if world.has_jobs_outside() or working_threads():
        looks.begin_again()
        looks.saw_thread = True
        return min(left, LOOK_AGAIN)  # a call of theirs wakes the loop; an end without one is seen at the next look
    sees_thread = world.may_be_called_into()
    if (sees_thread or looks.saw_thread) and not looks.enough():
        looks.saw_thread = sees_thread
        return PAUSE  # in which it may call in, or come to stand where it is known to wait
    looks.begin_again()
    looks.saw_thread = False
    clock.jump_to(world.next_due())
    return 0


class Turn:
    """One turn of a runner.

    Args:
        until: the condition to turn for; asked at each rest.
        patience: in seconds, as `Move` has it; None for a turn that waits for its condition.
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
        """The first rule, asked at each rest: whether the client has its answer; then the turn is over.

        A method of its own, because nearly every turn ends with its first rest, for which nothing else has to be asked:
        the beginning of a rest, whose other rules are `at_rest()`. `tests/drivers/rest/test_rest_rules.py` asks both.
        """
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
            return self._look_again(left)  # a thread that ends without a call does not wake the loop
        if not self._looks.enough():
            return PAUSE  # in which a thread that has just been started comes to be seen
        if signal_handlers():
            return min(left, LOOK_AGAIN)  # a handler may be taken away, which wakes nobody
        return self.end(Outcome.STALLED)

    def _at_patient_rest(self, left: float, sockets: bool, world: World) -> float:
        """How long the loop may sleep where the call has patience: for what is not durable, and for no timer.

        Args:
            left: what is left of the patience, in seconds.
        """
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
        """How long the loop may sleep until the next look, because one has found what may still move it."""
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
        """End the turn; the 0 is for `at_rest()`, as the loop need not sleep any more."""
        self.outcome = outcome
        return 0
