"""The door of this folder: trio as a backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import trio

from ..clock.virtual_clock import VirtualClock
from ..rest.backend import Backend, CallerLoop
from .caller_loop import TrioCallerLoop
from .clocks import VirtualTrioClock
from .loop_runner import SteppedRun


class TrioBackend(Backend):
    """Runs that stay on the thread that has made them, which can have one at a time."""

    name = "trio"

    # A run is dear to keep (no second one on its thread), and nothing of the app outlives its calls.
    bound_to_thread = True

    def new_runner(self, options: Mapping[str, Any], clock: VirtualClock | None) -> SteppedRun:
        return SteppedRun(options, clock)

    def why_no_new_loop_here(self) -> str | None:
        if trio.lowlevel.in_trio_run():  # be it the test's or that of another client
            return "this thread has a trio run already, and trio allows one for each thread"
        return None

    def runs_here(self) -> bool:
        return trio.lowlevel.in_trio_task()

    def loop_here(self) -> object:
        return trio.lowlevel.current_trio_token()

    def virtual_clock_here(self) -> VirtualClock | None:
        clock = trio.lowlevel.current_clock()
        return clock.clock if isinstance(clock, VirtualTrioClock) else None

    def caller_loop(self) -> CallerLoop:
        return TrioCallerLoop()


BACKEND = TrioBackend()
