"""A virtual clock: timers fire in order, each at its exact time, and nobody waits for them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import anyio
import anyio.lowlevel
import pytest
import trio
import trio.testing

from asgi_lockstep import AsyncTestClient, ClockNotVirtual, TestClient
from helpers import hello
from matrix import ASYNC, available
from virtual import Note, Virtual, at_most, on

DAY = 24 * 3600.0


def make_loop() -> asyncio.AbstractEventLoop:
    """A loop of the user's own."""
    return asyncio.SelectorEventLoop()


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

    with at_most(0.5):
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

    with at_most(0.5):
        assert virtual.notes(work) == [(when, when) for when in (DAY - 1, DAY, DAY + 1, 100 * DAY)]


@on()
def test_years_pass_at_once(virtual: Virtual) -> None:
    """To the last digits of a float: asyncio adds a nanosecond to the time, which changes none beyond 194 days."""

    async def work(note: Note) -> None:
        for _ in range(3):
            await sleep_and_note(365 * DAY, note)

    with at_most(0.5):
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


# Deadlines.


@on()
def test_a_deadline_ends_its_block_at_its_time(virtual: Virtual) -> None:
    """`move_on_after()` and `fail_after()`."""

    async def work(note: Note) -> None:
        with anyio.move_on_after(20) as scope:
            await anyio.sleep_forever()
        note(scope.cancelled_caught)
        try:
            with anyio.fail_after(30.5):
                await anyio.Event().wait()
        except TimeoutError:
            note("failed")

    assert virtual.notes(work) == [(20.0, True), (50.5, "failed")]


@on()
def test_a_deadline_that_is_not_reached_does_nothing(virtual: Virtual) -> None:
    """Not even if the work takes nearly as long."""

    async def work(note: Note) -> None:
        with anyio.fail_after(10):
            await sleep_and_note(9.999, note)
        with anyio.fail_after(10):
            await sleep_and_note(9.999, note)

    assert virtual.notes(work) == [(9.999, 9.999), (9.999 + 9.999, 9.999)]


@on()
def test_deadlines_that_were_given_up_do_not_count(virtual: Virtual) -> None:
    """The clock jumps to no timer that was cancelled; asyncio keeps those for a while."""

    async def work(note: Note) -> None:
        for _ in range(300):
            with anyio.fail_after(1):
                await anyio.lowlevel.checkpoint()
        await sleep_and_note(100, note)

    assert virtual.notes(work) == [(100.0, 100)]


@on("asyncio")
def test_the_deadlines_of_asyncio(virtual: Virtual) -> None:
    """`wait_for()`, `timeout()` and `wait()`."""

    async def work(note: Note) -> None:
        try:
            await asyncio.wait_for(asyncio.sleep(3600), 7)
        except TimeoutError:
            note("wait_for")
        try:
            async with asyncio.timeout(0.1):
                await asyncio.Event().wait()
        except TimeoutError:
            note("timeout")
        sleeper = asyncio.create_task(asyncio.sleep(50))
        _, pending = await asyncio.wait([sleeper], timeout=12)
        note(pending == {sleeper})
        await sleeper
        note("slept")

    begun = 7 + 0.1
    assert virtual.notes(work) == [(7.0, "wait_for"), (begun, "timeout"), (begun + 12, True), (begun + 50, "slept")]


@on("asyncio")
def test_the_timers_of_an_asyncio_loop(virtual: Virtual) -> None:
    """`call_at()` and `call_later()`; one whose time has passed fires now, and one that was cancelled never."""

    async def work(note: Note) -> None:
        loop = asyncio.get_running_loop()
        fired: list[tuple[float, str]] = []

        def fire(name: str) -> None:
            fired.append((loop.time(), name))

        loop.call_later(30, fire, "later")
        loop.call_at(20.25, fire, "at")
        loop.call_at(5, fire, "cancelled").cancel()
        await asyncio.sleep(10)
        loop.call_at(3, fire, "overdue")
        await asyncio.sleep(25)
        note(fired)

    assert virtual.notes(work) == [(35.0, [(10.0, "overdue"), (20.25, "at"), (30.0, "later")])]


@on("trio")
def test_the_deadlines_of_trio(virtual: Virtual) -> None:
    """Relative and absolute ones, and one that is moved."""

    async def work(note: Note) -> None:
        with trio.move_on_at(7):
            await trio.sleep_forever()
        note("move_on_at")
        with trio.CancelScope(deadline=trio.current_time() + 0.1) as scope:
            await trio.sleep_until(math.inf)
        note(scope.cancelled_caught)
        with trio.move_on_after(5) as scope:
            scope.deadline += 10
            await trio.sleep_forever()
        note("moved")

    begun = 7 + 0.1
    assert virtual.notes(work) == [(7.0, "move_on_at"), (begun, True), (begun + 5 + 10, "moved")]


@on("trio")
def test_tasks_that_wait_until_all_are_blocked_come_before_the_next_timer(virtual: Virtual) -> None:
    """`wait_all_tasks_blocked()` is woken without a jump."""

    async def work(note: Note) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sleep_and_note, 5, note)
            await trio.testing.wait_all_tasks_blocked()
            note("blocked")

    assert virtual.notes(work) == [(0.0, "blocked"), (5.0, 5)]


# Where there can be none.


@pytest.mark.parametrize(
    ("options", "loop"),
    [
        pytest.param({"use_uvloop": True}, "uvloop", id="uvloop"),
        pytest.param({"loop_factory": make_loop}, f"the loop of {make_loop!r}", id="loop_factory"),
    ],
)
def test_a_loop_of_asyncio_whose_time_cannot_be_replaced_is_refused(options: dict[str, Any], loop: str) -> None:
    """When it is made."""
    with pytest.raises(ClockNotVirtual) as caught:
        TestClient(hello, clock="virtual", backend_options=options).get("/")
    assert str(caught.value) == (
        f'clock="virtual" cannot be had on {loop}: its time cannot be replaced. Leave out use_uvloop and loop_factory, '
        "or the virtual clock."
    )


def test_a_trio_run_with_a_clock_of_its_own_is_refused() -> None:
    """One run has one clock."""
    options = {"clock": trio.testing.MockClock()}
    with pytest.raises(ClockNotVirtual) as caught:
        TestClient(hello, backend="trio", clock="virtual", backend_options=options).get("/")
    assert str(caught.value) == (
        'clock="virtual" cannot be had on a run with a clock of its own: its time cannot be replaced. Leave out the '
        "option `clock`."
    )


@pytest.mark.parametrize("name", available(ASYNC))
@pytest.mark.parametrize("entered", [True, False])
def test_an_async_test_on_a_loop_with_real_time_is_told_what_to_do(name: str, entered: bool) -> None:
    """When the client is entered, or else with its first call."""

    async def main() -> None:
        client = AsyncTestClient(hello, clock="virtual")
        if entered:
            await client.__aenter__()
        else:
            await client.get("/")

    with pytest.raises(ClockNotVirtual) as caught:
        anyio.run(main, **ASYNC[name])
    assert str(caught.value) == (
        'clock="virtual" cannot be had on the event loop that runs here: its time cannot be replaced. Run the test on '
        "one of asgi_lockstep.clock, whose text says how."
    )
