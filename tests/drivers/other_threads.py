"""Other threads that a test lets run, until it has looked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from asgi_lockstep._drivers.inspection.threads import (
    working_threads,
)


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
    """Whether the thread is seen at work (or not at work) before long; that it gets there takes as long as it takes."""
    pause = threading.Event()
    for _ in range(30_000):
        if (thread in working_threads()) is works:
            return True
        pause.wait(0.001)
    return False
