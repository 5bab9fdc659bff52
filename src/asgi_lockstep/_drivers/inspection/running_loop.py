"""What runs on the calling thread already."""

from __future__ import annotations

import asyncio
import sys

from ..clock.virtual_clock import VirtualClock
from ..on_asyncio.virtual_loop import VirtualLoop


def loop_runs_here() -> bool:
    """Whether the caller is inside of a running event loop, asyncio or trio."""
    # Every loop that runs has hooks for async generators (PEP 525); where there are none, nothing has to be asked. The
    # question is put before every turn, and an exception as its answer would cost as much as the rest of it.
    if sys.get_asyncgen_hooks().firstiter is None:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        trio = sys.modules.get("trio")
        return trio is not None and bool(trio.lowlevel.in_trio_task())
    return True


def trio_run_exists_here() -> bool:
    """Whether the calling thread has a trio run, be it the test's or that of another client."""
    trio = sys.modules.get("trio")
    return trio is not None and bool(trio.lowlevel.in_trio_run())


def async_library_here() -> str:
    """`"asyncio"` or `"trio"`: the library of the coroutine that calls.

    Raises:
        RuntimeError: no event loop is running here.
    """
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_task():
        return "trio"
    asyncio.get_running_loop()
    return "asyncio"


def running_loop() -> object:
    """What identifies the running event loop: the asyncio loop, or the token of the trio run.

    Raises:
        RuntimeError: no event loop is running here.
    """
    if async_library_here() == "trio":
        return sys.modules["trio"].lowlevel.current_trio_token()
    return asyncio.get_running_loop()


def virtual_clock_here() -> VirtualClock | None:
    """The virtual clock of the running event loop, or None where its time is real.

    Raises:
        RuntimeError: no event loop is running here.
    """
    if async_library_here() == "asyncio":
        loop = asyncio.get_running_loop()
        return loop.clock if isinstance(loop, VirtualLoop) else None
    from ..on_trio.clocks import VirtualTrioClock

    clock = sys.modules["trio"].lowlevel.current_clock()
    return clock.clock if isinstance(clock, VirtualTrioClock) else None
