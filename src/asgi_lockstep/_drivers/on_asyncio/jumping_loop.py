"""An asyncio loop with a virtual clock that the test itself runs."""

from __future__ import annotations

import asyncio
import math
import selectors

from ..clock.real_time import real_time
from ..clock.virtual_clock import VirtualClock
from ..rest.proofs import Stall
from ..rest.rest_rules import jump_or_wait
from . import loop_internals
from .virtual_loop import VirtualLoop
from .world import AsyncioWorld


class _JumpingSelector(selectors.DefaultSelector):
    """The selector of a virtual loop that runs by itself: at each rest it jumps, if the rules allow it."""

    _loop: VirtualLoop
    _world: AsyncioWorld

    def __init__(self) -> None:
        super().__init__()
        self._stall = Stall()
        self._waited = 0.0

    def watch(self, loop: VirtualLoop) -> None:
        """Look after `loop`, which has been made with this selector."""
        self._loop, self._world = loop, AsyncioWorld(loop)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for events as any selector does; where a real loop would sleep, jump."""
        events = super().select(0)  # what has come already, without a wait
        if events or (timeout is not None and timeout <= 0):
            self._stall.begin_again()
            return events
        wait = self._at_rest(timeout is not None and bool(loop_internals.timers(self._loop)))
        begin = real_time()
        # Until a file is ready or another thread calls in; as long as the rules or the watch allow, or they look again.
        events = super().select(None if wait == math.inf else wait)
        self._waited = real_time() - begin
        return events

    def _at_rest(self, has_timer: bool) -> float:
        if not has_timer:
            return self._loop.on_rest(self._waited)
        sockets = bool(loop_internals.files(self._loop))
        wait = jump_or_wait(self._loop.clock, math.inf, sockets, self._world, self._stall)
        return min(wait, self._loop.on_rest(self._waited)) if wait else 0


def virtual_loop_factory() -> asyncio.AbstractEventLoop:
    """A new asyncio loop with a virtual clock; see `asgi_lockstep.clock`."""
    selector = _JumpingSelector()
    loop = VirtualLoop(selector, VirtualClock())
    selector.watch(loop)
    return loop
