"""What the tests of the drivers have in common."""

from __future__ import annotations

import sys

import anyio
import pytest

from asgi_lockstep._drivers.turning.turn_lock import TurnLock
from drivers.async_runs import BACKENDS, Run
from drivers.lock_users import Script


@pytest.fixture(params=BACKENDS)
def run(request: pytest.FixtureRequest) -> Run:
    """Runs an async function on each kind of loop."""
    if request.param == "uvloop" and sys.platform == "win32":
        pytest.skip("uvloop does not exist for Windows")
    backend, options = BACKENDS[request.param]
    return lambda main: anyio.run(main, backend=backend, backend_options=options)


@pytest.fixture
def runner() -> Script:
    """A runner that anyone may turn."""
    return Script()


@pytest.fixture
def lock(runner: Script) -> TurnLock:
    """The lock of that runner."""
    return TurnLock(runner, runner.may_turn_here)
