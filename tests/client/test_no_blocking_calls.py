"""What is no block: apps that await or are busy for short times, tests that take their time, debuggers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from asgi_lockstep._drivers.rest.watch import LOOK_EVERY
from either import EITHER, Either, only_on
from watchdogs import LIMIT, SHORTLY, Dog, Ear, app_of, status

pytestmark = pytest.mark.usefixtures("dog")


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
