"""A thread of our own: for turns that the calling thread cannot make, or where it was asked for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from ..inspection.known_code import Meaning, means

T = TypeVar("T")

#: How often a caller that waits looks again, in seconds: a wait without end does not let Ctrl-C through on Windows.
_AWAKE_EVERY = 0.5

_Job = tuple[Callable[[], object], "queue.SimpleQueue[tuple[object, BaseException | None]]"]


class WorkerThread:
    """Calls functions on one thread, one at a time, while the caller waits.

    Args:
        interrupt: called when the waiting caller is interrupted (Ctrl-C), to make the running call return.
    """

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        # A daemon: a client that is never closed must not keep the process alive.
        self._thread = threading.Thread(target=self._serve, name="asgi-lockstep worker", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._thread.ident}, {'alive' if self._thread.is_alive() else 'ended'}>"

    @property
    def is_current(self) -> bool:
        """Whether the calling thread is this one."""
        return self._thread is threading.current_thread()

    def call(self, function: Callable[[], T]) -> T:
        """Return what `function()` returns on the thread.

        Raises:
            KeyboardInterrupt: it came while this waited; the function was interrupted, and has returned.
            Exception: what the function raises.
        """
        answer: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        self._jobs.put((function, answer))
        try:
            result, exception = _wait_for(answer)  # the test stands still while the app runs, as on its own thread
        except BaseException:  # an interrupt: the call must not go on behind the back of the test
            self._interrupt()
            _wait_for(answer)  # it comes with the next rest, at which the interrupt ends the turn
            raise
        if exception is not None:
            try:
                raise exception
            finally:
                del exception  # a cycle of exception, traceback and this frame would keep the app's objects alive
        return result  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the thread, after what was asked of it before."""
        self._jobs.put(None)
        if not self.is_current:
            self._thread.join()  # so that no thread of ours outlives its client

    @means(Meaning.CANNOT_CALL_IN)
    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:  # between two calls: `call()` or `close()` ends it
            function, answer = job
            result: object = None
            failure: BaseException | None = None
            try:
                result = function()
            except BaseException as exc:
                failure = exc
            answer.put((result, failure))
            del job, function, answer, result, failure  # nothing of a finished call stays alive while we wait


@means(Meaning.CANNOT_CALL_IN)
def _wait_for(answer: queue.SimpleQueue[Any]) -> Any:
    """The answer of the thread, however long it takes."""
    while True:
        try:
            return answer.get(timeout=_AWAKE_EVERY)
        except queue.Empty:
            continue
