"""Real seconds, however much time is mocked."""

from __future__ import annotations

import importlib
import pkgutil
import time

import pytest

import asgi_lockstep
from asgi_lockstep._drivers.clock.real_time import frozen_timers, real_time

#: The functions of `time` that tell the time.
CLOCKS = [getattr(time, name) for name in dir(time) if "time" in name or "monotonic" in name or "perf_counter" in name]


def fake() -> float:
    """A clock that stands still."""
    return 0.0


def test_no_module_of_ours_holds_a_clock_that_a_library_could_find_and_replace() -> None:
    """A library like freezegun replaces each attribute of a module that is one of the functions of `time`."""
    held = []
    for found in pkgutil.walk_packages(asgi_lockstep.__path__, "asgi_lockstep."):
        module = importlib.import_module(found.name)
        held += [f"{found.name}.{name}" for name, value in vars(module).items() if callable(value) and value in CLOCKS]
    assert held == []


def test_real_time_goes_on_where_the_functions_of_time_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under their names."""
    before = real_time()
    for name in ("perf_counter", "monotonic", "time"):
        monkeypatch.setattr(time, name, fake)
    assert real_time() > before > 0


def test_whoever_has_replaced_the_clock_of_an_event_loop_is_named() -> None:
    """Where it stands still, that is."""
    who = f"timers of the event loop, whose clock stands still: it is {__name__}.fake"
    assert frozen_timers(fake, fake) == [who]


def test_a_clock_that_goes_on_is_not_worth_a_word() -> None:
    """It may have been replaced: freezegun leaves asyncio its own with `real_asyncio=True`."""
    assert (frozen_timers(time.monotonic, time.monotonic), frozen_timers(time.perf_counter, fake)) == ([], [])


def test_a_clock_that_stands_still_without_a_known_reason_is_said_to() -> None:
    """A loop may have a clock of its own."""
    assert frozen_timers(fake, time.monotonic) == ["timers of the event loop, whose clock stands still"]
