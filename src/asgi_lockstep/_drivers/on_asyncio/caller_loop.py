"""A running asyncio loop of somebody else, on which the app of the async client runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context
from functools import partial
from typing import Any

from ..calls.app_tasks import AppTask
from ..calls.contract import LAST_GRACE
from ..calls.tasks import AppMain, Spawned, do_nothing
from ..rest.backend import CallerLoop, at_once
from .app_tasks import app_tasks, coroutines_of
from .jobs import leave_jobs
from .settle import settle_asyncio
from .tasks import AsyncioApps, AsyncioSignal
from .watch import watch_of


class AsyncioCallerLoop(CallerLoop):
    """What the async client needs of a running asyncio loop.

    Args:
        loop: the running loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._apps = AsyncioApps(loop)
        self.watch = watch_of(loop)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._loop!r}>"

    def spawn(self, main: AppMain, context: Context, never_begun: Callable[[], None] = do_nothing) -> Spawned:
        return self._apps.spawn(at_once, partial(_contained, main), context, never_begun)

    async def checkpoint(self) -> None:
        await asyncio.sleep(0)

    def coroutines_of(self, call: object) -> list[Any]:
        return coroutines_of(self._loop, call)

    def signal(self) -> AsyncioSignal:
        return AsyncioSignal(self._loop)

    async def settle(self) -> None:
        await settle_asyncio(self._loop)

    def app_tasks(self) -> list[tuple[Any, AppTask]]:
        return [*app_tasks(self._loop)]

    def leave_jobs(self) -> None:
        leave_jobs(self._loop)

    def when_ended(self, task: asyncio.Task[Any], call: Callable[[], object]) -> None:
        task.add_done_callback(lambda _: call())

    async def cancel(self, tasks: Sequence[asyncio.Task[Any]]) -> None:
        for task in tasks:
            task.cancel()
        if tasks:
            # Until they have ended; but a task may ignore its cancellation, and must not keep the test for ever.
            await asyncio.wait(tasks, timeout=LAST_GRACE)


async def _contained(main: AppMain) -> None:
    """An app call that exits ends the test that waits for it, which has the exception, and not the loop around both."""
    try:  # noqa: SIM105 - a context manager takes three calls more, in each request
        await main()
    except SystemExit:
        pass
