"""The contract of a backend: everything that the drivers ask of one library that runs tasks.

A backend is a folder (`on_asyncio/`, `on_trio/`) with a module whose `BACKEND` answers these questions, and a row in
`turning/backends.py` that says where the module is. Nobody else knows which libraries there are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..calls.app_tasks import AppTask
from ..calls.contract import LoopRunner
from ..calls.tasks import Tasks
from ..clock.virtual_clock import VirtualClock
from .watch import Watch


class CallerLoop(Tasks):
    """The running loop of whoever has asked for it: the app calls of the async client are tasks of it.

    It belongs to the test, so it is neither turned nor closed, and it is used from its own thread only.
    """

    #: Looks after those who wait on this loop: one for each loop, whoever asks.
    watch: Watch

    @abstractmethod
    async def settle(self) -> None:
        """Return when nothing is ready on this loop but the callers of this. Waits for no timer and for no file.

        A task that spins on `sleep(0)` is always ready; that is borne for `PASSES_AFTER_ANSWER` passes.
        """

    @abstractmethod
    def app_tasks(self) -> list[tuple[Any, AppTask]]:
        """The tasks of apps on this loop that have not ended, each as its library has it, and as texts show it."""

    def leave_jobs(self) -> None:
        """Have nobody wait for the jobs of this loop at its end, where one of them holds up a call that is given up.

        Nothing where the library leaves its threads behind itself.
        """
        return

    @abstractmethod
    def when_ended(self, task: Any, call: Callable[[], object]) -> None:
        """Have `call()` made when `task`, one of `app_tasks()`, has ended; nothing if its library does not tell."""

    @abstractmethod
    async def cancel(self, tasks: Sequence[Any]) -> None:
        """Cancel tasks of `app_tasks()`, and see them end, as far as their library lets others do that.

        Returns:
            When they have ended; after `LAST_GRACE` seconds also where one of them ignores its cancellation.
        """


class Backend(ABC):
    """One library that runs tasks, for the sync client (`new_runner`) and for the async one (`caller_loop`)."""

    #: What users call it, and the name of its row.
    name: str

    #: Whether a loop stays on the thread that has made it, and is the only one which that thread can have. A client
    #: that is not entered then has a loop for each thread, and only as long as a call is under way.
    bound_to_thread = False

    @abstractmethod
    def new_runner(self, options: Mapping[str, Any], clock: VirtualClock | None) -> LoopRunner:
        """A new loop, to be turned by whoever asks for it.

        Args:
            options: the `backend_options` of the client.
            clock: the virtual clock that the loop is to have; None for real time.

        Raises:
            UnknownOption, MissingExtra, ClockNotVirtual: the options do not fit; the text says what to write instead.
        """

    def why_no_new_loop_here(self) -> str | None:
        """Why the calling thread cannot have another loop of this library now, as a sentence; None if it can.

        The app then runs on a thread of its own.
        """
        return None

    @abstractmethod
    def runs_here(self) -> bool:
        """Whether the caller is inside of a running loop of this library. Must be quick."""

    # Of the running loop. These raise a RuntimeError where none of this library runs here: ask `runs_here()` first.

    @abstractmethod
    def loop_here(self) -> object:
        """What identifies the running loop: the same object as long as it runs.

        Raises:
            RuntimeError: no loop of this library runs here.
        """

    @abstractmethod
    def virtual_clock_here(self) -> VirtualClock | None:
        """The virtual clock of the running loop, or None where its time is real.

        Raises:
            RuntimeError: no loop of this library runs here.
        """

    @abstractmethod
    def caller_loop(self) -> CallerLoop:
        """The running loop, for an app that is to run on it.

        Raises:
            RuntimeError: no loop of this library runs here.
        """


def at_once(call: Callable[[], object]) -> None:
    """How signals and tasks of a caller's loop make their calls: whoever uses them is inside of the loop already."""
    call()
