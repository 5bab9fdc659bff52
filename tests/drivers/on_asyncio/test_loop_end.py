"""The end of a loop: one step after the other, whatever comes in between."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator

import anyio.to_thread
import pytest

from asgi_lockstep._drivers.on_asyncio.loop_runner import SteppedLoop
from drivers.app_calls import spawn


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    """What a job waits for, and is told of when the test is over."""
    event = threading.Event()
    yield event
    event.set()


def begin(job: object) -> SteppedLoop:
    """A loop on which a task has begun that awaits `job()`."""
    runner = SteppedLoop({})

    async def main() -> None:
        await job()  # type: ignore[operator]

    spawn(runner, main)
    runner.turn(lambda: True)
    return runner


def test_a_job_that_does_not_end_is_named_and_left_behind(
    go_on: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    """Closing takes no longer than the grace; Python waits for the thread at its end."""

    def waits_for_ever() -> None:
        go_on.wait()

    runner = begin(lambda: asyncio.to_thread(waits_for_ever))
    with caplog.at_level(logging.WARNING, "asgi_lockstep"):
        runner.close(0.01)
    (record,) = caplog.records
    first = (
        "A job of the app did not end in the grace of its client (0.01 seconds), and is left behind: thread 'asyncio_0'"
    )
    assert record.getMessage().startswith(first)
    assert "in waits_for_ever: go_on.wait()" in record.getMessage()


def test_quietly_nothing_is_said(go_on: threading.Event, caplog: pytest.LogCaptureFixture) -> None:
    """Neither of a job nor of a task that ignores its cancellation, nor of what fails."""

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.to_thread(go_on.wait)
            except asyncio.CancelledError:
                asyncio.get_running_loop().call_soon(int, "no number")

    begin(stubborn).close(0.01, quietly=True)
    assert caplog.records == []


def test_an_interrupt_leaves_neither_the_loop_nor_its_workers_behind() -> None:
    """It is raised when all is done."""
    begun: list[str] = []

    async def interrupted() -> None:
        await anyio.to_thread.run_sync(int)
        begun.append("sleeps")
        try:
            await asyncio.sleep(3600)
        finally:
            raise KeyboardInterrupt

    runner = SteppedLoop({})
    spawn(runner, interrupted)
    runner.turn(lambda: bool(begun))
    with pytest.raises(KeyboardInterrupt):
        runner.close(0.1)
    for thread in threading.enumerate():
        if thread.name == "AnyIO worker thread":
            thread.join()  # it was told to end
    assert "closed=True" in repr(runner._loop)


def test_all_steps_together_take_no_longer_than_the_grace(
    go_on: threading.Event, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A job that does not end, which a task waits for that ignores its cancellation."""

    async def stubborn() -> None:
        while not go_on.is_set():
            try:
                await asyncio.to_thread(go_on.wait)
            except asyncio.CancelledError:
                asyncio.get_running_loop().call_soon(int)

    now, given = [0.0], []

    def use_up(_: object, seconds: float) -> None:
        given.append(seconds)
        now[0] += seconds * 0.75

    runner = begin(stubborn)
    monkeypatch.setattr("asgi_lockstep._drivers.on_asyncio.loop_end.real_time", lambda: now[0])
    monkeypatch.setattr(runner, "_see_end", use_up)
    runner.close(4)
    assert given == [4, 1, 0.25]  # for the tasks, the jobs, and the root; there are no async generators
    assert (
        caplog.records[0].getMessage().startswith("A task ignores its cancellation, and is thrown away with its loop: ")
    )
