"""No task, thread, loop or socket outlives its client, on failure paths too."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest

from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, accept, body, simple_lifespan, start
from matrix import Driver

DESCRIPTORS = Path("/proc/self/fd")


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    """Does what its path says."""
    if scope["path"] == "/raises":
        raise KeyError
    await anyio.to_thread.run_sync(lambda: None)
    await send(start())
    if scope["path"] == "/endless":
        while True:
            await send(body(b"x", more=True))
    await send(body(b"fine"))


async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts, and fails if it is told to."""
    await accept(receive, send)
    if (await receive())["type"] == "websocket.receive":
        raise KeyError


async def failing_lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """Cannot start."""
    await receive()
    raise KeyError


def requests(client: Any) -> None:
    """A few, entered and not."""
    client.get("/")
    with client:
        client.get("/")


def failing_request(client: Any) -> None:
    """An app that raises."""
    with client, pytest.raises(KeyError):
        client.get("/raises")


def stream_left_early(client: Any) -> None:
    """A body that is not read to its end."""
    with client, client.stream("GET", "/endless") as response:
        chunks = response.iter_raw()
        next(chunks)


def response_left_open(client: Any) -> None:
    """A response that nobody closes."""
    with client:
        client.send(client.build_request("GET", "/endless"), stream=True)


def failing_websocket(client: Any) -> None:
    """An app that raises in the middle of a session."""
    with pytest.raises(KeyError), client.websocket_connect("/") as session:
        session.send_text("fail")
        session.receive_text()


def task_left_behind(client: Any) -> None:
    """A task of the portal that never ends."""
    with client:
        client.portal.start_task_soon(anyio.sleep_forever)
        client.get("/")


@pytest.mark.usefixtures("only_new_garbage")
def test_a_lifespan_that_fails_leaves_nothing(sync_driver: Driver) -> None:
    """Never entered by half."""
    leaves_nothing(sync_driver, Listener(http=http, lifespan=failing_lifespan), entering_fails)


def entering_fails(client: Any) -> None:
    """The block is not entered."""
    with pytest.raises(KeyError), client:
        pytest.fail("the block must not be entered")


@pytest.mark.usefixtures("only_new_garbage")
@pytest.mark.parametrize(
    "use",
    [requests, failing_request, stream_left_early, response_left_open, failing_websocket, task_left_behind],
    ids=lambda use: use.__name__,
)
def test_a_client_leaves_nothing(sync_driver: Driver, use: Callable[[Any], None]) -> None:
    """After the block and `close()`, threads and descriptors are those of before."""
    leaves_nothing(sync_driver, Listener(http=http, websocket=websocket, lifespan=simple_lifespan), use)


def leaves_nothing(driver: Driver, app: Listener, use: Callable[[Any], None]) -> None:
    """Use a client once to warm up (trio keeps its threads for a while), and compare around the second time."""
    before = threads(), descriptors()
    for _ in range(2):
        gc.collect()
        before = threads(), descriptors()
        client = driver.client(app)
        use(client)
        client.close()
        del client
        app.scopes.clear()
        gc.collect()
    assert (threads() - before[0], descriptors()) == (set(), before[1])


async def answers(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Says little."""
    await send(start())
    await send(body(b"fine"))


@pytest.mark.usefixtures("only_new_garbage")
def test_a_request_leaves_nothing_to_the_garbage_collector(sync_driver: Driver) -> None:
    """A cycle for each of them is memory until the next collection, and time then."""
    client = sync_driver.client(Listener(http=answers, lifespan=simple_lifespan))
    with client:
        for _ in range(5):
            client.get("/")
        gc.collect()
        gc.disable()
        try:
            for _ in range(10):
                client.get("/")
            found = gc.collect()
        finally:
            gc.enable()
    assert found < 10


def threads() -> set[str]:
    """The names of the threads, but for those that trio keeps for everyone for ten seconds.

    A worker of anyio that has been told to stop may still be on its way out: it is waited for, however long that takes.
    """
    for thread in threading.enumerate():
        if getattr(thread, "stopping", False):
            thread.join()
    return {thread.name for thread in threading.enumerate() if not thread.name.startswith("Trio thread")}


def descriptors() -> int:
    """How many file descriptors are open, where the system tells."""
    return len(os.listdir(DESCRIPTORS)) if DESCRIPTORS.exists() else 0
