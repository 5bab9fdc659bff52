"""A request that is dead in an app that lives: nobody but its own tasks can reach what it waits for.

Beside a heartbeat of the app no loop is ever quiet, and still each is proven, on every driver: the limit is far off.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Any

import anyio
import anyio.abc
import pytest

from asgi_lockstep import Deadlock
from asgi_lockstep._types import Receive, Scope, Send
from either import FAR_OFF, Either, line
from helpers import body, start

Wait = Callable[[], Awaitable[object]]

#: One driver of each client and library.
LIBRARIES = ("asyncio", "trio", "async-asyncio", "async-trio")

#: How often the app's heart beats, in seconds.
BEAT = 0.002


@pytest.fixture(autouse=True)
def asks_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The references are asked about after a few milliseconds."""
    monkeypatch.setattr("asgi_lockstep._drivers.rest.proofs.FIRST_QUESTION", 0.005)
    monkeypatch.setattr("asgi_lockstep._drivers.rest.proofs.Question.cost", 0.0)
    monkeypatch.setattr("asgi_lockstep._drivers.rest.proofs.Question.next_at", 0.0)


class Living:
    """An app with a heartbeat, whose requests wait for what `wait()` waits for."""

    def __init__(self, wait: Wait) -> None:
        self._wait = wait

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Live, or answer after the wait."""
        if scope["type"] == "lifespan":
            await receive()
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._beat)
                await send({"type": "lifespan.startup.complete"})
                await receive()
                tasks.cancel_scope.cancel()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await self._wait()
        await send(start())
        await send(body(b"answered"))

    async def _beat(self) -> None:
        while True:
            await anyio.sleep(BEAT)


async def get(client: Any) -> None:
    """Ask the app that lives."""
    async with client:
        await client.get("/x")


def dead(either: Either, wait: Wait, scenario: Callable[[Any], Coroutine[Any, Any, None]] = get) -> str:
    """The text of the proof."""
    with pytest.raises(Deadlock) as caught:
        either.run(Living(wait), scenario, timeout=FAR_OFF, on_disconnect="cancel")
    assert caught.value.app_lives
    return str(caught.value)


async def double_lock() -> None:
    """A lock that the request has already."""
    lock = asyncio.Lock()
    async with lock, lock:
        pass


async def event() -> None:
    """An event that nobody knows."""
    await anyio.Event().wait()


async def stream() -> None:
    """A stream whose other end nobody uses."""
    sender, receiver = anyio.create_memory_object_stream[None]()
    with sender, receiver:
        await receiver.receive()


async def group() -> None:
    """Children that wait for each other's events."""
    one, two = anyio.Event(), anyio.Event()

    async def waits(for_it: anyio.Event, then: anyio.Event) -> None:
        await for_it.wait()
        then.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(waits, one, two)
        tasks.start_soon(waits, two, one)


async def nested() -> None:
    """A group in a child of a group."""

    async def child() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(event)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(child)


async def limiter() -> None:
    """More than a limiter has."""
    limits = anyio.CapacityLimiter(1)
    await limits.acquire_on_behalf_of("one")
    await limits.acquire_on_behalf_of("two")


async def generator() -> None:
    """In an async generator."""

    async def pieces() -> AsyncIterator[None]:
        await event()
        yield

    async for _ in pieces():
        pass


async def after_a_thread() -> None:
    """A worker thread stays for the next job."""
    await anyio.to_thread.run_sync(int)
    await event()


@pytest.mark.parametrize("wait", [event, group])
def test_a_dead_request_is_proven_while_the_app_lives(either: Either, wait: Wait) -> None:
    """On every driver, as long as what it waits for is its own."""
    dead(either, wait)


@pytest.mark.parametrize("either", ["asyncio", "trio"], indirect=True)
@pytest.mark.parametrize("wait", [stream, nested, limiter, generator, after_a_thread])
def test_whatever_a_dead_request_waits_for(either: Either, wait: Wait) -> None:
    """The references lead to it, on each library."""
    dead(either, wait)


async def gathered() -> None:
    """Several at once."""
    await asyncio.gather(event(), event())


async def task_group() -> None:
    """Asyncio's own."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(event())


async def shielded() -> None:
    """A task that is not cancelled with its parent."""
    await asyncio.shield(asyncio.ensure_future(event()))


async def waited() -> None:
    """With `asyncio.wait()`."""
    await asyncio.wait([asyncio.ensure_future(event())])


async def queue() -> None:
    """A queue that nobody knows."""
    await asyncio.Queue[None]().get()


@pytest.mark.parametrize("either", ["asyncio"], indirect=True)
@pytest.mark.parametrize("wait", [double_lock, gathered, task_group, shielded, waited, queue])
def test_a_dead_request_of_asyncio(either: Either, wait: Wait) -> None:
    """What only asyncio has."""
    dead(either, wait)


@pytest.mark.parametrize("either", LIBRARIES, indirect=True)
def test_the_text_says_that_the_app_lives(either: Either) -> None:
    """And that nothing in it can reach what the request waits for; the rest is that of each dead end."""
    first, second, *rest = dead(either, event).splitlines()
    assert first == (
        "The test waits for the app to finish GET /x: the app lives, but nothing in it can reach what GET /x waits for."
    )
    assert second == f"  the test waits at {line(get, 'client.get')}"
    assert any(each.startswith(f"  GET /x, stands at {line(event, 'wait()')}") for each in rest)


async def beside_a_stream(client: Any) -> None:
    """Ask while another response streams."""
    async with client, client.stream("GET", "/stream"):
        await client.get("/x")


@pytest.mark.parametrize("either", LIBRARIES, indirect=True)
def test_a_dead_request_beside_one_that_streams(either: Either) -> None:
    """It stands in `send()` until the test reads on, and cannot reach the other one."""

    class Streams(Living):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope.get("path") != "/stream":
                await super().__call__(scope, receive, send)
                return
            await send(start())
            while True:
                await send(body(b"piece", more=True))

    with pytest.raises(Deadlock) as caught:
        either.run(Streams(event), beside_a_stream, timeout=FAR_OFF, on_disconnect="cancel")
    assert caught.value.app_lives


@pytest.fixture
def at_work() -> Iterator[threading.Thread]:
    """A thread that goes on by itself."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, args=(3600,))
    thread.start()
    yield thread
    stop.set()
    thread.join()


@pytest.mark.parametrize("either", LIBRARIES, indirect=True)
@pytest.mark.usefixtures("at_work")
def test_a_thread_that_cannot_reach_it_does_not_hide_a_dead_request(either: Either) -> None:
    """An exporter of metrics, say."""
    dead(either, event)


async def run(client: Any) -> None:
    """Have the loop of the app do something of the test's."""
    async with client:
        await client.run(event)


@pytest.mark.parametrize("options", [{}, {"driver": "thread"}, {"backend": "trio"}])
def test_what_the_test_runs_on_the_loop_can_be_dead_too(options: dict[str, Any]) -> None:
    """Of `client.run()` and the portal, in words of their own."""
    with pytest.raises(Deadlock) as caught:
        Either("asyncio", options).run(Living(event), run, timeout=FAR_OFF)
    assert str(caught.value).splitlines()[0] == (
        "The test waits for a call through the portal: "
        "the app lives, but nothing in it can reach what that call waits for."
    )
