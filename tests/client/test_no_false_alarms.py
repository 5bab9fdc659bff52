"""Apps that wait for something outside of their event loop: they get their time, and the test the right answer."""

from __future__ import annotations

import _thread
import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import aiosqlite
import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
import pytest
import trio
import trio.socket

from asgi_lockstep._types import Message, Receive, Scope, Send
from either import Either, only_on
from helpers import answers, body, start
from matrix import Driver

#: How long whatever the app waits for takes, in seconds: longer than anything here waits between two looks.
WHILE = 0.04


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both proofs are asked at once, and several times while a loop waits."""
    for name in ("FIRST_LOOK", "FIRST_QUESTION"):
        monkeypatch.setattr(f"asgi_lockstep._drivers.rest.proofs.{name}", WHILE / 40)
    for module in ("rest.proofs", "rest.rest_rules", "turning.async_driver", "on_trio.loop_runner"):
        monkeypatch.setattr(f"asgi_lockstep._drivers.{module}.LOOK_AGAIN", WHILE / 4)


Work = Callable[[], Awaitable[str]]


def slow(answer: str) -> str:
    """What takes its time in a thread."""
    time.sleep(WHILE)
    return answer


async def to_thread_of_asyncio() -> str:
    """The default executor."""
    return await asyncio.to_thread(slow, "asyncio.to_thread")


async def own_executor() -> str:
    """An executor of the app's own."""
    with ThreadPoolExecutor(1) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, slow, "own executor")


async def call_soon_from_a_thread() -> str:
    """A thread that asyncio knows nothing of."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()

    def job() -> None:
        time.sleep(WHILE)
        loop.call_soon_threadsafe(event.set)

    return await _woken(event, threading.Thread(target=job), "call_soon_threadsafe")


async def call_soon_from_a_timer() -> str:
    """A timer that asyncio knows nothing of."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    return await _woken(event, threading.Timer(WHILE, loop.call_soon_threadsafe, (event.set,)), "timer")


async def _woken(event: Any, thread: threading.Thread, answer: str) -> str:
    thread.start()
    await event.wait()
    await anyio.to_thread.run_sync(thread.join)
    return answer


async def database() -> str:
    """A connection with a thread of its own."""
    async with aiosqlite.connect(":memory:") as connection:
        await connection.create_function("slow", 1, slow)
        async with connection.execute("select slow('aiosqlite')") as cursor:
            row = await cursor.fetchone()
    assert row is not None
    return str(row[0])


async def to_thread_of_trio() -> str:
    """A thread of trio's cache."""
    return await trio.to_thread.run_sync(slow, "trio.to_thread")


async def token_of_trio() -> str:
    """A thread that trio knows nothing of."""
    token, event = trio.lowlevel.current_trio_token(), trio.Event()
    return await _woken(event, threading.Timer(WHILE, token.run_sync_soon, (event.set,)), "token")


async def to_thread_of_anyio() -> str:
    """A worker of anyio."""
    return await anyio.to_thread.run_sync(slow, "anyio.to_thread")


async def from_thread_of_anyio() -> str:
    """A thread that calls back into the loop in the middle of its job."""

    def job() -> str:
        time.sleep(WHILE)
        anyio.from_thread.run_sync(event.set)
        return anyio.from_thread.run(_later, "from_thread")

    event = anyio.Event()
    answer = await anyio.to_thread.run_sync(job)
    assert event.is_set()
    return answer


async def _later(answer: str) -> str:
    await anyio.sleep(0.01)
    return answer


async def from_foreign_thread_of_anyio() -> str:
    """A thread that anyio did not make, with a token."""
    token, event = anyio.lowlevel.current_token(), anyio.Event()

    def job() -> None:
        time.sleep(WHILE)
        anyio.from_thread.run_sync(event.set, token=token)

    return await _woken(event, threading.Thread(target=job), "token of anyio")


ASYNCIO: dict[str, Work] = {
    "asyncio.to_thread": to_thread_of_asyncio,
    "own executor": own_executor,
    "call_soon_threadsafe": call_soon_from_a_thread,
    "timer": call_soon_from_a_timer,
    "aiosqlite": database,
}
TRIO: dict[str, Work] = {"trio.to_thread": to_thread_of_trio, "token": token_of_trio}
BOTH: dict[str, Work] = {
    "anyio.to_thread": to_thread_of_anyio,
    "from_thread": from_thread_of_anyio,
    "token of anyio": from_foreign_thread_of_anyio,
}


@pytest.mark.parametrize("answer", BOTH)
def test_what_works_on_both_libraries(either: Either, answer: str) -> None:
    """The answer is waited for, for as long as it takes."""
    assert either.answer(BOTH[answer]) == answer


@only_on("asyncio")
@pytest.mark.parametrize("answer", ASYNCIO)
def test_what_works_on_asyncio(either: Either, answer: str) -> None:
    """The same, for what asyncio itself has, and what is made for it."""
    assert either.answer(ASYNCIO[answer]) == answer


@only_on("trio")
@pytest.mark.parametrize("answer", TRIO)
def test_what_works_on_trio(either: Either, answer: str) -> None:
    """The same, for what trio itself has."""
    assert either.answer(TRIO[answer]) == answer


async def thread_without_a_name() -> str:
    """A thread that was started below `threading`, which does not list it, and does not wait for its beginning either:
    how long that may take is in drivers/inspection/test_starting_threads.py.
    """
    loop, event, begun = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def job() -> None:
        begun.set()
        time.sleep(WHILE)
        with suppress(RuntimeError):  # the loop has been closed: nobody waits for this any more
            loop.call_soon_threadsafe(event.set)

    _thread.start_new_thread(job, ())
    begun.wait()
    await event.wait()
    return "_thread"


@only_on("asyncio")
def test_a_thread_that_is_on_no_list(either: Either) -> None:
    """Such a thread counts as any other."""
    assert either.answer(thread_without_a_name) == "_thread"


async def takes_its_time(scope: Scope, receive: Receive, send: Send) -> None:
    """Works in threads before all that it says."""

    async def say(message: Message) -> None:
        await anyio.to_thread.run_sync(time.sleep, 0.025)
        await send(message)

    kind, _ = scope["type"], await receive()
    if kind == "lifespan":
        await say({"type": "lifespan.startup.complete"})
        await receive()
        await say({"type": "lifespan.shutdown.complete"})
    elif kind == "websocket":
        await say({"type": "websocket.accept"})
        await say({"type": "websocket.send", "text": "hello"})
        await receive()
    else:
        await say(start())
        await say(body(b"one", more=True))
        await say(body(b"two"))


def test_every_call_waits_for_a_thread(either: Either) -> None:
    """Entering and leaving the client, and each step of each kind of conversation."""

    async def scenario(client: Any) -> list[Any]:
        async with client:
            async with client.websocket_connect("/") as session:
                told: list[Any] = [await session.receive_text()]
            async with client.stream("GET", "/") as response:
                told += [chunk async for chunk in response.aiter_raw()]
            async with client.open("POST", "/") as exchange:
                await exchange.end()
                told += [(await exchange.response).status_code, await exchange.receive(), await exchange.receive()]
        return told

    assert either.run(takes_its_time, scenario) == ["hello", b"one", b"two", 200, b"one", b"two"]


class Gate:
    """One request waits for another."""

    def __init__(self) -> None:
        self.events: list[anyio.Event] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for, or do, what is asked for."""
        if scope["path"] == "/wait":
            self.events.append(anyio.Event())
            await self.events[0].wait()
        else:
            self.events[0].set()
        await answers(start(), body(scope["path"].encode()))(scope, receive, send)


def test_another_thread_of_the_test_makes_the_request_that_helps(sync_driver: Driver) -> None:
    """A thread that uses the client may call into its loop, as any other."""
    heard: list[str] = []
    with sync_driver.client(Gate(), lifespan="off") as client:
        thread = threading.Timer(WHILE, lambda: heard.append(client.get("/help").text))
        thread.start()
        heard.append(client.get("/wait").text)
        thread.join()
    assert sorted(heard) == ["/help", "/wait"]
