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


def test_a_limit_holds_where_time_is_frozen_and_the_error_names_who_has_frozen_it(sync_driver: Driver) -> None:
    """Limits are real seconds. uvloop has a clock of its own, that nobody can freeze."""
    client = sync_driver.client(waits_for_a_time, timeout=LIMIT)
    with freezegun.freeze_time("2026-01-01"), pytest.raises(AppTimeout) as raised:
        client.get("/")
    frozen = [line for line in raised.value.diagnosis.outside if "timers" in line and "uvloop" not in line]
    clock = "fake_perf_counter" if sync_driver.backend == "trio" else "fake_monotonic"
    who = f"timers of the event loop, whose time may stand still: its clock is freezegun.api.{clock} now"
    assert frozen == ([] if "uvloop" in sync_driver.name else [who])
