"""Tasks and signals of asyncio, for whoever turns the loop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextvars import Context
from inspect import CORO_CREATED, getcoroutinestate
from typing import Any, cast

from ..calls.tasks import AppMain
from .app_tasks import new_task, take_notes

Post = Callable[[Callable[[], object]], None]


class AsyncioSignal:
    """A `Signal` on an asyncio loop, which is fired by whoever has the lock: then nobody else turns the loop.

    Args:
        loop: whose tasks wait.
    """

    __slots__ = ("_loop", "_waiters")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiters: list[asyncio.Future[None]] = []

    @property
    def waiting(self) -> int:
        """How many tasks wait."""
        return sum(not waiter.done() for waiter in self._waiters)

    def wait(self) -> asyncio.Future[None]:
        """What to await: done after the next `fire()`."""
        waiter: asyncio.Future[None] = asyncio.Future(loop=self._loop)
        self._waiters.append(waiter)
        return waiter

    def fire(self) -> None:
        """Wake everyone who waits."""
        for waiter in self._waiters:
            if not waiter.done():  # a waiter that was cancelled in the meantime
                waiter.set_result(None)
        self._waiters.clear()


class AsyncioApps:
    """The app tasks of one loop: referenced while they run (asyncio itself does not), and cancellable.

    Args:
        loop: where they run.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.running: set[asyncio.Task[None]] = set()
        take_notes(loop)

    def spawn(self, post: Post, main: AppMain, context: Context, never_begun: Callable[[], None]) -> AsyncioApp:
        """Start `main()` as a task in `context`; all as `Tasks.spawn` has it.

        Args:
            post: runs what it is given inside the loop, now or later.
        """
        app = AsyncioApp(self, post, main, context, never_begun)
        post(app.start)
        return app


class AsyncioApp:
    """One app task, a `Spawned`: it tells of its end itself, as a done callback would take another pass of the loop.

    Args:
        apps: those of its loop.
        post, main, context, never_begun: see `AsyncioApps.spawn` and `Tasks.spawn`.
    """

    __slots__ = ("_apps", "_context", "_main", "_never_begun", "_post", "_task")

    def __init__(
        self, apps: AsyncioApps, post: Post, main: AppMain, context: Context, never_begun: Callable[[], None]
    ) -> None:
        self._apps = apps
        self._post = post
        self._main = main
        self._context = context
        self._never_begun = never_begun
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Make the task."""
        running = self._main()
        try:
            task = new_task(self._apps.loop, running, self._context, self._when_cancelled)
        except BaseException:  # an interrupt: Python would complain that it was never awaited
            running.close()
            raise
        if task.done():  # an eager one, of a task factory of the user's
            _take_exception(task)
        else:
            self._task = task
            self._apps.running.add(task)

    def ends(self) -> None:
        """See `Spawned.ends`."""
        task, self._task = self._task, None  # each would hold the other
        if task is not None:
            self._apps.running.discard(task)
            if sys.exception() is not None:
                task.add_done_callback(_take_exception)

    def cancel(self) -> None:
        """See `Spawned.cancel`."""
        self._post(self._cancel)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _when_cancelled(self, task: asyncio.Task[None]) -> None:
        """It may be cancelled; if it has not begun then, it never will, and cannot tell."""
        if getcoroutinestate(cast("Coroutine[Any, Any, None]", task.get_coro())) == CORO_CREATED:
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._task is not None:  # or it has told
            self.ends()
            self._never_begun()
        _take_exception(task)


def _take_exception(task: asyncio.Task[None]) -> None:
    """The exchange has it, so asyncio need not log that it "was never retrieved"."""
    if not task.cancelled():
        task.exception()
