"""A thread of our own: for turns that the calling thread cannot make, or where it was asked for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from ...errors import UsageError
from ..clock.real_time import real_time
from ..inspection.held_signals import SIGNALS, may_be_left
from ..inspection.known_code import Meaning, means
from ..inspection.threads import describe_thread

T = TypeVar("T")

#: How often a caller that waits looks again, in seconds: a wait without end does not let Ctrl-C through on Windows.
_AWAKE_EVERY = 0.5

#: How long a call that was interrupted may take to return, in seconds. It does with the next rest of the loop, which an
#: app that blocks the thread does not come to.
_TO_RETURN = 0.5


class _Job:
    """A function that is to be called on the thread, and what became of it.

    What has come is looked up in attributes, never taken out of something: an interrupt between taking an answer and
    keeping it would lose it.

    Args:
        function: what to call.
    """

    __slots__ = ("called_off", "done", "exception", "function", "news", "result")

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function: Callable[[], Any] | None = function
        self.called_off = self.done = False
        self.result: Any = None
        self.exception: BaseException | None = None
        #: Released when it is done. A plain lock: an interrupt in the Python code of an `Event` may leave that locked.
        self.news = threading.Lock()
        self.news.acquire()

    def do(self) -> None:
        """Call the function, once, unless the job was called off before."""
        function, self.function = self.function, None
        if self.done or function is None:
            return
        try:
            if not self.called_off:
                self.result = function()
        except BaseException as exc:
            self.exception = exc
        self.done = True
        self.news.release()

    @may_be_left
    @means(Meaning.CANNOT_CALL_IN)
    def wait(self, seconds: float | None = None) -> None:
        """Return when it is done, however long it takes; after so many seconds also where it is not."""
        deadline = None if seconds is None else real_time() + seconds
        while not self.done and (deadline is None or real_time() < deadline):
            SIGNALS.raise_here()
            # Until it is done: the test stands still while the app runs, as it does on its own thread.
            if self.news.acquire(timeout=_AWAKE_EVERY if seconds is None else seconds):
                return


class WorkerThread:
    """Calls functions on one thread, one at a time, while the caller waits.

    Args:
        interrupt: called when the waiting caller is interrupted (Ctrl-C), to make the running call return.
    """

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        #: A job that was interrupted, and has not returned: the app blocks the thread.
        self._stuck: _Job | None = None
        # A daemon: a client that is never closed must not keep the process alive.
        self._thread = threading.Thread(target=self._serve, name="asgi-lockstep worker", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._thread.ident}, {'alive' if self._thread.is_alive() else 'ended'}>"

    @property
    def is_current(self) -> bool:
        """Whether the calling thread is this one."""
        return self._thread is threading.current_thread()

    @property
    def is_stuck(self) -> bool:
        """Whether a call was interrupted and has not returned."""
        return self._stuck is not None and not self._stuck.done

    def call(self, function: Callable[[], T]) -> T:
        """Return what `function()` returns on the thread.

        Raises:
            KeyboardInterrupt: it came while this waited. The function was interrupted, and has returned, unless the app
                blocks the thread: then the thread is lost with it.
            UsageError: that has happened before.
            Exception: what the function raises.
        """
        if self.is_stuck:
            raise UsageError(
                "The thread of this client is lost: its call was interrupted, and the app still blocks it in "
                f"{describe_thread(self._thread)}. Make a new client."
            )
        job = _Job(function)
        try:
            self._jobs.put(job)
            job.wait()
        except BaseException:  # an interrupt: the call must not go on behind the back of the test
            self._call_off(job)
            raise
        if job.exception is not None:
            try:
                raise job.exception
            finally:
                del job  # a cycle of exception, traceback and this frame would keep the app's objects alive
        return job.result  # type: ignore[no-any-return]

    def _call_off(self, job: _Job) -> None:
        job.called_off = True
        self._stuck = job
        self._interrupt()
        self._jobs.put(job)  # once more, as the interrupt may have come before it was there
        job.wait(_TO_RETURN)
        if job.done:
            self._stuck = None

    def close(self) -> None:
        """End the thread, after what was asked of it before; one that is stuck is left."""
        self._jobs.put(None)
        if not self.is_current and not self.is_stuck:
            self._thread.join()  # so that no thread of ours outlives its client

    @means(Meaning.CANNOT_CALL_IN)
    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:  # between two calls: `call()` or `close()` ends it
            job.do()
            del job  # nothing of a finished call stays alive while we wait
