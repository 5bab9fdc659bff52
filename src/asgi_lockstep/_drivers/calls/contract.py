"""The contract between the drivers, who know what to wait for, and a runner, which turns an event loop.

A *runner* is one event loop that moves only while somebody is inside `turn()`. Everything that touches the loop
happens in there, on the thread that turns it: `post()` keeps what comes from elsewhere until then.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from enum import Enum

from ..._protocol.steps import always
from ..clock.idle_time import IdleTime
from .app_tasks import AppTask
from .tasks import Tasks

#: How many passes of a loop a call goes on after it has its answer, while tasks of the app are still ready. An app
#: that spins on `sleep(0)` never rests; this is where the test gets its thread back.
PASSES_AFTER_ANSWER = 100

#: How long tasks that were cancelled at the end may take, in seconds of real time.
LAST_GRACE = 5.0


class Outcome(Enum):
    """Why `turn()` returned."""

    MET = "the condition holds, and nothing is ready to run"
    RESTED = "the app rests, and the caller did not want to wait longer"
    STALLED = "the condition does not hold, and nothing can change that any more"
    UNREACHABLE = "the condition does not hold, and nobody can reach what the app waits for before it"
    TIMED_OUT = "the condition does not hold, and the caller may not wait longer"


class LoopRunner(Tasks):
    """One event loop that moves only while somebody is inside `turn()`."""

    @property
    @abstractmethod
    def beats(self) -> int:
        """How many passes the loop has made; for the watchdog."""

    @property
    @abstractmethod
    def busy_thread(self) -> int | None:
        """The thread that runs code on the loop now, and does not wait for an event."""

    def nudge(self) -> None:
        """Called by the watchdog where the loop makes no pass; its own waits go by real seconds, and need no help."""

    #: Whether any thread may turn it (one at a time), or only the one that made it.
    movable = True

    @abstractmethod
    def turn(self, until: Callable[[], bool], patience: float | None = None, idle: IdleTime | None = None) -> Outcome:
        """Run the loop until `until()` holds and nothing is ready to run.

        Args:
            until: asked at each rest. Must be quick and must not touch the loop.
            patience: None to wait for whatever can still happen; a number of seconds as `Move` has it.
            idle: how long the loop may wait; None for as long as it takes.

        Raises:
            KeyboardInterrupt, SystemExit: the app has raised it, or Ctrl-C was pressed. The loop can be turned again.
            RuntimeError: a loop runs on this thread already, or this one has been closed; no driver turns it then.
        """

    def settle(self) -> None:
        """Run the loop until it rests. Raises as `turn()`."""
        if not self.settle_shortly():
            self.turn(always)

    def settle_shortly(self) -> bool:
        """The same, where the runner has a shorter way for it: what most turns come to. Raises as `turn()`.

        Returns:
            Whether it has one now; if not, nothing has run.
        """
        return False

    @abstractmethod
    def app_tasks(self) -> list[AppTask]:
        """The tasks of apps that have not ended. Called where the loop is turned, or could be."""

    def cancel_app_tasks(self) -> None:
        """Have those tasks of apps cancelled in the next turn that can outlive the call by which they were made."""

    @abstractmethod
    def outside(self) -> list[str]:
        """What may still change something and is no part of the loop, in words. Called as `app_tasks()` is."""

    def overdue(self) -> float:
        """For how many seconds a timer has been due; 0 if none is, or it is not known. Called as `app_tasks()` is."""
        return 0.0

    @abstractmethod
    def poke(self) -> None:
        """Make a `turn()` on another thread ask its `until()` again. Any thread may call this; it raises nothing."""

    @abstractmethod
    def may_turn_here(self) -> bool:
        """Whether the calling thread is one that can turn this loop."""

    @abstractmethod
    def renew(self) -> Callable[[], bool]:
        """Let go of the worker threads that libraries keep for the loop, in the next turns.

        Returns:
            The condition that holds when it is done.
        """

    @abstractmethod
    def close(self, grace: float = LAST_GRACE, quietly: bool = False) -> None:
        """End every task that is left, and the loop, which nobody may be turning. A second time does nothing.

        Args:
            grace: how long tasks that are cancelled, and then jobs in threads, may take, in seconds; what does not end
                is logged, and left.
            quietly: whether nothing is said, neither of that nor of what fails.

        Raises:
            KeyboardInterrupt, SystemExit: a task has raised it, or Ctrl-C was pressed. It is closed all the same.
        """
