"""What the tests of a call of the app have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from asgi_lockstep._drivers.calls.contract import LoopRunner
from drivers.app_calls import RUNNERS


@pytest.fixture(params=RUNNERS)
def runner(request: pytest.FixtureRequest) -> Iterator[LoopRunner]:
    """The runner of each library."""
    with closing(RUNNERS[request.param]()) as made:
        yield made
