"""What tests that turn a loop by hand have in common."""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
from collections.abc import Iterator

import pytest

from asgi_lockstep._drivers import inline_asyncio, inline_trio


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that other tests have left behind (libraries keep theirs for a while) do not count."""
    before = set(threading.enumerate())
    for module in (inline_asyncio, inline_trio):
        look = module.threads_that_may_call_in
        monkeypatch.setattr(
            module,
            "threads_that_may_call_in",
            lambda *harmless, look=look: [thread for thread in look(*harmless) if thread not in before],
        )


@pytest.fixture
def no_hang() -> Iterator[None]:
    """A turn that never returns fails its test; a watching thread would count as one that may still call in."""
    if sys.platform == "win32":
        yield
        return

    def fail(*_: object) -> None:
        faulthandler.dump_traceback(all_threads=True)
        raise TimeoutError(f"the turn did not return; the threads: {threading.enumerate()}")

    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, 5, 5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
