"""The root task of a loop, which outlives the calls of the client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class RootTask(asyncio.Task[None]):
    """The root task of a loop: keeps the mark of `run_until_complete()` after that has been left by `stop()`.

    anyio binds its worker threads to the task that has that mark, and would start a thread for every call of a sync
    endpoint otherwise. So only the first turn is a `run_until_complete()`, and the others cost half.
    """

    _mark: Callable[[asyncio.Future[None]], object] | None = None

    def remove_done_callback(self, callback: Any, /) -> int:
        """Called by `run_until_complete()` when it is left, with the callback that it has added."""
        self._mark = callback
        return 0

    @property
    def was_left(self) -> bool:
        """Whether its `run_until_complete()` has been left."""
        return self._mark is not None

    def let_go(self) -> None:
        """Remove the mark: the callback would stop the loop when this task ends."""
        if self._mark is not None:
            super().remove_done_callback(self._mark)


async def forever(loop: asyncio.AbstractEventLoop) -> None:
    """What a root task runs: nothing, until it is cancelled."""
    await loop.create_future()
