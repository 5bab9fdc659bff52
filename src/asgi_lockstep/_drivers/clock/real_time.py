"""Real seconds, for limits and pauses, and whether the clock of an app goes with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from types import BuiltinFunctionType

#: Real seconds, whatever is patched to make the app believe otherwise. Libraries that freeze time replace the functions
#: of `time`, and every attribute of a module that is one of them (freezegun goes through all modules for that); so what
#: stands here is not that function, it calls it.
real_time: Callable[[], float] = partial(time.perf_counter)

#: In which every clock goes on, in seconds.
_TICKS = 2 * max(time.get_clock_info(name).resolution for name in ("monotonic", "perf_counter"))


def frozen_timers(now: Callable[[], float], reads: object) -> list[str]:
    """What there is to say of the timers of an event loop, in words; nothing if its clock goes on.

    Args:
        now: tells the time of the loop.
        reads: the function of `time` that such a loop reads, as it is now.
    """
    before = now()
    time.sleep(_TICKS)  # real seconds, so short that nobody notices
    if now() != before:
        return []
    if isinstance(reads, BuiltinFunctionType):
        return ["timers of the event loop, whose clock stands still"]
    who = f"{getattr(reads, '__module__', None) or '?'}.{getattr(reads, '__qualname__', repr(reads))}"
    return [f"timers of the event loop, whose clock stands still: it is {who}"]
