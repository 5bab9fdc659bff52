"""`wall_clock=True`: the clock on the wall goes with the virtual one, for token expiry and rate limits."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from ..._drivers.clock.virtual_clock import VirtualClock
from ...errors import MissingExtra, UsageError


class WallClock:
    """`time.time()`, `time.monotonic()`, `datetime.now()` and their like, moved by a virtual clock.

    The day begins when the block begins; from then on time passes on the wall only when the virtual clock jumps. What
    time-machine moves is moved; `time.monotonic()` and `time.monotonic_ns()`, which it leaves alone, are replaced here,
    for code that calls them by these names.

    Args:
        clock: what moves it.

    Raises:
        MissingExtra: time-machine is not installed.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._stack = ExitStack()

    def start(self) -> None:
        """Take over the clock on the wall."""
        try:
            import time_machine
        except ImportError:
            raise MissingExtra("time-machine", "wall_clock=True", "time") from None
        wall = self._stack.enter_context(time_machine.travel(time.time(), tick=False))
        offset = time.monotonic() - self._clock.now
        self._replace("monotonic", lambda: offset + self._clock.now)
        self._replace("monotonic_ns", lambda: round((offset + self._clock.now) * 1e9))
        self._clock.listen(wall.shift)
        self._stack.callback(self._clock.stop_listening)

    def stop(self) -> None:
        """Give it back."""
        self._stack.close()

    def _replace(self, name: str, function: Callable[[], Any]) -> None:
        before = getattr(time, name)
        setattr(time, name, function)
        self._stack.callback(setattr, time, name, before)


def wall_clock_of(clock: VirtualClock | None, wanted: bool) -> WallClock | None:
    """What moves the clock on the wall with `clock`, if that is wanted.

    Raises:
        UsageError: there is no virtual clock.
    """
    __tracebackhide__ = True
    if not wanted:
        return None
    if clock is None:
        raise UsageError(
            'wall_clock=True moves the clock on the wall with a virtual one: it needs clock="virtual", too.'
        )
    return WallClock(clock)
