"""What tests that turn a loop by hand have in common."""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
from collections.abc import Iterator

import pytest


@pytest.fixture
def no_hang() -> Iterator[None]:
    """A turn that never returns fails its test; a watching thread would count as one that may still call in."""
    if sys.platform == "win32":
        yield
        return

    def fail(*_: object) -> None:
        faulthandler.dump_traceback(all_threads=True)
        raise TimeoutError(f"the turn did not return; the threads: {threading.enumerate()}")

    fail.__module__ = "pytest_timeout"  # a handler of the test run: it is none that could still move the app
    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, 5, 5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
