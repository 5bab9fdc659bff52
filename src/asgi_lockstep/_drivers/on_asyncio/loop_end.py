"""The end of a loop of ours: its tasks, its async generators, the jobs and the threads that work for it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ..calls.app_call import FATAL
from ..calls.python_end import leave_behind
from ..calls.tasks import do_nothing
from ..clock.real_time import real_time
from ..inspection.threads import describe_thread
from .app_tasks import describe
from .jobs import Jobs
from .loop_internals import has_async_generators
from .root_task import RootTask

_logger = logging.getLogger("asgi_lockstep")

#: Turns the loop until a condition holds, at most for so many seconds.
SeeEnd = Callable[[Callable[[], bool], float], None]


class LoopEnd:
    """Ends a loop, whatever comes in between: an interrupt (Ctrl-C) ends one step of it, and the others follow.

    Args:
        loop, root, jobs: the loop, its root task, and its default executor (None if that is not ours).
        see_end: turns it.
        grace: how long all of it may take, in seconds.
        quietly: whether nothing is said of what fails or does not end, because nobody would look for it here.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        root: RootTask,
        jobs: Jobs | None,
        see_end: SeeEnd,
        grace: float,
        quietly: bool,
    ) -> None:
        self._loop = loop
        self._root = root
        self._jobs = jobs
        self._see_end = see_end
        self._grace = grace
        self._deadline = real_time() + grace
        self._quietly = quietly

    def close(self) -> None:
        """End everything, and close the loop.

        Raises:
            KeyboardInterrupt, SystemExit: a task has raised it, or Ctrl-C was pressed; the loop is closed all the same.
        """
        failures: list[BaseException] = []
        if self._quietly:
            self._loop.set_exception_handler(do_nothing)
        try:
            for step in (self._end_tasks, self._end_generators, self._end_jobs, self._end_root):
                try:
                    step()
                except BaseException as exc:
                    failures.append(exc)
        finally:
            self._drop()
        # An interrupt counts most: where one has come, the loop may be in a state in which its other steps fail.
        failures.sort(key=lambda failure: isinstance(failure, Exception))
        if failures:
            raise failures[0]

    def _time_left(self) -> float:
        """How long what follows may take; what has no more than its last steps to make ends all the same."""
        return max(0.0, self._deadline - real_time())

    def _end_tasks(self) -> None:
        """Cancel every task that is left, and see it end; but a task may ignore that, and must not keep the test."""
        left = asyncio.all_tasks(self._loop) - {self._root}
        for task in left:
            task.cancel()
        try:
            self._see_all_end(left)
        finally:
            if not self._quietly:
                self._report(left)

    def _see_all_end(self, left: set[asyncio.Task[Any]]) -> None:
        """What one of them raises to end the test run is raised when the others have ended, too: threads may wait for
        them, and Python for the threads.
        """
        interrupt: BaseException | None = None
        while not all(task.done() for task in left) and (seconds := self._time_left()) > 0:
            try:
                self._see_end(lambda: all(task.done() for task in left), seconds)
            except Exception:
                raise
            except BaseException as exc:
                interrupt = exc
            else:
                break
        if interrupt is not None:
            raise interrupt

    def _report(self, left: set[asyncio.Task[Any]]) -> None:
        for task in left:
            if not task.done():
                _logger.warning("A task ignores its cancellation, and is thrown away with its loop: %s", describe(task))
            elif (
                not task.cancelled()
                and (exception := task.exception()) is not None
                and not isinstance(exception, FATAL)
            ):
                self._loop.call_exception_handler(
                    {"message": "a task of the app failed while it was cancelled", "exception": exception, "task": task}
                )

    def _end_generators(self) -> None:
        if not has_async_generators(self._loop):
            return
        closing = self._loop.create_task(self._loop.shutdown_asyncgens())
        self._see_end(closing.done, self._time_left())

    def _end_jobs(self) -> None:
        """A job cannot be cancelled. It goes on by itself, and Python waits for it at its end."""
        if self._jobs is None:
            return
        self._jobs.end()
        if self._jobs.at_work:
            self._see_end(lambda: not (self._jobs and self._jobs.at_work), self._time_left())
        for thread in () if self._quietly else self._jobs.at_work:
            _logger.warning(
                "A job of the app did not end in the grace of its client (%g seconds), and is left behind: %s",
                self._grace,
                describe_thread(thread),
            )

    def _end_root(self) -> None:
        self._root.let_go()
        self._root.cancel()
        self._see_end(self._root.done, self._time_left())

    def _drop(self) -> None:
        """Close the loop, and leave nothing to the garbage collector that could still say something."""
        try:
            self._loop.set_exception_handler(do_nothing)
            self._root.release()
            self._leave_threads()
            for task in asyncio.all_tasks(self._loop):
                coroutine: Any = task.get_coro()  # None for an eager task, which is done
                with suppress(Exception):  # whatever its clean-up does: there is no loop for it any more
                    coroutine.close()
        finally:
            with suppress(RuntimeError):  # uvloop, if an interrupt has left it in the belief that it runs
                self._loop.close()

    def _leave_threads(self) -> None:
        """Leave the threads behind that have a job yet, and stop the workers of anyio that an interrupt has kept from
        being bound to the root task, as they began.
        """
        for thread in () if self._jobs is None else self._jobs.at_work:
            leave_behind(thread)
        for thread in threading.enumerate():
            worker: Any = thread  # anyio's have a loop and a way to stop them
            if getattr(worker, "loop", None) is self._loop:
                leave_behind(worker)
                with suppress(Exception):  # it has been told so already
                    worker.stop()
