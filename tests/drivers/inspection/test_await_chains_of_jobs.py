"""Await chains of tasks that have handed a job to a thread."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import Any

import anyio
import pytest
import trio
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.inspection.await_chains import await_chain, jobs_handed_over
from asgi_lockstep._drivers.inspection.known_code import Meaning
from asgi_lockstep._drivers.on_trio.app_tasks import all_tasks


async def job_in_anyio() -> None:
    """Hands a job over by anyio."""
    await anyio.to_thread.run_sync(wait_for_release)


async def job_in_asyncio() -> None:
    """Hands a job over by asyncio."""
    await asyncio.to_thread(wait_for_release)


async def job_in_trio() -> None:
    """Hands a job over by trio."""
    await trio.to_thread.run_sync(wait_for_release)


async def job_in_asgiref() -> None:
    """Hands a job over by asgiref, as Django does."""
    await pytest.importorskip("asgiref.sync").sync_to_async(wait_for_release, thread_sensitive=False)()


async def job_in_aiosqlite() -> None:
    """Hands a job over by aiosqlite."""
    connection = pytest.importorskip("aiosqlite").connect(":memory:")

    def connect() -> sqlite3.Connection:
        wait_for_release()
        return sqlite3.connect(":memory:")

    connection._connector = connect
    async with connection:
        pass


def wait_for_release() -> None:
    """The job: takes until the test has looked."""
    assert RELEASE[-1].wait(30)


#: What the job of the running test waits for, last.
RELEASE: list[threading.Event] = []


@pytest.mark.parametrize(
    ("backend", "job"),
    [
        ("asyncio", job_in_anyio),
        ("trio", job_in_anyio),
        ("asyncio", job_in_asyncio),
        ("trio", job_in_trio),
        ("asyncio", job_in_asgiref),
        ("asyncio", job_in_aiosqlite),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_task_that_waits_for_a_job_in_a_thread_is_recognised(backend: str, job: Any) -> None:
    """In the libraries that hand jobs over; these tests fail when one of them moves its function."""
    RELEASE.append(threading.Event())
    found: list[bool] = []

    async def look(parent: Any) -> None:
        await checkpoint()
        found.append(any(place.is_in(Meaning.HANDS_OVER) for place in await_chain(parent)))
        RELEASE[-1].set()

    async def main() -> None:
        async with anyio.create_task_group() as group:
            current = trio.lowlevel.current_task().coro if backend == "trio" else _asyncio_coro()
            group.start_soon(look, current)
            await job()

    anyio.run(main, backend=backend)
    assert found == [True]


def _asyncio_coro() -> Any:
    task = asyncio.current_task()
    assert task is not None
    return task.get_coro()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_task_for_which_a_job_waits_is_recognised(backend: str) -> None:
    """In the libraries that let a thread call in; this test fails when one of them moves its function."""

    def looks() -> tuple[int, int]:
        if backend == "trio":
            return jobs_handed_over(task.coro for task in all_tasks())
        return jobs_handed_over(task.get_coro() for task in asyncio.all_tasks())

    async def main() -> list[tuple[int, int]]:
        asked, answered = anyio.Event(), anyio.Event()
        found: list[tuple[int, int]] = []

        async def ask() -> None:
            asked.set()
            await answered.wait()

        async def in_a_thread() -> None:
            await anyio.to_thread.run_sync(anyio.from_thread.run, ask)

        async with anyio.create_task_group() as group:
            group.start_soon(in_a_thread)
            await asked.wait()
            found.append(looks())
            answered.set()
        return [*found, looks()]

    assert anyio.run(main, backend=backend) == [(1, 1), (0, 0)]
