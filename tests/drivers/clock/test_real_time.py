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
        held += [f"{found.name}.{name}" for name, value in vars(module).items() if any(value is c for c in CLOCKS)]
    assert held == []


def test_real_time_goes_on_where_the_functions_of_time_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under their names."""
    before = real_time()
    for name in ("perf_counter", "monotonic", "time"):
        monkeypatch.setattr(time, name, fake)
    assert real_time() > before > 0


def test_whoever_has_replaced_the_clock_of_an_event_loop_is_named() -> None:
    """Nobody, as a rule."""
    who = f"timers of the event loop, whose time may stand still: its clock is {__name__}.fake now"
    assert (frozen_timers(time.monotonic), frozen_timers(fake)) == ([], [who])
