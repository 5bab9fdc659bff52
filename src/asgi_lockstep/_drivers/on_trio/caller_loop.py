"""A trio run of somebody else, on which the app of the async client runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import Context
from typing import Any

import trio

from ..calls.app_tasks import AppTask
from ..calls.tasks import AppMain, Spawned, do_nothing
from ..rest.backend import CallerLoop, at_once
from .app_tasks import app_tasks, coroutines_of
from .settle import settle_trio
from .tasks import TrioApp, TrioSignal
from .watch import watch_of_run


class TrioCallerLoop(CallerLoop):
    """What the async client needs of a running trio run. Made, and used, inside of the run."""

    def __init__(self) -> None:
        self.watch = watch_of_run()

    def spawn(self, main: AppMain, context: Context, never_begun: Callable[[], None] = do_nothing) -> Spawned:
        # What must end the test run is in the exchange; the run belongs to the test, which trio interrupts itself.
        return TrioApp(at_once, main, context, do_nothing)

    async def checkpoint(self) -> None:
        await trio.lowlevel.checkpoint()

    def coroutines_of(self, call: object) -> list[Any]:
        return coroutines_of(call)

    def signal(self) -> TrioSignal:
        return TrioSignal(at_once)

    async def settle(self) -> None:
        await settle_trio()

    def app_tasks(self) -> list[tuple[Any, AppTask]]:
        return [*app_tasks()]

    def when_ended(self, task: trio.lowlevel.Task, call: Callable[[], object]) -> None:
        """Do nothing: trio tells of the end of a task only the nursery that it is in."""

    async def cancel(self, tasks: Sequence[trio.lowlevel.Task]) -> None:
        """Do nothing: what an app has given to trio itself nobody can cancel; its other tasks end with its calls."""
