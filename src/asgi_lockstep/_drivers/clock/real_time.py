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


def frozen_timers(clock: object) -> list[str]:
    """What there is to say of the timers of an event loop, in words; nothing if its clock is Python's own.

    Args:
        clock: the function of `time` that the loop reads, as it is now.
    """
    if isinstance(clock, BuiltinFunctionType):
        return []
    who = f"{getattr(clock, '__module__', None) or '?'}.{getattr(clock, '__qualname__', repr(clock))}"
    return [f"timers of the event loop, whose time may stand still: its clock is {who} now"]
