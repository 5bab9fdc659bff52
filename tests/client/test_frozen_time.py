"""Tests that stop the clock of the whole process while the app waits for a time to come."""

from __future__ import annotations

import anyio
import freezegun
import pytest

from asgi_lockstep import AppTimeout
from asgi_lockstep._types import Receive, Scope, Send
from matrix import Driver
from time_limits import LIMIT


async def waits_for_a_time(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Which does not come while the clock stands still."""
    await anyio.sleep(3600)


def test_a_limit_holds_where_time_is_frozen_and_the_error_names_who_has_frozen_it(driver: Driver) -> None:
    """Limits are real seconds. uvloop has a clock that nobody can freeze, and so has the trio of our own client."""
    client = driver.client(waits_for_a_time, timeout=LIMIT, block_warning=0.2)
    with freezegun.freeze_time("2026-01-01"), pytest.raises(AppTimeout) as raised:
        client.get("/")
    frozen = [line for line in raised.value.diagnosis.outside if "timers" in line and "uvloop" not in line]
    who = "timers of the event loop, whose clock stands still: it is freezegun.api.fake_"
    clocks = {"asyncio": ["monotonic"], "asyncio-thread": ["monotonic"], "async-asyncio": ["monotonic"]}
    assert frozen == [who + clock for clock in {**clocks, "async-trio": ["perf_counter"]}.get(driver.name, [])]


def test_a_loop_whose_time_was_frozen_is_looked_after_later(driver: Driver) -> None:
    """What waits for a time that was told while it stood still is not waited for."""
    client = driver.client(waits_for_a_time, timeout=LIMIT, block_warning=0.2)
    with freezegun.freeze_time("2100-01-01"), pytest.raises(AppTimeout):
        client.get("/")
    with pytest.raises(AppTimeout):
        client.get("/")
