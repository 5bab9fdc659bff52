"""What a call of the app needs of the loop that it runs on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextvars import Context
from typing import Any, Protocol

AppMain = Callable[[], Coroutine[Any, Any, None]]


def do_nothing(*_: object) -> None:
    """What is called where somebody could be told of something, and nobody has asked to be."""


class Signal(Protocol):
    """Where tasks of the app, or the client, wait for their exchange to change."""

    @property
    def waiting(self) -> int:
        """How many tasks wait."""
        ...

    def wait(self) -> Awaitable[None]:
        """What to await, without anything in between: it returns after the next `fire()`."""
        ...

    def fire(self) -> None:
        """Wake everyone who waits. Called on the loop, or by the thread that has the lock, any number of times."""


class Spawned(Protocol):
    """A task that was started."""

    def cancel(self) -> None:
        """Cancel the task; nothing, if it has ended."""

    def ends(self) -> None:
        """Told by its `main()` as the last thing that it does, however it ends: nobody else has to notice then."""


class _Nothing:
    """What was spawned where nothing was, or has ended."""

    def cancel(self) -> None:
        """Do nothing."""

    def ends(self) -> None:
        """Do nothing."""


NOT_SPAWNED: Spawned = _Nothing()


class Tasks(ABC):
    """What an app call needs of the loop that it runs on."""

    @abstractmethod
    def spawn(self, main: AppMain, context: Context, never_begun: Callable[[], None] = do_nothing) -> Spawned:
        """Start `main()` as a task in `context`; it has to tell what this returns when it ends.

        Args:
            never_begun: called if the task was cancelled before its first step, and `main()` could not do anything.
        """

    @abstractmethod
    async def checkpoint(self) -> None:
        """Let every other task of this loop run once."""

    @abstractmethod
    def coroutines_of(self, call: object) -> Iterable[Any]:
        """Those of the tasks on this loop that come of a call of the app; asked for on the loop."""

    @abstractmethod
    def signal(self) -> Signal:
        """A new signal of this loop."""
