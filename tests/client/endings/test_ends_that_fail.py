"""The end of a client that raises has ended everything all the same."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import anyio.to_thread
import pytest

from asgi_lockstep import AppTimeout, BackgroundFailed, LeftoverTasks, TestClient
from asgi_lockstep._types import Receive, Scope, Send
from either import Either, only_on
from helpers import body, start
from matrix import Driver
from time_limits import waits_in_a_thread


async def fails_behind_its_response(scope: Scope, receive: Receive, send: Send) -> None:
    """Leaves a task behind, too."""
    if _on_asyncio():
        TASKS.add(asyncio.ensure_future(asyncio.Event().wait()))
    await send(start())
    await send(body())
    raise KeyError


#: asyncio itself holds no task.
TASKS: set[asyncio.Future[Any]] = set()


def _on_asyncio() -> bool:
    return anyio.get_cancelled_exc_class() is asyncio.CancelledError


@pytest.fixture(autouse=True)
def _no_tasks() -> Iterator[None]:
    yield
    TASKS.clear()


def test_a_client_that_closes_with_a_failure_has_closed_its_loop(sync_driver: Driver) -> None:
    """The failure of detached work is raised when the loop is closed, and not instead of that."""
    client = sync_driver.client(fails_behind_its_response, background="detach")
    client.get("/")
    with pytest.raises(BackgroundFailed):
        client.close()
    assert client._loops.lazy == []


@only_on("asyncio")
def test_an_async_client_that_closes_with_a_failure_has_cancelled_what_is_left(either: Either) -> None:
    """As the sync one does with its loop."""

    async def scenario(client: Any) -> None:
        await client.get("/")
        with pytest.raises(BackgroundFailed):
            await client.aclose()
        assert [task.cancelled() for task in TASKS] == [True]  # and not only with the loop of the test

    either.run(fails_behind_its_response, scenario, background="detach")


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_a_task_that_interrupts_the_end_of_its_loop_does_not_keep_others_from_theirs(
    sync_driver: Driver, interrupt: type[BaseException]
) -> None:
    """It is raised when they have ended: threads wait for them, and the end of Python for the threads."""
    ended: list[str] = []
    threads = set(threading.enumerate())

    async def interrupts() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            raise interrupt

    async def cleans_up() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(int)
            ended.append("cleaned up")

    client = sync_driver.client(hello_once, lifespan="off")
    with pytest.raises(interrupt), client:
        for work in (interrupts, cleans_up):
            client.portal.start_task_soon(work)
        client.settle()
    assert ended == ["cleaned up"]
    left = {thread for thread in set(threading.enumerate()) - threads if not thread.name.startswith("Trio thread")}
    for thread in left:
        thread.join(30)  # they end a little after their loop
    assert not any(thread.is_alive() for thread in left)
    with client:
        assert client.get("/").text == "hello"  # the thread can have another loop


async def hello_once(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers."""
    await send(start())
    await send(body(b"hello"))


def test_a_trio_task_that_shields_an_endless_wait_does_not_keep_the_client(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named in the log, as one that ignores its cancellation; nobody can end it."""
    monkeypatch.setattr("asgi_lockstep._drivers.on_trio.loop_runner._TO_END", 0.05)

    async def waits() -> None:
        with anyio.CancelScope(shield=True):
            await release.wait()

    async def make() -> anyio.Event:
        return anyio.Event()

    client = TestClient(hello_once, backend="trio", driver="thread", lifespan="off", grace=0.05)
    with client:
        assert client.portal is not None
        release = client.run(make)
        client.portal.start_task_soon(waits)
        client.settle()
    assert "Tasks ignore their cancellation, and are thrown away with their trio run:" in caplog.text


@only_on("asyncio")
def test_tasks_that_are_waited_for_and_do_not_end_time_out(either: Either) -> None:
    """Where it cannot be proven that they never will: the limit is that of the client."""
    release = threading.Event()
    somebody = threading.Thread(target=waits_in_a_thread, args=(release,))
    somebody.start()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        TASKS.add(asyncio.ensure_future(asyncio.Event().wait()))
        await send(start())
        await send(body())

    async def scenario(client: Any) -> None:
        with pytest.raises(AppTimeout, match=r"^The test waits for the tasks that the app has left behind to end, and"):
            async with client:
                await client.get("/")
        assert [task.cancelled() for task in TASKS] == [True]

    try:
        either.run(app, scenario, leftover_tasks="wait", lifespan="off", timeout=0.05)
    finally:
        release.set()
        somebody.join()


@only_on("asyncio")
def test_the_tasks_of_every_user_are_those_of_the_client_that_they_were_derived_from(either: Either) -> None:
    """Also where that is not entered, and a user was derived from a user; it says what becomes of them."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        TASKS.add(asyncio.ensure_future(asyncio.Event().wait()))
        await send(start())
        await send(body())

    async def scenario(client: Any) -> None:
        user = client.derive().derive()
        await user.get("/")
        await user.aclose()
        assert [task.done() for task in TASKS] == [False]
        with pytest.raises(LeftoverTasks):
            await client.aclose()

    either.run(app, scenario, leftover_tasks="error")
