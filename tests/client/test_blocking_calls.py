"""An app that blocks its thread is reported, in the log at once and as a warning, and nothing else happens to it.

The watchdog here has a clock that stands still unless a test says otherwise: no load of the machine makes it report an
app that does not block, and no test waits for the seconds that it takes to report one that does.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from asgi_lockstep import BlockingCall
from asgi_lockstep._drivers.rest.watch import LOOK_EVERY
from asgi_lockstep._types import ASGI3App, Receive, Scope, Send
from either import EITHER, Either, line, only_on
from helpers import body, start
from virtual import Virtual, on
from watchdogs import LIMIT, PATIENCE, Dog, Ear

#: How long the app waits where it is not to block at once, in seconds.
SHORTLY = 0.002


pytestmark = pytest.mark.usefixtures("dog")


def app_of(work: Callable[[], Awaitable[object]]) -> ASGI3App:
    """An app that answers with 204 after `work()`."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        await work()
        await send(start(204))
        await send(body())

    return app


def status(either: Either, work: Callable[[], Awaitable[object]], **options: Any) -> int:
    """How an app is answered for that does `work()`."""

    async def scenario(client: Any) -> int:
        code: int = (await client.get("/")).status_code
        return code

    found: int = either.run(app_of(work), scenario, **{"block_warning": LIMIT, **options})
    return found


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


def test_warnings_that_are_errors_end_nothing(either: Either, ear: Ear) -> None:
    """Neither the request nor the watch: the second block is reported, too."""

    async def work() -> None:
        await anyio.sleep(SHORTLY)
        ear.heard.wait(PATIENCE)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = [status(either, work), status(either, work)]
    assert (found, ear.texts) == ([204, 204], [text(work, "heard.wait")] * 2)


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


# What is no block.


@only_on(on_main_thread=True)
def test_an_app_that_awaits_is_not_reported(either: Either, ear: Ear, dog: Dog) -> None:
    """However long, and whatever: a timer, or a thread (on a loop of the test it is the library that looks meanwhile,
    every `LOOK_EVERY` seconds: half of the limit passes for each look).
    """

    def job() -> None:
        for _ in range(3):
            dog.time_passes(LIMIT / 2)
            anyio.from_thread.run(anyio.sleep, 1.2 * LOOK_EVERY)

    async def work() -> None:
        for _ in range(3):
            dog.now += LIMIT / 2
            await anyio.sleep(1.2 * LOOK_EVERY)
        await anyio.to_thread.run_sync(job)

    assert (status(either, work), ear.texts) == (204, [])


@only_on(on_main_thread=True)
def test_an_app_that_is_busy_for_many_short_times_is_not_reported(either: Either, ear: Ear, dog: Dog) -> None:
    """Others have their turn in between."""

    async def work() -> None:
        for _ in range(3):
            dog.time_passes(LIMIT / 2)
            await anyio.sleep(1.2 * LOOK_EVERY)

    assert (status(either, work), ear.texts) == (204, [])


@only_on(on_main_thread=True)
def test_a_test_that_takes_its_time_is_not_reported(either: Either, ear: Ear, dog: Dog) -> None:
    """It is the app that is watched, and only while the test waits for it."""

    async def scenario(client: Any) -> int:
        await client.get("/")
        dog.time_passes()
        code: int = (await client.get("/")).status_code
        return code

    assert (either.run(app_of(anyio.lowlevel.checkpoint), scenario, block_warning=LIMIT), ear.texts) == (204, [])


@only_on(on_main_thread=True)
def test_none_is_never(either: Either, ear: Ear, dog: Dog) -> None:
    """Whoever does not want to know is not told."""

    async def work() -> None:
        await anyio.sleep(SHORTLY)
        dog.time_passes()

    assert (status(either, work, block_warning=None), ear.texts) == (204, [])


def test_the_default_is_five_seconds(either: Either, dog: Dog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Much more than an app should block, and less than anybody likes to wait in ignorance."""
    limits: set[float] = set()
    monkeypatch.setattr(dog.watchdog, "watch", lambda _watched, limit: limits.add(limit))

    async def work() -> None:
        await anyio.sleep(2 * LOOK_EVERY)

    async def scenario(client: Any) -> None:
        await client.get("/")

    either.run(app_of(work), scenario)
    assert limits == {5.0}


@only_on(on_main_thread=True)
def test_a_prompt_of_a_debugger_is_not_reported(either: Either, ear: Ear, dog: Dog) -> None:
    """Somebody looks at the app."""
    prompt = stands_in("/x/pdb.py", dog)

    async def work() -> None:
        await anyio.sleep(SHORTLY)
        prompt()

    assert (status(either, work), ear.texts) == (204, [])


@pytest.mark.parametrize(
    "file", ["/x/bdb.py", "/x/ipdb/__main__.py", "C:\\x\\debugpy\\server.py", "/x/pydevd_bundle/a.py"]
)
def test_the_prompts_of_all_debuggers(ear: Ear, dog: Dog, file: str) -> None:
    """Wherever they are installed."""
    prompt = stands_in(file, dog)

    async def work() -> None:
        prompt()

    assert (status(EITHER["asyncio"], work), ear.texts) == (204, [])


def stands_in(file: str, dog: Dog) -> Callable[[], None]:
    """A function from a file of that name, which blocks."""
    namespace: dict[str, Any] = {"dog": dog}
    exec(compile("def stand(): dog.time_passes()", file, "exec"), namespace)
    stand: Callable[[], None] = namespace["stand"]
    return stand


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
