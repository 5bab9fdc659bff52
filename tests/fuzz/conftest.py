"""How many programs are played, and how a run that hangs is seen."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings

from fuzz.runs import Found, Play, Way

T = TypeVar("T")

#: How long one run may take, in seconds; one that takes longer prints where each thread stands, and ends the process.
_LIMIT = 60

#: How many programs `make fuzz` plays; without it they are few, and the same ones each time.
_MANY = os.environ.get("FUZZ")

#: How many examples a test gets.
EXAMPLES = int(_MANY or 12)

settings.register_profile(
    "fuzz",
    max_examples=EXAMPLES,
    derandomize=_MANY is None,
    database=None,
    deadline=None,  # no wall clock decides
    phases=[Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
    suppress_health_check=[*HealthCheck],
)
settings.load_profile("fuzz")


@pytest.fixture
def in_time(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[Callable[[], T]], T]]:
    """Call a function that must not take longer than `_LIMIT`."""
    with capfd.disabled():
        stderr = os.dup(2)  # pytest's own would be lost with the process

    def run(function: Callable[[], T]) -> T:
        faulthandler.dump_traceback_later(_LIMIT, exit=True, file=stderr)
        try:
            return function()
        finally:
            faulthandler.cancel_dump_traceback_later()

    yield run
    os.close(stderr)


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, only_new_garbage: None, in_time: Callable[[Callable[[], Found]], Found]
) -> Callable[[Way, Play], Found]:
    """Run a play; a task that ignores its cancellation is given up after a moment."""
    for module in ("on_trio.loop_runner", "on_asyncio.loop_runner", "on_asyncio.caller_loop"):
        monkeypatch.setattr(f"asgi_lockstep._drivers.{module}.LAST_GRACE", 0.05)
    return lambda way, play: in_time(partial(way.run, play))
