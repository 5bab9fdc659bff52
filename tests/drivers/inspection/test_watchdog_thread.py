"""The thread of the watchdog lives while there is a loop to look after, and a look longer."""

from __future__ import annotations

import _thread
import threading
from typing import Any

import pytest

from asgi_lockstep._drivers.inspection.watchdog import Watchdog


class Quiet:
    """A loop that is never busy."""

    beats = 0
    busy_thread = None

    def nudge(self) -> None:
        """Never called."""


class Looks(threading.Event):
    """What the thread waits with: it returns when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = threading.Semaphore(0)
        self.goes_on = threading.Semaphore(0)

    def wait(self, timeout: float | None = None) -> bool:
        """Tell that the thread has looked, and wait for the test."""
        self.waits.release()
        assert self.goes_on.acquire(timeout=10)
        return True


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The threads that were begun."""
    found: list[object] = []
    original = _thread.start_new_thread

    def start(function: Any, args: Any) -> int:
        found.append(function)
        number: int = original(function, args)
        return number

    monkeypatch.setattr(_thread, "start_new_thread", start)
    return found


def test_clients_one_after_the_other_share_a_thread(begun: list[object]) -> None:
    """A client may live shorter than a thread takes to begin."""
    dog, looks = Watchdog(), Looks()
    vars(dog)["_news"] = looks
    for _ in range(3):
        loop = Quiet()
        dog.watch(loop, 5)
        dog.release(loop)
        assert looks.waits.acquire(timeout=10)
        loop = Quiet()
        dog.watch(loop, 5)  # before the next look
        looks.goes_on.release()
        assert looks.waits.acquire(timeout=10)
        dog.release(loop)
        looks.goes_on.release()
    assert looks.waits.acquire(timeout=10)
    assert len(begun) == 1
    looks.goes_on.release()


def test_the_thread_ends_with_the_second_look_that_finds_nothing(begun: list[object]) -> None:
    """And another one begins with the next loop."""
    dog, looks = Watchdog(), Looks()
    vars(dog)["_news"] = looks
    loop = Quiet()
    dog.watch(loop, 5)
    assert looks.waits.acquire(timeout=10)
    dog.release(loop)
    for _ in range(2):
        looks.goes_on.release()
    assert looks.waits.acquire(timeout=10)
    while vars(dog)["_running"]:
        threading.Event().wait(0.001)
    dog.watch(loop, 5)
    assert looks.waits.acquire(timeout=10)
    assert len(begun) == 2
    dog.release(loop)
    for _ in range(2):
        looks.goes_on.release()
