"""Other threads that a test lets run, until it has looked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio

from asgi_lockstep._drivers.inspection.threads import threads_that_may_move


@contextmanager
def running(target: Callable[[], object], release: Callable[[], object]) -> Iterator[threading.Thread]:
    """A thread that runs `target` until `release` is called."""
    thread = threading.Thread(target=target)
    thread.start()
    try:
        yield thread
    finally:
        release()
        thread.join()


def comes_to(thread: threading.Thread, *, works: bool) -> bool:
    """Whether the thread is seen as one that may move (or not) before long; that it gets there takes what it takes."""
    pause = threading.Event()
    for _ in range(30_000):
        if any(other.thread is thread for other in threads_that_may_move()) is works:
            return True
        pause.wait(0.001)
    return False


class LateCaller:
    """A task that waits for an event, and a thread that calls into its loop to set it, once a turn has looked.

    Args:
        way_in: asked by the task: what calls a function on its loop from another thread.
    """

    def __init__(self, way_in: Callable[[], Callable[[Callable[[], object]], object]]) -> None:
        self._way_in = way_in
        self._looked = threading.Event()
        self.thread: threading.Thread | None = None
        self._called = False

    async def main(self) -> None:
        """Wait for the call."""
        event, call_in = anyio.Event(), self._way_in()

        def call() -> None:
            self._looked.wait(30)
            call_in(event.set)

        self.thread = threading.Thread(target=call)
        self.thread.start()
        await event.wait()
        self._called = True

    def called(self) -> bool:
        """The condition of a turn: the thread goes on when it is asked, and the turn ends when its call has come."""
        if self.thread is not None:
            self._looked.set()
        return self._called

    def called_and_ended(self) -> bool:
        """The same, and the thread has ended before the runner can see it."""
        if self.thread is not None and not self._looked.is_set():
            self._looked.set()
            self.thread.join()
        return self._called
