"""Deadlines on a virtual clock: those of anyio, asyncio and trio, each at its exact time."""

from __future__ import annotations

import asyncio
import math

import anyio
import trio

from virtual import Note, Virtual, on


async def sleep_and_note(seconds: float, note: Note) -> None:
    """A timer."""
    await anyio.sleep(seconds)
    note(seconds)


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
