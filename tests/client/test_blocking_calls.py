"""An app that blocks its thread is reported, in the log at once and as a warning, and nothing else happens to it.

The watchdog here has a clock that stands still unless a test says otherwise: no load of the machine makes it report an
app that does not block, and no test waits for the seconds that it takes to report one that does.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from asgi_lockstep import BlockingCall
from asgi_lockstep._drivers.rest.watch import LOOK_EVERY
from asgi_lockstep._types import Receive, Scope, Send
from either import Either, line, only_on
from helpers import accept
from virtual import Virtual, on
from watchdogs import LIMIT, PATIENCE, SHORTLY, Dog, Ear, app_of, status

pytestmark = pytest.mark.usefixtures("dog")


def text(function: Callable[..., Any], part: str) -> str:
    """The report of a function that blocks at the line with `part` in it."""
    return (
        f"The app has blocked its thread for {LIMIT:g} seconds at {line(function, part)}. On a server, every other "
        "request waits meanwhile. Await something instead, or hand the call to a thread: "
        "await anyio.to_thread.run_sync(...)."
    )


def test_an_app_that_blocks_is_reported(
    either: Either, ear: Ear, dog: Dog, warned: list[warnings.WarningMessage]
) -> None:
    """With its line, in the log and as a warning; the response arrives."""

    async def work() -> None:
        await anyio.sleep(2 * LOOK_EVERY)
        ear.heard.wait(PATIENCE)

    assert (status(either, work), ear.texts) == (204, [text(work, "heard.wait")])
    dog.has_looked()
    place, _, _ = line(work, "heard.wait").partition(" ")
    assert [(each.category, str(each.message)) for each in warned] == [(BlockingCall, *ear.texts)]
    assert [f"{each.filename}:{each.lineno}".endswith(f"/{place}") for each in warned] == [True]


@pytest.fixture
def errors() -> Iterator[None]:
    """What `python -W error` makes of warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", BlockingCall)
        yield


def test_where_warnings_are_errors_the_call_fails(either: Either, ear: Ear, errors: None) -> None:
    """The report is made on another thread, where its exception would be lost; the watch and the client go on."""
    blocks = [True, True, False]

    async def work() -> None:
        await anyio.sleep(2 * LOOK_EVERY)
        if blocks.pop(0):
            ear.heard.wait(PATIENCE)

    async def scenario(client: Any) -> list[Any]:
        found: list[Any] = []
        for _ in range(2):
            with pytest.raises(BlockingCall) as caught:
                await client.get("/")
            found.append(str(caught.value))
        return [*found, (await client.get("/")).status_code]

    found = either.run(app_of(work), scenario, block_warning=LIMIT)
    reports = [text(work, "heard.wait")] * 2
    assert (found, ear.texts) == ([*reports, 204], reports)


def test_where_warnings_are_errors_a_frame_that_is_sent_fails(either: Either, ear: Ear, errors: None) -> None:
    """The call during which the app has blocked: the short way of a change, too."""
    if either.is_async:
        pytest.skip("where the loop is not ours, it is watched while a call waits for something")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await receive()
        ear.heard.wait(PATIENCE)
        await receive()

    async def scenario(client: Any) -> None:
        async with client.websocket_connect("/") as session:
            with pytest.raises(BlockingCall):
                await session.send_text("block")
            await session.send_text("go on")

    either.run(app, scenario, block_warning=LIMIT, lifespan="off")
    assert len(ear.texts) == 1


def test_an_app_that_blocks_at_once_is_reported(either: Either, ear: Ear) -> None:
    """In its very first step."""

    async def work() -> None:
        ear.heard.wait(PATIENCE)

    assert (status(either, work), ear.texts) == (204, [text(work, "heard.wait")])


def test_a_block_is_reported_once(either: Either, ear: Ear, dog: Dog) -> None:
    """However long it lasts."""

    async def work() -> None:
        await anyio.sleep(SHORTLY)
        ear.heard.wait(PATIENCE)
        dog.time_passes()

    assert (status(either, work), len(ear.records)) == (204, 1)


@only_on(on_main_thread=True)
def test_every_block_is_reported(either: Either, ear: Ear) -> None:
    """Also the second one at the same place: nobody has said that the first was harmless."""

    async def work() -> None:
        for _ in range(2):
            await anyio.sleep(2 * LOOK_EVERY)
            ear.heard.wait(PATIENCE)

    assert (status(either, work), ear.texts) == (204, [text(work, "heard.wait")] * 2)


@only_on(on_main_thread=True)
def test_the_line_is_one_of_the_user(either: Either, ear: Ear) -> None:
    """The innermost that is neither Python's nor a library's."""

    def compute() -> None:
        ear.heard.wait(PATIENCE)

    async def work() -> None:
        await anyio.sleep(SHORTLY)
        compute()

    assert (status(either, work), ear.texts) == (204, [text(compute, "heard.wait")])


@only_on(on_main_thread=True)
def test_a_loop_without_end_is_reported(either: Either, ear: Ear, dog: Dog) -> None:
    """Not only what waits blocks."""
    deadline = time.perf_counter() + PATIENCE

    async def work() -> None:
        await anyio.sleep(SHORTLY)
        while not ear.records and time.perf_counter() < deadline:
            dog.now += LIMIT

    assert status(either, work) == 204
    assert [" in work: " in report for report in ear.texts] == [True]


def ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the library has logged; what httpx2 logs depends on what other tests have set."""
    return [record for record in caplog.records if record.name == "asgi_lockstep"]


@only_on(on_main_thread=True)
def test_the_report_is_a_warning_of_the_logger_of_the_library(
    either: Either, ear: Ear, dog: Dog, caplog: pytest.LogCaptureFixture
) -> None:
    """Which pytest shows with a test that fails."""

    async def work() -> None:
        await anyio.sleep(SHORTLY)
        ear.heard.wait(PATIENCE)

    assert status(either, work) == 204
    dog.has_looked()
    assert [record.levelname for record in ours(caplog)] == ["WARNING"]


@only_on(on_main_thread=True)
def test_a_lifespan_that_blocks_is_reported(either: Either, ear: Ear) -> None:
    """Entering a client is a call like any other."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await anyio.sleep(SHORTLY)
        ear.heard.wait(PATIENCE)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def scenario(client: Any) -> None:
        async with client:
            pass

    either.run(app, scenario, block_warning=LIMIT)
    assert ear.texts == [text(app, "heard.wait")]


# After it.


def test_a_report_hides_no_deadlock(either: Either, ear: Ear) -> None:
    """The thread that looks, and logs, calls into no loop."""

    async def work() -> None:
        await anyio.sleep(SHORTLY)
        ear.heard.wait(PATIENCE)
        await anyio.Event().wait()

    async def scenario(client: Any) -> None:
        await client.get("/")

    either.hang(app_of(work), scenario, block_warning=LIMIT)
    assert ear.texts == [text(work, "heard.wait")]


#: What Python 3.14 has there is who records warnings.
recorder = ContextVar("recorder", default="nobody")


def test_a_block_is_reported_in_the_context_of_the_test(
    either: Either, ear: Ear, dog: Dog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python 3.14 can keep there who records warnings, and does so without a GIL: pytest could not see it otherwise."""
    found: list[str] = []
    monkeypatch.setattr(warnings, "warn_explicit", lambda *_: found.append(recorder.get()))

    async def work() -> None:
        ear.heard.wait(PATIENCE)

    recorder.set("the test")
    status(either, work)
    dog.has_looked()
    assert found == ["the test"]


# On a virtual clock.


@on(entered=True)
def test_a_block_is_reported_on_a_virtual_clock(virtual: Virtual, ear: Ear) -> None:
    """It is one of real time; the clock goes on afterwards."""

    async def work() -> None:
        await anyio.sleep(3600)
        ear.heard.wait(PATIENCE)
        await anyio.sleep(3600)

    async def scenario(client: Any) -> float:
        await client.get("/")
        now: float = client.clock.now
        return now

    assert virtual.run(app_of(work), scenario, block_warning=LIMIT) == 7200.0
    assert ear.texts == [text(work, "heard.wait")]


@on(entered=True, is_async=False)
def test_a_job_in_a_thread_is_no_block_on_a_virtual_clock(virtual: Virtual, ear: Ear, dog: Dog) -> None:
    """The loop waits for it, with a timer pending, and makes a pass whenever it is called into."""

    def job() -> None:
        for _ in range(3):
            dog.time_passes(LIMIT / 2)
            anyio.from_thread.run_sync(int)

    async def work() -> None:
        with anyio.fail_after(1):
            await anyio.to_thread.run_sync(job)

    async def scenario(client: Any) -> None:
        await client.get("/")

    virtual.run(app_of(work), scenario, block_warning=LIMIT)
    assert ear.texts == []
