"""What the tests of the drivers have in common."""

from __future__ import annotations

import sys

import anyio
import anyio.to_thread
import pytest

from drivers.async_runs import BACKENDS, Run


@pytest.fixture(params=BACKENDS)
def run(request: pytest.FixtureRequest) -> Run:
    """Runs an async function on each kind of loop."""
    if request.param == "uvloop" and sys.platform == "win32":
        pytest.skip("uvloop does not exist for Windows")
    backend, options = BACKENDS[request.param]
    return lambda main: anyio.run(main, backend=backend, backend_options=options)
