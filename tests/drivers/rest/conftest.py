"""What the tests of rests have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from asgi_lockstep._drivers.clock import idle_time
from asgi_lockstep._drivers.rest import proofs, rest_rules
from drivers.watches import BACKENDS, REAL, Main
from drivers.worlds import World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world with nothing in it."""
    made = World()
    asked: dict[str, Callable[..., Any]] = {
        "real_time": lambda: made.now,
        "other_threads": lambda: made.other_threads,
        "busy_workers": lambda: made.busy,
        "threads_that_may_move": made.threads_that_may_move,
        "signal_handlers": lambda: made.handlers,
    }
    for module in (rest_rules, proofs):
        for name, answer in asked.items():
            if hasattr(module, name):
                monkeypatch.setattr(module, name, answer)
    monkeypatch.setattr(idle_time, "real_time", lambda: made.now)
    monkeypatch.setattr(proofs.Question, "cost", 0.0)
    monkeypatch.setattr(proofs.Question, "next_at", 0.0)
    return made


@pytest.fixture(params=BACKENDS)
def run(request: pytest.FixtureRequest) -> Callable[[Main], Any]:
    """Runs an async function on each kind of loop that shows what it waits for."""
    return BACKENDS[request.param]


@pytest.fixture(params=REAL)
def run_real(request: pytest.FixtureRequest) -> Callable[[Main], Any]:
    """The same for loops with a real clock."""
    return BACKENDS[request.param]
