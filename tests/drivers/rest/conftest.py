"""What the tests of rests have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from asgi_lockstep._drivers.inspection.starting_threads import NEW_THREADS
from asgi_lockstep._drivers.rest import rest_rules as turning
from drivers.watches import BACKENDS, REAL, Main
from drivers.worlds import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world with nothing in it."""
    made = World()
    asked: dict[str, Callable[[], Any]] = {
        "real_time": lambda: made.now,
        "other_threads": lambda: made.other_threads,
        "busy_workers": lambda: made.busy,
        "working_threads": lambda: made.working,
        "signal_handlers": lambda: made.handlers,
    }
    monkeypatch.setattr(turning, "NEW_THREADS", made)
    for name, answer in asked.items():
        monkeypatch.setattr(turning, name, answer)
    return made


@pytest.fixture
def new_threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many threads have not begun: those that other tests have left behind do not count."""
    found = [0]
    monkeypatch.setattr(NEW_THREADS, "may_begin", lambda _since: bool(found[0]))
    return found


@pytest.fixture(params=BACKENDS)
def run(request: pytest.FixtureRequest) -> Callable[[Main], Any]:
    """Runs an async function on each kind of loop that shows what it waits for."""
    return BACKENDS[request.param]


@pytest.fixture(params=REAL)
def run_real(request: pytest.FixtureRequest) -> Callable[[Main], Any]:
    """The same for loops with a real clock."""
    return BACKENDS[request.param]
