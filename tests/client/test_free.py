"""`driver="free"`: the app runs all the time that its client is entered, on a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

from asgi_lockstep import Deadlock, TestClient, UsageError
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, body, simple_lifespan, start
from matrix import SYNC, available

#: How long the test waits for the app at most, in seconds; it never does.
LONG = 30

FREE = {name: SYNC[name] for name in available(SYNC) if name.endswith("-free")}


@pytest.fixture(params=FREE)
def options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The options of the client, on each library."""
    return {**FREE[request.param]}


class Worker:
    """An app with a worker in its lifespan, which does what the requests ask for after they are answered."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.threads: list[int] = []
        self.fails_with: BaseException | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI app."""
        if scope["type"] == "lifespan":
            self.jobs, jobs = anyio.create_memory_object_stream[str](10)
            async with self.jobs, anyio.create_task_group() as group:
                group.start_soon(self._work, jobs)
                await simple_lifespan(scope, receive, send)
                self.jobs.close()
            return
        if scope["path"] == "/dead":
            await anyio.Event().wait()
        self.threads.append(threading.get_ident())
        await self.jobs.send(scope["path"])
        await send(start(204))
        await send(body())

    async def _work(self, jobs: Any) -> None:
        with jobs:
            async for _ in jobs:
                await anyio.sleep(0.01)
                self.threads.append(threading.get_ident())
                self.done.set()
                if self.fails_with is not None:
                    raise self.fails_with


def test_the_app_goes_on_while_the_test_waits_for_it_by_other_means(options: dict[str, Any]) -> None:
    """As tests do that poll until the app has done something; no call of the client is made meanwhile."""
    app = Worker()
    with TestClient(app, **options) as client:
        client.get("/job")
        assert app.done.wait(LONG)


def test_all_of_it_is_on_one_thread_and_not_the_tests(options: dict[str, Any]) -> None:
    """In a call and between two; code that looks up its own stack does not find the test."""
    app = Worker()
    with TestClient(app, **options) as client:
        client.get("/job")
        assert app.done.wait(LONG)
    assert len({*app.threads}) == 1
    assert threading.get_ident() not in app.threads


def test_a_dead_end_is_one_here_too(options: dict[str, Any]) -> None:
    """And the client goes on after it."""
    with TestClient(Worker(), **options) as client:
        with pytest.raises(Deadlock):
            client.get("/dead")
        assert client.get("/").status_code == 204


def test_an_app_that_rests_is_woken_by_the_next_call(options: dict[str, Any]) -> None:
    """However often; nothing is left of it after the client."""
    before = {*threading.enumerate()}
    with TestClient(Worker(), **options) as client:
        assert [client.get("/").status_code for _ in range(20)] == [204] * 20
    left = [thread.name for thread in {*threading.enumerate()} - before if "asgi-lockstep" in thread.name]
    assert left == []


def test_a_failure_between_two_calls_is_raised_where_the_test_sees_it(options: dict[str, Any]) -> None:
    """By leaving the client, as a worker of the lifespan that dies is in any case."""
    app = Worker()
    app.fails_with = ValueError("the worker")
    with pytest.raises(BaseExceptionGroup) as caught, TestClient(app, **options) as client:
        client.get("/job")
        assert app.done.wait(LONG)
    assert caught.value.exceptions == (app.fails_with,)


def test_what_ends_the_test_run_is_raised_by_the_next_call(options: dict[str, Any]) -> None:
    """It has come out of the loop while nobody waited for it."""
    went = threading.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start(204))
        await send(body())
        await anyio.sleep(0.01)
        went.set()
        raise KeyboardInterrupt

    client = TestClient(Listener(http=app, lifespan=simple_lifespan), background="detach", **options)
    with pytest.raises(KeyboardInterrupt), client:
        client.get("/")
        assert went.wait(LONG)
        client.settle()


def test_while_it_is_not_entered_it_is_as_with_a_thread(options: dict[str, Any]) -> None:
    """There is no end at which the app would stop."""
    client = TestClient(Listener(http=_hello), **options)
    assert client.get("/").status_code == 204
    client.close()


@pytest.fixture
def several(options: dict[str, Any]) -> Iterator[TestClient]:
    """A client for several threads."""
    with TestClient(Worker(), **options) as client:
        yield client


def test_several_threads_use_it(several: TestClient) -> None:
    """The thread that runs the app is one more that waits for its turn."""
    answers: list[int] = []

    def ask() -> None:
        answers.extend(several.get("/").status_code for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [204] * 40


def test_virtual_time_needs_calls() -> None:
    """Between them it would fly."""
    with pytest.raises(UsageError) as caught:
        TestClient(_hello, driver="free", clock="virtual")
    assert str(caught.value) == (
        'driver="free" lets the app run between two calls, and there nothing would hold up its virtual time: leave out '
        "one of the two, and let time pass with client.sleep()."
    )


async def _hello(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(start(204))
    await send(body())
