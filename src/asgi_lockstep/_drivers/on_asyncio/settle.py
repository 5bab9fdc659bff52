"""Rest on a loop that is not ours, seen from a task of it: a pass in which nobody else scheduled anything."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable, Generator
from contextvars import Context
from typing import Any

from ..calls.contract import PASSES_AFTER_ANSWER


class _Counter:
    """Counts the `call_soon` of one loop while somebody settles on it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._before = vars(loop).get("call_soon")
        self._call_soon = loop.call_soon
        self.count = 0
        self.users = 0
        setattr(loop, "call_soon", self._counted)  # noqa: B010 - of this loop only, and only for a moment

    def remove(self) -> None:
        """Give the loop its own `call_soon` back."""
        if self._before is None:
            delattr(self._loop, "call_soon")
        else:
            setattr(self._loop, "call_soon", self._before)  # noqa: B010

    def _counted(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:
        self.count += 1
        return self._call_soon(callback, *args, context=context)


#: The loops on which somebody settles right now.
_counters: dict[asyncio.AbstractEventLoop, _Counter] = {}


@types.coroutine
def _next_pass() -> Generator[None]:
    """What `asyncio.sleep(0)` comes to, without the two coroutines around it."""
    yield


async def settle_asyncio(loop: asyncio.AbstractEventLoop) -> None:
    """Return when no task or future of `loop` has anything to do but the callers of this function."""
    counter = _counters.get(loop)
    if counter is None:
        counter = _counters[loop] = _Counter(loop)
    counter.users += 1
    try:
        for _ in range(PASSES_AFTER_ANSWER):
            before, users = counter.count, counter.users
            await _next_pass()  # in which everybody else who is ready runs
            # Whoever has returned in this pass has scheduled the end of its task instead, or what it does next. Were
            # that counted, only one could return in each pass, of a thousand who settle together.
            if counter.count - before <= max(users, counter.users):
                return
    finally:
        counter.users -= 1
        if not counter.users:
            del _counters[loop]
            counter.remove()
