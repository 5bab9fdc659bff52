"""Whether an asyncio loop that is not ours can still move: a timer looks while somebody waits."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence

from ..rest.watch import LOOK_EVERY, Waiter, Watch
from . import loop_internals
from .virtual_loop import VirtualLoop
from .world import AsyncioWorld


class AsyncioWatch(Watch):
    """The watch of an asyncio loop: a timer that is set only while somebody waits."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self.world = AsyncioWorld(loop)
        self._timer: asyncio.TimerHandle | None = None
        if isinstance(loop, VirtualLoop):
            loop.on_rest = self._look_at_rest

    def add(self, waiter: Waiter) -> None:
        super().add(waiter)
        if self._timer is None and not isinstance(self._loop, VirtualLoop):
            self._timer = self._loop.call_later(LOOK_EVERY, self._look_again)

    def _look_soon(self) -> None:
        if self._timer is not None and self._timer.when() > self._loop.time() + LOOK_EVERY:
            self._timer.cancel()
            self._timer = self._loop.call_later(LOOK_EVERY, self._look_again)

    def _look_again(self) -> None:
        self._timer = None
        if self.waiters:
            self._timer = self._loop.call_later(LOOK_EVERY, self._look_again)
            self.look(LOOK_EVERY, self._is_blocked())

    def _look_at_rest(self, waited: float) -> float:
        """Called by a virtual loop when it has nothing to do and no timer; how long it may sleep."""
        if not self.waiters:
            return math.inf
        self.look(waited, self._is_blocked())
        return LOOK_EVERY

    def call_in(self, function: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(function)

    def _now(self) -> float:
        return self._loop.time()

    def _current_task(self) -> object:
        return asyncio.current_task(self._loop)

    def _quiet_threads(self) -> Sequence[str]:
        return self._loop.clock.quiet_threads if isinstance(self._loop, VirtualLoop) else ()

    def _is_idle(self) -> bool:
        loop = self._loop
        timers, files = loop_internals.timers(loop), loop_internals.files(loop)
        if timers is None or files is None or not loop_internals.is_idle(loop):
            return False
        return not files and all(timer is self._timer for timer in timers)


#: The attribute of a loop that holds its watch: a dictionary with weak keys would keep the loop, which its watch holds.
_WATCH = "_asgi_lockstep_watch"


def watch_of(loop: asyncio.AbstractEventLoop) -> AsyncioWatch:
    """The watch of `loop`, of which there is one, however many clients use the loop."""
    watch: AsyncioWatch | None = getattr(loop, _WATCH, None)
    if watch is None:
        watch = AsyncioWatch(loop)
        setattr(loop, _WATCH, watch)
    return watch
