"""What can only be seen on the wall clock: that nobody waits for seconds where nothing is to be waited for.

Every assertion about the time that something takes is here; all other tests come out the same on any machine, however
slow. The bounds are generous: they tell a moment from seconds.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest

from asgi_lockstep import AppTimeout, BlockingCall, Deadlock, TimedOut
from asgi_lockstep._types import Receive, Scope, Send
from either import Either, only_on
from helpers import Listener, body, hello, start
from matrix import Driver
from virtual import Note, Virtual, get, on, slow_clean_up

pytestmark = pytest.mark.wall_clock

#: What is no time at all, with everything that a machine may have to do besides, in seconds.
MOMENT = 2.0

#: How long a call is to wait where it has to, and after which time a block is reported, in seconds.
LIMIT = 0.05

#: How long nothing is to be reported, in seconds.
LONG = 0.2


@contextmanager
def takes(*, at_least: float = 0.0, at_most: float = MOMENT) -> Iterator[None]:
    """The block takes so many seconds."""
    begin = time.perf_counter()
    yield
    assert at_least <= time.perf_counter() - begin < at_most


async def stuck(_scope: Scope, _receive: Receive, _send: Send) -> None:
    """Waits for what never comes."""
    await anyio.Event().wait()


# Real time.


def test_a_deadlock_is_found_at_once(either: Either) -> None:
    """And where that cannot be proven, the call ends with its limit."""
    with takes(), pytest.raises((Deadlock, TimedOut)):
        either.run(stuck, get, timeout=either.limit)


def test_a_limit_is_waited_for_and_no_longer(either: Either) -> None:
    """Where something may still come: here, a timer of the app."""

    async def scenario(client: Any) -> None:
        with pytest.raises(AppTimeout):
            await client.get("/", timeout=LIMIT)

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await anyio.sleep(3600)

    # uvloop counts in whole milliseconds
    with takes(at_least=LIMIT - 0.001, at_most=LIMIT + MOMENT):
        either.run(app, scenario, on_disconnect="cancel")


def test_real_time_passes_while_the_client_sleeps(driver: Driver) -> None:
    """As much as it is told."""
    client = driver.client(hello)
    with takes(at_least=LIMIT - 0.001, at_most=LIMIT + MOMENT):
        client.sleep(LIMIT)


@only_on(on_main_thread=True)
def test_a_thread_that_is_blocked_is_reported_after_its_limit(either: Either) -> None:
    """And not after half of it."""

    async def blocks(_scope: Scope, _receive: Receive, send: Send) -> None:
        time.sleep(LIMIT / 2)  # noqa: ASYNC251
        warned.append(len(caught))
        await anyio.sleep(0.02)
        while not caught:
            time.sleep(0.001)  # noqa: ASYNC251
        await send(start(204))
        await send(body())

    warned: list[int] = []
    with warnings.catch_warnings(record=True) as caught, takes(at_least=1.5 * LIMIT, at_most=2 * LIMIT + MOMENT):
        warnings.simplefilter("always")
        either.run(Listener(http=blocks), get, block_warning=LIMIT)
    assert (warned, [each.category for each in caught]) == ([0], [BlockingCall])


# Virtual time.


@on()
def test_an_hour_of_virtual_time_passes_at_once(virtual: Virtual) -> None:
    """Also with an idle worker: libraries keep their threads for the next job."""

    async def work(note: Note) -> None:
        await anyio.to_thread.run_sync(int)
        for _ in range(240):
            await anyio.sleep(15)
        note("an hour later")

    with takes():
        assert virtual.notes(work) == [(3600.0, "an hour later")]


@on()
def test_a_deadlock_is_found_at_once_in_virtual_time(virtual: Virtual) -> None:
    """There is no timer to jump to."""
    with takes(), pytest.raises(Deadlock):
        virtual.run(stuck, get, timeout=30)


@on()
def test_a_clean_up_that_sleeps_holds_no_client_up(virtual: Virtual) -> None:
    """Neither the stream that is left, nor the client."""

    async def scenario(client: Any) -> None:
        async with client.stream("GET", "/"):
            pass

    with takes():
        virtual.run(Listener(http=slow_clean_up), scenario)


@on(entered=True, is_async=True)
def test_a_job_in_a_thread_is_no_block_on_a_virtual_clock(virtual: Virtual) -> None:
    """The loop of the test waits for it, with a timer pending, and looks around meanwhile."""

    async def work(note: Note) -> None:
        with anyio.fail_after(1):
            await anyio.to_thread.run_sync(time.sleep, LONG)
        note("done")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert virtual.notes(work, block_warning=LIMIT) == [(0.0, "done")]
