"""Whether anybody can still move: two proofs, from facts.

*By threads*: nothing is ready on the loop, no timer and no file is pending, and every other thread sleeps until
somebody of this process wakes it (`inspection/threads.py`). Then nobody ever will.

*By references*: nobody but the waiting tasks themselves can reach what the app's answer waits for
(`inspection/references.py`). It needs no quiet loop, and holds whatever threads, timers and sockets there are.

Both cost something: some 80 µs for each thread, some milliseconds for a walk through the references of a large app. So
neither is asked in the first millisecond of a rest, in which most jobs of threads end, and the second one only after
50 ms of idle time and then at doubling distances.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ..clock.idle_time import Awaited, IdleTime
from ..clock.real_time import real_time
from ..inspection.files_and_signals import signal_handlers
from ..inspection.threads import LOOKS, other_threads, threads_that_may_move

#: How long a rest beside other threads is not looked at, in seconds; then it is looked at again at doubling distances,
#: up to the second number.
FIRST_LOOK, LOOK_AGAIN = 0.001, 0.1

#: After how much idle time the references are asked, in seconds.
FIRST_QUESTION = 0.05

#: How much of the idle time of a call that lives the questions about it may take: one part of so many.
_DEAR = 10


class World(Protocol):
    """What a runner knows of its loop at a rest."""

    def nothing_ready(self) -> bool:
        """Whether no call from elsewhere waits to be made on the loop."""
        ...

    def has_jobs_outside(self) -> bool:
        """Whether a task waits for a job that it has given to a thread, as far as names tell: for patience."""
        ...

    def next_due(self) -> float:
        """When the next timer fires, on a virtual clock."""
        ...

    def due_in(self) -> float:
        """In how many seconds of the loop's clock the next timer fires; `math.inf` if there is none to be seen."""
        ...

    def why_reachable(self, awaited: Awaited, waiting: Any = None) -> str:
        """Who can still reach what a call waits for, in words; `""` if nobody can.

        Args:
            awaited: the call.
            waiting: the task of this loop that waits for it; None where the test waits outside of the loop.
        """
        ...

    def why_tasks_are_reachable(self) -> str:
        """Who can reach what any task waits for, besides tasks and timers of the loop, in words; `""` if nobody can."""
        ...

    def outside(self) -> list[str]:
        """What may still change something and is no part of the loop, in words."""
        ...


class Looks:
    """Counts looks at worker threads, for patience: one that looks idle may be about to begin."""

    __slots__ = ("_at_least", "_count")

    def __init__(self, at_least: int = LOOKS) -> None:
        self._at_least = at_least
        self._count = 0

    def begin_again(self) -> None:
        """Forget the looks so far, because something has moved since."""
        self._count = 0

    def enough(self) -> bool:
        """Count another look; whether that was the last one that is needed."""
        self._count += 1
        return self._count >= self._at_least


class Stall:
    """The proof by threads, for a loop on which nothing is pending."""

    __slots__ = ("_held_until", "_pause", "_proven")

    def __init__(self) -> None:
        self.begin_again()

    def begin_again(self) -> None:
        """Forget what was seen, because something has moved since."""
        self._pause = FIRST_LOOK
        self._proven = False
        self._held_until = 0.0

    def held_for(self, world: World, quiet: Sequence[str]) -> float:
        """How long a virtual clock stands still before the next look, in seconds; 0 if it may jump."""
        now = real_time()
        if now >= self._held_until:
            if not why_time_stands_still(world, quiet):
                return 0.0
            # A question that was dear is asked more rarely.
            self._held_until = now + max(self.pause(), _DEAR / 2 * (real_time() - now))
        return self._held_until - now

    def look(self, quiet: Sequence[str]) -> float | None:
        """How long to wait for the next look, in seconds; None if nobody can move any more.

        Args:
            quiet: the names of threads that call into no loop, as the user says.
        """
        if self._proven:  # at the last look, and nothing has come in the pass since then
            return None
        if self._pause == FIRST_LOOK and other_threads():
            return self.pause()
        if threads_that_may_move(quiet):
            return self.pause()
        if signal_handlers():
            return LOOK_AGAIN  # a signal may come at any time; a handler that is taken away wakes nobody
        self._proven = True
        return 0  # what a thread has called before it was looked for runs in the next pass

    def pause(self) -> float:
        """How long to wait for the next look, in seconds: twice as long as before."""
        pause, self._pause = self._pause, min(2 * self._pause, LOOK_AGAIN)
        return pause


class Question:
    """The proof by references, for one call: when it is asked, so that a call that lives does not feel it."""

    __slots__ = ("_asked_at", "_due", "_proven")

    #: How long the last walk of this process took, in seconds: the next one will take as long.
    cost = 0.0
    #: When the next one may begin, whichever call it is about: a thousand calls that wait side by side share the time.
    next_at = 0.0

    def __init__(self) -> None:
        self._begin_again()

    def _begin_again(self) -> None:
        self._due = max(FIRST_QUESTION, _DEAR / 2 * Question.cost)
        self._asked_at = 0.0
        self._proven = False

    def due_in(self, used: float) -> float:
        """In how many seconds it is to be asked; 0 or less for now.

        Args:
            used: how long the call has been idle, in seconds; less than before if it has moved.
        """
        if used < self._asked_at:
            self._begin_again()
        left = self._due - used
        if left > 0 or self._proven:
            return left
        return Question.next_at - real_time()

    def nobody_can(self, idle: IdleTime, world: World, waiting: Any = None) -> bool:
        """Whether nobody can reach what a call waits for: found twice, with a pass of the loop in between.

        Args:
            idle: of the call; its `why_not_dead` is set.
            world, waiting: see `World.why_reachable()`.
        """
        used = self._asked_at = idle.used
        begin = real_time()
        # Given as they are: an object that is made here to hold them would be one more that refers to them.
        idle.why_not_dead = world.why_reachable(idle.awaited, waiting)
        if not idle.why_not_dead:
            proven, self._proven = self._proven, True
            return proven
        end = real_time()
        Question.cost = end - begin
        Question.next_at = end + _DEAR * Question.cost
        self._proven = False
        self._due = max(2 * used, used + _DEAR * Question.cost)
        return False


def why_time_stands_still(world: World, quiet: Sequence[str]) -> str:
    """What may come before the next timer of a virtual clock, in words; `""` if nothing can, and time may jump.

    Args:
        quiet: the names of threads that call into no loop, as the user says.
    """
    threads, handlers = threads_that_may_move(quiet), signal_handlers()
    if not threads and not handlers:
        return ""
    if threads and world.has_jobs_outside():
        return "a job in a thread"  # which nearly always is why a thread moves, and costs less to see
    # Somebody moves; it matters if he can reach what a task waits for.
    return world.why_tasks_are_reachable()
