"""`client.clock`: the time of the app, and how it passes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from ..._drivers.clock.real_time import real_time
from ..._drivers.clock.virtual_clock import VirtualClock
from ...errors import UsageError
from ..entrances import entrances
from ..values import ARGUMENT, check_seconds


class _Clock:
    """What both clocks share.

    Args:
        virtual: gives the virtual clock of the app, or None where its time is real.
    """

    def __init__(self, virtual: Callable[[], VirtualClock | None]) -> None:
        self._virtual = virtual

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.now:g}, {'real' if self._virtual() is None else 'virtual'}>"

    @property
    def now(self) -> float:
        """Seconds; a virtual clock begins at 0, a real one anywhere."""
        clock = self._virtual()
        return real_time() if clock is None else clock.now

    def _check_advance(self, seconds: float) -> None:
        __tracebackhide__ = True
        check_seconds("advance", seconds, form=ARGUMENT, finite=True)
        if self._virtual() is None:
            raise UsageError(
                'Real time cannot be advanced. Give the client clock="virtual", or wait with client.sleep(seconds).'
            )


@entrances()
class ClientClock(_Clock):
    """The clock of a `TestClient`."""

    def __init__(self, virtual: Callable[[], VirtualClock | None], sleep: Callable[[float], None]) -> None:
        super().__init__(virtual)
        self._sleep = sleep

    def advance(self, seconds: float) -> None:
        """Let virtual time pass: what is due in between happens at its exact time, and then the app rests.

        Args:
            seconds: how much.

        Raises:
            UsageError: the time of this client is real, or it would have to go back.
        """
        __tracebackhide__ = True
        self._check_advance(seconds)
        self._sleep(seconds)


class _AsyncSleep(Protocol):
    def __call__(self, seconds: float, /) -> Awaitable[None]: ...


@entrances()
class AsyncClientClock(_Clock):
    """The clock of an `AsyncTestClient`: that of the running event loop."""

    def __init__(self, virtual: Callable[[], VirtualClock | None], sleep: _AsyncSleep) -> None:
        super().__init__(virtual)
        self._sleep = sleep

    async def advance(self, seconds: float) -> None:
        """Let virtual time pass: what is due in between happens at its exact time, and then the app rests.

        Args:
            seconds: how much.

        Raises:
            UsageError: the time of this client is real, or it would have to go back.
        """
        __tracebackhide__ = True
        self._check_advance(seconds)
        await self._sleep(seconds)
