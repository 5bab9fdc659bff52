"""Tasks and signals of asyncio, for whoever turns the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import Context

from ..calls.app_call import calling
from ..calls.tasks import AppMain
from .app_tasks import note_app_call, take_notes

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
        post: runs what it is given inside the loop, now or later.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, post: Post) -> None:
        self._loop = loop
        self._post = post
        self._running: set[asyncio.Task[None]] = set()
        take_notes(loop)

    def spawn(self, main: AppMain, context: Context, ended: Callable[[], None]) -> Callable[[], None]:
        """Start `main()` as a task in `context`; returns what cancels it. All as `Tasks.spawn` has it."""
        tasks: list[asyncio.Task[None]] = []

        def start() -> None:
            running = main()
            try:
                task = self._loop.create_task(running, context=context)
            except BaseException:  # an interrupt: Python would complain that it was never awaited
                running.close()
                raise
            note_app_call(task, context.get(calling))
            tasks.append(task)
            self._running.add(task)
            task.add_done_callback(done)

        def done(task: asyncio.Task[None]) -> None:
            self._running.discard(task)
            if not task.cancelled():
                task.exception()  # the exchange has it, so asyncio need not log that it "was never retrieved"
            ended()

        def cancel() -> None:
            for task in tasks:
                task.cancel()

        self._post(start)
        return lambda: self._post(cancel)
