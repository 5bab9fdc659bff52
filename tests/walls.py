"""The clocks on the wall, as tests read them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

#: Real clocks do not agree to the last digit with each other, nor with themselves after some time has been added.
NEARLY = 1e-5

#: The clocks on the wall, in seconds.
CLOCKS: dict[str, Callable[[], float]] = {
    "time": lambda: time.time(),
    "time_ns": lambda: time.time_ns() / 1e9,
    "monotonic": lambda: time.monotonic(),
    "monotonic_ns": lambda: time.monotonic_ns() / 1e9,
    "datetime": lambda: datetime.now(UTC).timestamp(),
    "localtime": lambda: datetime.now().timestamp(),
}


def real() -> dict[str, bool]:
    """Which clocks go as they do without us: they have moved a little, and not by hours."""
    before = time.perf_counter()
    at_begin = {name: clock() for name, clock in CLOCKS.items()}
    while time.perf_counter() - before < 0.002:
        pass
    return {name: 0.0005 < clock() - at_begin[name] < 5 for name, clock in CLOCKS.items()}


#: All of them.
ALL_REAL = dict.fromkeys(CLOCKS, True)


def passed_since(begin: dict[str, float]) -> set[int]:
    """How many seconds have passed on the clocks on the wall, which agree."""
    return {round(clock() - begin[name]) for name, clock in CLOCKS.items()}
