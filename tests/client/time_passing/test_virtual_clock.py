"""A virtual clock: timers fire in order, each at its exact time, and nobody waits for them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import anyio
import anyio.lowlevel
import pytest
import trio
import trio.testing

from virtual import Note, Virtual, on

DAY = 24 * 3600.0


async def sleep_and_note(seconds: float, note: Note) -> None:
    """A timer."""
    await anyio.sleep(seconds)
    note(seconds)


async def together(note: Note, seconds: Sequence[float]) -> None:
    """Several timers at once."""
    async with anyio.create_task_group() as tasks:
        for delay in seconds:
            tasks.start_soon(sleep_and_note, delay, note)


@on()
def test_an_hour_passes_at_once(virtual: Virtual) -> None:
    """The clock begins at 0, and is then exactly where the timer was."""

    async def work(note: Note) -> None:
        note("begins")
        await sleep_and_note(3600, note)

    assert virtual.notes(work) == [(0.0, "begins"), (3600.0, 3600)]


@on()
def test_timers_fire_in_the_order_of_their_times(virtual: Virtual) -> None:
    """Whatever the order in which they were set."""

    async def work(note: Note) -> None:
        await together(note, [3, 0.5, 200, 1, 20])
        note("all")

    assert virtual.notes(work) == [(0.5, 0.5), (1.0, 1), (3.0, 3), (20.0, 20), (200.0, 200), (200.0, "all")]


@on()
def test_timers_of_one_moment_fire_in_that_moment(virtual: Virtual) -> None:
    """The clock does not move between them."""

    async def work(note: Note) -> None:
        await together(note, [2, 2, 2])

    assert virtual.notes(work) == [(2.0, 2)] * 3


@on()
def test_times_are_exact_floats(virtual: Virtual) -> None:
    """Each is the sum that asyncio and trio make of now and the delay, with its rounding and no other."""

    async def work(note: Note) -> None:
        for _ in range(30):
            await sleep_and_note(0.1, note)

    sums = [*accumulate([0.1] * 30)]
    assert sums[2] == 0.30000000000000004
    assert virtual.notes(work) == [(when, 0.1) for when in sums]


@on()
def test_two_series_of_timers_are_interleaved(virtual: Virtual) -> None:
    """As on a clock on the wall, and the same in every run."""

    async def every(seconds: float, times: int, note: Note) -> None:
        for _ in range(times):
            await sleep_and_note(seconds, note)

    async def work(note: Note) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(every, 2, 4, note)
            tasks.start_soon(every, 3, 2, note)
            await anyio.sleep(7)
            note("seven")

    expected = [(2.0, 2), (3.0, 3), (4.0, 2), (6.0, 2), (6.0, 3), (7.0, "seven"), (8.0, 2)]
    assert sorted(virtual.notes(work), key=lambda pair: (pair[0], str(pair[1]))) == expected


@on()
def test_more_than_a_day_passes_at_once(virtual: Virtual) -> None:
    """Asyncio asks its selector to wait for a day at most."""

    async def work(note: Note) -> None:
        await together(note, [DAY - 1, DAY, DAY + 1, 100 * DAY])

    assert virtual.notes(work) == [(when, when) for when in (DAY - 1, DAY, DAY + 1, 100 * DAY)]


@on()
def test_years_pass_at_once(virtual: Virtual) -> None:
    """To the last digits of a float: asyncio adds a nanosecond to the time, which changes none beyond 194 days."""

    async def work(note: Note) -> None:
        for _ in range(3):
            await sleep_and_note(365 * DAY, note)

    notes: list[Any] = virtual.notes(work)
    assert notes == [(pytest.approx(365 * DAY * year, abs=1e-6), 365 * DAY) for year in (1, 2, 3)]


@on()
def test_a_checkpoint_takes_no_time(virtual: Virtual) -> None:
    """Nor do a thousand, with a timer pending."""

    async def work(note: Note) -> None:
        with anyio.fail_after(0.001):
            for _ in range(1000):
                await anyio.lowlevel.checkpoint()
        note("done")

    assert virtual.notes(work) == [(0.0, "done")]


@on()
def test_a_task_that_waits_for_ever_lets_the_others_go_on(virtual: Virtual) -> None:
    """`sleep_forever()` is a timer on asyncio, one that never comes."""

    async def work(note: Note) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep_forever)
            tasks.start_soon(anyio.sleep, math.inf)
            await sleep_and_note(5, note)
            tasks.cancel_scope.cancel()

    assert virtual.notes(work) == [(5.0, 5)]


@on("trio")
def test_tasks_that_wait_until_all_are_blocked_come_before_the_next_timer(virtual: Virtual) -> None:
    """`wait_all_tasks_blocked()` is woken without a jump."""

    async def work(note: Note) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sleep_and_note, 5, note)
            await trio.testing.wait_all_tasks_blocked()
            note("blocked")

    assert virtual.notes(work) == [(0.0, "blocked"), (5.0, 5)]
