"""What the tests of the watchdog have in common."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator

import pytest

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
    for module in ("rest.watch", "turning.sync_driver"):
        monkeypatch.setattr(f"asgi_lockstep._drivers.{module}.WATCHDOG", dog.watchdog)
    dog.watchdog.watch(dog, LIMIT)
    yield dog
    dog.has_looked()
    dog.watchdog.release(dog)
