"""`wall_clock=True`: the clock on the wall goes with the virtual one, for token expiry and rate limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import BuiltinFunctionType
from typing import Any

from ..._drivers.clock.virtual_clock import VirtualClock
from ...errors import MissingExtra, UsageError


class _Wall:
    """`time.time()`, `time.monotonic()`, `datetime.now()` and their like, moved by virtual clocks.

    A process has one of them, and may have several virtual clocks: whichever jumps moves it, from when the first one
    takes it over until the last one gives it back. What time-machine moves is moved; `time.monotonic()` and
    `time.monotonic_ns()`, which it leaves alone, are replaced here, for code that calls them by these names.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: The clocks that move it, each as often as it has been taken over for it.
        self._movers: list[VirtualClock] = []
        self._stack = ExitStack()
        self._passed = 0.0
        self._shift: Callable[[float], None]

    def take_over(self, clock: VirtualClock) -> None:
        """Have it go with `clock`, from now on.

        Raises:
            MissingExtra: time-machine is not installed.
            UsageError: somebody else has it already.
        """
        with self._lock:
            if not self._movers:
                self._freeze()
            if clock not in self._movers:
                clock.listen(self._pass)
            self._movers.append(clock)

    def give_back(self, clock: VirtualClock) -> None:
        """Undo one `take_over()`."""
        with self._lock:
            self._movers.remove(clock)
            if clock not in self._movers:
                clock.stop_listening()
            if not self._movers:
                self._stack.close()

    def _freeze(self) -> None:
        try:
            import time_machine
        except ImportError:
            raise MissingExtra("time-machine", "wall_clock=True", "time") from None
        _check_nobody_has_it()
        self._shift = self._stack.enter_context(time_machine.travel(time.time(), tick=False)).shift
        self._passed = 0.0
        begin = time.monotonic()
        self._replace("monotonic", lambda: begin + self._passed)
        self._replace("monotonic_ns", lambda: round((begin + self._passed) * 1e9))

    def _replace(self, name: str, function: Callable[[], Any]) -> None:
        before = getattr(time, name)
        setattr(time, name, function)
        self._stack.callback(setattr, time, name, before)

    def _pass(self, seconds: float) -> None:
        self._passed += seconds
        self._shift(seconds)


def _check_nobody_has_it() -> None:
    """Refuse a clock that has been replaced: what stands in its place would not move with ours."""
    now: Any = time.time
    if isinstance(now, BuiltinFunctionType):
        return
    who = f"{getattr(now, '__module__', None) or '?'}.{getattr(now, '__qualname__', repr(now))}"
    raise UsageError(
        f"wall_clock=True cannot move the clock on the wall, because {who} has taken the place of time.time(). Leave "
        "one of the two out: with wall_clock=True time stands still, and client.clock.advance(seconds) moves it. To "
        "begin on another day, use time_machine.travel(day) around the client."
    )


#: That of this process.
_WALL = _Wall()


class WallClock:
    """What one client does with the clock on the wall. The day begins when it is entered, if no other one has begun it.

    Args:
        clock: what moves it.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._has_begun = False

    def start(self) -> None:
        """Have it go with the virtual clock. Raises as `_Wall.take_over()`."""
        _WALL.take_over(self._clock)
        self._has_begun = True

    def stop(self) -> None:
        """Give it back; nothing, if it was not taken over."""
        if self._has_begun:
            self._has_begun = False
            _WALL.give_back(self._clock)


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


def why_to_enter(wall_clock: bool, enter: str) -> str | None:
    """Why a client has to be entered before it is used; None if it need not.

    Args:
        wall_clock: whether the clock on the wall goes with its own: without an end, that could not be given back.
        enter: how it is entered.
    """
    if not wall_clock:
        return None
    return (
        "wall_clock=True counts while the client is entered, and this one is not. Write: "
        f'{enter}(app, clock="virtual", wall_clock=True) as client: ..., with lifespan="off" if none is to run.'
    )
