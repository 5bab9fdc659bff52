"""What a call of the app needs of the loop that it runs on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine
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


class Tasks(ABC):
    """What an app call needs of the loop that it runs on."""

    @abstractmethod
    def spawn(
        self, main: AppMain, context: Context, never_begun: Callable[[], None] = do_nothing
    ) -> Callable[[], None]:
        """Start `main()` as a task in `context`; returns what cancels it.

        Args:
            never_begun: called if the task was cancelled before its first step, and `main()` could not do anything.
        """

    @abstractmethod
    async def checkpoint(self) -> None:
        """Let every other task of this loop run once."""

    @abstractmethod
    def signal(self) -> Signal:
        """A new signal of this loop."""
