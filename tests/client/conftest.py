"""What the tests of the watchdog and of time limits have in common."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator

import pytest

from time_limits import waits_in_a_thread
from watchdogs import LIMIT, Dog, Ear


@pytest.fixture
def warned() -> Iterator[list[warnings.WarningMessage]]:
    """The warnings of a test, whichever thread gives them."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


@pytest.fixture
def ear(warned: list[warnings.WarningMessage]) -> Iterator[Ear]:
    """What is logged in a test."""
    logger, handler = logging.getLogger("asgi_lockstep"), Ear()
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.fixture
def dog(ear: Ear, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dog]:
    """The watchdog of the clients of a test; what it has to say, it says before the test is over."""
    dog = Dog(ear)
    monkeypatch.setattr("asgi_lockstep._drivers.inspection.watchdog.real_time", dog.time)
    for module in ("rest.watch", "turning.sync_driver", "turning.async_driver"):
        monkeypatch.setattr(f"asgi_lockstep._drivers.{module}.WATCHDOG", dog.watchdog)
    dog.watchdog.watch(dog, LIMIT)
    yield dog
    dog.has_looked()
    dog.watchdog.release(dog)


@pytest.fixture
def somebody() -> Iterator[threading.Thread]:
    """Somebody else in the process: nothing can be proven, and every wait has to end by its limit."""
    event = threading.Event()
    thread = threading.Thread(target=waits_in_a_thread, args=(event,), name="somebody else")
    thread.start()
    yield thread
    event.set()
    thread.join()
