"""A backend that is not part of the package: asyncio under another name, with a loop of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from asgi_lockstep._drivers.calls.contract import LoopRunner
from asgi_lockstep._drivers.clock.virtual_clock import VirtualClock
from asgi_lockstep._drivers.on_asyncio.caller_loop import AsyncioCallerLoop
from asgi_lockstep._drivers.on_asyncio.loop_runner import SteppedLoop
from asgi_lockstep._drivers.rest.backend import Backend, CallerLoop


class ToyLoop(asyncio.SelectorEventLoop):
    """The loop by which the toy is told from asyncio."""


class ToyBackend(Backend):
    """Nothing but the contract."""

    name = "toy"

    def new_runner(self, options: Mapping[str, Any], clock: VirtualClock | None) -> LoopRunner:
        return SteppedLoop({"loop_factory": ToyLoop, **options}, clock)

    def runs_here(self) -> bool:
        try:
            return isinstance(asyncio.get_running_loop(), ToyLoop)
        except RuntimeError:
            return False

    def loop_here(self) -> object:
        return asyncio.get_running_loop()

    def virtual_clock_here(self) -> VirtualClock | None:
        return None

    def caller_loop(self) -> CallerLoop:
        return AsyncioCallerLoop(asyncio.get_running_loop())


BACKEND = ToyBackend()
