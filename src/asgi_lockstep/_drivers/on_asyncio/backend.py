"""The door of this folder: asyncio, uvloop and their like as a backend."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ..clock.virtual_clock import VirtualClock
from ..rest.backend import Backend, CallerLoop
from .caller_loop import AsyncioCallerLoop
from .loop_runner import SteppedLoop
from .virtual_loop import VirtualLoop


class AsyncioBackend(Backend):
    """Loops that any thread may turn, and of which a thread can have as many as it likes."""

    name = "asyncio"

    def new_runner(self, options: Mapping[str, Any], clock: VirtualClock | None) -> SteppedLoop:
        return SteppedLoop(options, clock)

    def runs_here(self) -> bool:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return False
        return True

    def loop_here(self) -> object:
        return asyncio.get_running_loop()

    def virtual_clock_here(self) -> VirtualClock | None:
        loop = asyncio.get_running_loop()
        return loop.clock if isinstance(loop, VirtualLoop) else None

    def caller_loop(self) -> CallerLoop:
        return AsyncioCallerLoop(asyncio.get_running_loop())


BACKEND = AsyncioBackend()
