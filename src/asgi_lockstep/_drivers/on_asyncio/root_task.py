"""The root task of a loop, which outlives the calls of the client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from typing import Any

_Callback = Callable[[Any], object]


class RootTask(asyncio.Task[None]):
    """The root task of a loop: keeps the mark of `run_until_complete()` after that has been left by `stop()`.

    anyio binds its worker threads to the task that has that mark, and would start a thread for every call of a sync
    endpoint otherwise. So only the first turn is a `run_until_complete()`, and the others cost half.
    """

    _mark: _Callback | None = None
    _bound: tuple[_Callback, ...] = ()

    def add_done_callback(self, callback: Any, /, *, context: Context | None = None) -> None:
        """As `asyncio.Task`. The first one is the mark; the others are of those who are bound to this task."""
        super().add_done_callback(callback, context=context)
        if self._mark is None:
            self._mark = callback
        else:
            self._bound = (*self._bound, callback)

    def remove_done_callback(self, callback: Any, /) -> int:
        """As `asyncio.Task`, but for the mark: `run_until_complete()` would remove it when it is left."""
        if callback == self._mark:
            return 0
        self._bound = tuple(other for other in self._bound if other != callback)
        return super().remove_done_callback(callback)

    @property
    def was_left(self) -> bool:
        """Whether its `run_until_complete()` has been left."""
        return self._mark is not None

    def let_go(self) -> None:
        """Remove the mark: the callback would stop the loop when this task ends."""
        if self._mark is not None:
            super().remove_done_callback(self._mark)

    def release(self) -> None:
        """Tell those who are bound to this task that it ends, as its loop would, if that cannot move any more."""
        self.let_go()
        bound, self._bound = self._bound, ()
        for callback in bound:
            super().remove_done_callback(callback)
            with suppress(Exception):  # a worker that has been told already, and does not take more than that
                callback(self)


async def forever(loop: asyncio.AbstractEventLoop) -> None:
    """What a root task runs: nothing, until it is cancelled."""
    await loop.create_future()
