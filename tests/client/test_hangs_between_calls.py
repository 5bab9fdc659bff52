"""Calls that wait for another call, another task, a piece that the test has to send, or the loop of the test itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import anyio
import pytest
import trio

from asgi_lockstep import Deadlock, TestClient
from asgi_lockstep._types import ASGI3App, Receive, Scope, Send
from either import FAR_OFF, Either, Scenario, line
from helpers import body, start
from matrix import SYNC, available


class Locked:
    """Answers each request under one lock.

    Args:
        places: how many of them at a time.
    """

    def __init__(self, places: int = 1) -> None:
        self.places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer in two pieces."""
        if scope["path"] == "/x":
            self.lock = anyio.Semaphore(self.places)
        async with self.lock:
            await send(start())
            await send(body(b"one", more=True))  # one
            await send(body(b"two"))


async def get_while_reading(client: Any) -> None:
    """Ask for a page in the middle of another one."""
    async with client.stream("GET", "/x"):
        await client.get("/y")


async def read_three(client: Any) -> None:
    """Three pages at a time."""
    async with client.stream("GET", "/x"), client.stream("GET", "/y"):
        await client.get("/z")


def standing(path: str, waits: str) -> str:
    """The line about a request that stands in `send()`, or has not got so far."""
    if not waits:
        return (
            f"  <GET {path}: no response yet; no request body; response body: 0 bytes taken, "
            "0 chunks waiting; app running, has received nothing and sent nothing last>"
        )
    return (
        f"  <GET {path}: response started; no request body; response body: 0 bytes taken, "
        f"1 chunks waiting; app running{waits}, has received nothing and sent http.response.body last>"
    )


def held(waits: str, holds: str) -> str:
    """The line about what one request waits for, and another holds."""
    stands = line(Locked.__call__, "# one").replace(" in __call__: ", ": ")
    held_by = f"GET {waits} waits is held by GET {holds}, in __call__"
    return f"  the anyio.Semaphore for which {held_by}, which stands at {stands}"


def test_a_lock_that_another_call_holds_in_send(either: Either) -> None:
    """It is the test that has to read on: the advice names the call."""
    app = Locked()
    assert either.hang(app, get_while_reading) == either.text(
        "the app to finish GET /y",
        f"  the test waits at {line(get_while_reading, 'client.get')}",
        standing("/x", " in send()"),
        standing("/y", ""),
        f"  GET /x, stands at {line(Locked.__call__, '# one')}",
        f"  GET /y, stands at {line(Locked.__call__, 'async with')}",
        held("/y", "/x"),
        advice="The app stands in send() of GET /x until the test reads on: what it holds there (a lock, a connection "
        "of a pool) nobody else can get. Read it to the end, or leave it, before this call.",
    )


def test_a_pool_that_other_calls_hold_in_send(either: Either) -> None:
    """Each of them is named."""
    app = Locked(2)
    assert either.hang(app, read_three) == either.text(
        "the app to finish GET /z",
        f"  the test waits at {line(read_three, '/z')}",
        standing("/x", " in send()"),
        standing("/y", " in send()"),
        standing("/z", ""),
        f"  GET /x, stands at {line(Locked.__call__, '# one')}",
        f"  GET /y, stands at {line(Locked.__call__, '# one')}",
        f"  GET /z, stands at {line(Locked.__call__, 'async with')}",
        held("/z", "/x"),
        held("/z", "/y"),
        advice="The app stands in send() of GET /x and GET /y until the test reads on: what it holds there (a lock, a "
        "connection of a pool) nobody else can get. Read them to the end, or leave them, before this call.",
    )


async def answers_a_piece(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers when it has something to answer."""
    message = await receive()
    await send(start())
    await send(body(message["body"]))


async def ask_for_the_response(client: Any) -> None:
    """Ask, and say nothing."""
    async with client.open("POST", "/x") as exchange:
        await exchange.response


async def ask_for_a_piece(client: Any) -> None:
    """Ask for something else, and say nothing."""
    async with client.open("POST", "/x") as exchange:
        await exchange.receive()


@pytest.mark.parametrize(
    ("scenario", "waits_for", "place"),
    [
        (ask_for_the_response, "the response to POST /x to start", "exchange.response"),
        (ask_for_a_piece, "the next piece of the response to POST /x", "exchange.receive()"),
    ],
)
def test_the_test_has_to_send_first(either: Either, scenario: Scenario, waits_for: str, place: str) -> None:
    """The app waits for a piece of the body that only the test can send: the advice says how."""
    assert either.hang(answers_a_piece, scenario) == either.text(
        waits_for,
        f"  the test waits at {line(scenario, place)}",
        "  <POST /x: no response yet; request body: 0 bytes read, more to come; response body: 0 bytes taken, 0 chunks "
        "waiting; app running in receive(), has received nothing and sent nothing last>",
        f"  POST /x, stands at {line(answers_a_piece, 'await receive()')}",
        advice="The app waits in receive() for the next piece of the request body: the test has to call "
        "exchange.send(chunk) or exchange.end() before it can wait for an answer.",
    )


async def child() -> None:
    """Waits for what nobody does."""
    await anyio.Event().wait()


async def has_a_child(scope: Scope, receive: Receive, send: Send) -> None:
    """Waits for its child."""
    async with anyio.create_task_group() as group:
        group.start_soon(child)


async def listen(receive: Receive) -> None:
    """Waits for the disconnect."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def has_a_listener(scope: Scope, receive: Receive, send: Send) -> None:
    """Looks out for the disconnect while it works, as frameworks do."""
    await send(start())
    async with anyio.create_task_group() as group:
        group.start_soon(listen, receive, name="listener")
        await anyio.Event().wait()


async def get(client: Any) -> None:
    """Ask for a page."""
    await client.get("/x")


async def read(client: Any) -> None:
    """Read a page."""
    async with client.stream("GET", "/x") as response:
        await response.aread()


def test_a_child_that_waits(either: Either) -> None:
    """It is shown with where it was made, which trio does not tell, and with its parent, which waits for it."""
    assert either.hang(has_a_child, get) == either.text(
        "the app to finish GET /x",
        f"  the test waits at {line(get, 'client.get')}",
        "  <GET /x: no response yet; no request body; response body: 0 bytes taken, "
        "0 chunks waiting; app running, has received nothing and sent nothing last>",
        f"  GET /x, stands at {line(has_a_child, 'async with')}",
        f"  task '{child.__module__}.child' of GET /x{either.made_at(line(has_a_child, 'start_soon'))}, "
        f"stands at {line(child, 'wait()')}",
    )


def test_a_listener_is_no_sign_of_what_the_app_waits_for(either: Either) -> None:
    """A task that looks out for the disconnect stands in `receive()`; the reason is the other one."""
    assert either.hang(has_a_listener, read) == either.text(
        "the next piece of the response to GET /x",
        f"  the test waits at {line(read, 'aread')}",
        "  <GET /x: response started; no request body; response body: 0 bytes taken, 0 chunks waiting; app "
        "running in receive(), has received http.request and sent http.response.start last>",
        f"  GET /x, stands at {line(has_a_listener, 'wait()')}",
        f"  task 'listener' of GET /x{either.made_at(line(has_a_listener, 'start_soon'))}, "
        f"stands at {line(listen, 'await receive()')}",
    )


@pytest.mark.parametrize(
    ("name", "outer"),
    [
        (name, outer)
        for name in available(SYNC)
        for outer in ("asyncio", "anyio", "trio")
        if (name, outer) != ("trio", "trio")  # a thread has one trio run
    ],
)
def test_the_app_needs_the_loop_that_stands_still(name: str, outer: str) -> None:
    """The sync client is called in an async test: only the async one lets the loop of the test go on."""
    with pytest.raises(Deadlock) as caught:
        RUNNERS[outer](partial(call_from_a_loop, waits_for_the_test, SYNC[name]))
    assert str(caught.value) == "\n".join(
        [
            "The test waits for the app to finish GET /x, and nothing in the app can move any more.",
            f"  the test waits at {line(call_from_a_loop, 'client.get')}",
            "  <GET /x: no response yet; no request body; response body: 0 bytes taken, "
            "0 chunks waiting; app running, has received nothing and sent nothing last>",
            f"  GET /x, stands at {line(waits_for_the_test, 'wait()')}",
            "The test called the sync client inside of a running event loop, which stands still until the call "
            "returns: an app that needs that loop has to be tested with AsyncTestClient.",
        ]
    )


def run_asyncio(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """`asyncio.run()` as the others are."""
    asyncio.run(main())


RUNNERS: dict[str, Callable[..., object]] = {"asyncio": run_asyncio, "anyio": anyio.run, "trio": trio.run}


async def waits_for_the_test(scope: Scope, receive: Receive, send: Send) -> None:
    """Waits for a task of the loop around it."""
    await anyio.Event().wait()


async def call_from_a_loop(app: ASGI3App, options: Any) -> None:
    """What a test must not do."""
    with TestClient(app, lifespan="off", timeout=FAR_OFF, **options) as client:
        client.get("/x")


@pytest.mark.parametrize("name", available(SYNC))
def test_the_app_calls_its_own_sync_client(name: str) -> None:
    """The loop cannot wait for itself: an error in the app, and nowhere near a hang."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/x":
            client.get("/y")

    client = TestClient(app, **SYNC[name])
    with client, pytest.raises(Deadlock) as caught:
        client.get("/x")
    assert str(caught.value).splitlines() == [
        "The test waits for its own app, and nothing in the app can move any more.",
        "  <GET /x: no response yet; no request body; response body: 0 bytes taken, "
        "0 chunks waiting; app running, has received nothing and sent nothing last>",
        "The app called its own sync client from the event loop that has to run it. Call the client from the test, or "
        "use AsyncTestClient inside the app.",
    ]
