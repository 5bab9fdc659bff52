"""What tests that turn a loop by hand have in common."""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from asgi_lockstep._drivers import outside


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Idle threads that other tests have left behind (libraries keep theirs for a while) do not count."""
    before = set(threading.enumerate())
    others = outside._others

    def has_a_job(stack: list[FrameType]) -> bool:
        if not any(outside._is_in(frame, outside._WORKERS) for frame in stack):
            return False
        return not outside._is_idle(stack[0]) and not outside._is_in(stack[0], outside.TRIO_CACHE)

    def without_them(*args: Any) -> Iterator[tuple[threading.Thread, list[FrameType]]]:
        return (pair for pair in others(*args) if pair[0] not in before or has_a_job(pair[1]))

    monkeypatch.setattr(outside, "_others", without_them)


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
