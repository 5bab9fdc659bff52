"""How many ordinary dead ends are proven at once, and beside which neighbours: a table of both clients.

A dead end is proven if `Deadlock` comes within half a second. Needs aiosqlite and asgiref; what is missing is left out.
"""

from __future__ import annotations

import asyncio
import logging
import logging.handlers
import multiprocessing
import queue
import socket
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio
import anyio.from_thread

from asgi_lockstep import AppTimeout, AsyncTestClient, Deadlock, TestClient

#: Within how many seconds a dead end has to be proven, and how long it may take at all.
AT_ONCE, LIMIT = 0.5, 3.0

Wait = Callable[[], Awaitable[object]]
Neighbour = Callable[[], AbstractAsyncContextManager[object]]


# Dead ends.


async def double_lock() -> None:
    """A lock that is held already."""
    lock = asyncio.Lock()
    async with lock, lock:
        pass


async def event() -> None:
    """An event that nobody knows."""
    await asyncio.Event().wait()


async def empty_queue() -> None:
    """A queue that nobody knows."""
    await asyncio.Queue[None]().get()


async def task_group() -> None:
    """A child that waits in vain."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(event())


async def gather() -> None:
    """Two that wait in vain."""
    await asyncio.gather(event(), event())


DEAD: list[Wait] = [double_lock, event, task_group, gather]


# What stands beside them.


@asynccontextmanager
async def nothing() -> AsyncIterator[None]:
    """No neighbour."""
    yield


@asynccontextmanager
async def to_thread() -> AsyncIterator[None]:
    """A worker thread that has had a job."""
    await asyncio.to_thread(int)
    yield


@asynccontextmanager
async def worker_of_anyio() -> AsyncIterator[None]:
    """The same of anyio, as after any `def` endpoint."""
    await anyio.to_thread.run_sync(int)
    yield


@asynccontextmanager
async def executor() -> AsyncIterator[None]:
    """An executor of the app's own, idle."""
    pool = ThreadPoolExecutor(2)
    await asyncio.get_running_loop().run_in_executor(pool, int)
    try:
        yield
    finally:
        pool.shutdown(wait=False)


@asynccontextmanager
async def getaddrinfo() -> AsyncIterator[None]:
    """A name that was looked up in a thread."""
    await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80)
    yield


@asynccontextmanager
async def asgiref() -> AsyncIterator[None]:
    """`sync_to_async`, as Django has it."""
    from asgiref.sync import sync_to_async

    await sync_to_async(int)()
    yield


@asynccontextmanager
async def open_aiosqlite() -> AsyncIterator[None]:
    """A connection that stays open."""
    import aiosqlite

    async with aiosqlite.connect(":memory:"):
        yield


@asynccontextmanager
async def closed_aiosqlite() -> AsyncIterator[None]:
    """A connection that was closed."""
    import aiosqlite

    async with aiosqlite.connect(":memory:"):
        pass
    yield


@asynccontextmanager
async def queue_listener() -> AsyncIterator[None]:
    """A listener of logging."""
    listener = logging.handlers.QueueListener(queue.Queue(-1))
    listener.start()
    try:
        yield
    finally:
        listener.stop()


@asynccontextmanager
async def queue_of_processes() -> AsyncIterator[None]:
    """The feeder thread of a `multiprocessing.Queue`."""
    jobs: multiprocessing.Queue[int] = multiprocessing.Queue()
    jobs.put(1)
    try:
        yield
    finally:
        jobs.get()
        jobs.close()


@asynccontextmanager
async def portal() -> AsyncIterator[None]:
    """A portal of anyio's: an event loop in a thread."""
    with anyio.from_thread.start_blocking_portal():
        yield


@asynccontextmanager
async def foreign_loop() -> AsyncIterator[None]:
    """An event loop of somebody else, with nothing to do."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@asynccontextmanager
async def exporter() -> AsyncIterator[None]:
    """A thread that goes on by itself."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, args=(3600,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@asynccontextmanager
async def open_socket() -> AsyncIterator[None]:
    """A connection that the loop reads from."""
    here, there = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=here)
    reading = asyncio.ensure_future(reader.read(1))
    try:
        yield
    finally:
        there.close()
        await reading
        writer.close()


@asynccontextmanager
async def heartbeat() -> AsyncIterator[None]:
    """A task that ticks."""

    async def beat() -> None:
        while True:  # noqa: ASYNC110 - it waits for nothing
            await asyncio.sleep(0.01)

    ticking = asyncio.ensure_future(beat())
    try:
        yield
    finally:
        ticking.cancel()


BESIDE: list[Neighbour] = [
    nothing,
    to_thread,
    worker_of_anyio,
    executor,
    getaddrinfo,
    asgiref,
    open_aiosqlite,
    closed_aiosqlite,
    queue_listener,
    queue_of_processes,
    portal,
    foreign_loop,
    exporter,
    open_socket,
    heartbeat,
]


def app_beside(neighbour: Neighbour, wait: Wait) -> Any:
    """An app that waits in vain in each request, beside what lives as long as the app."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            async with neighbour():
                await send({"type": "lifespan.startup.complete"})
                await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await wait()
        await answer(send)

    return app


async def answer(send: Any) -> None:
    """A response."""
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"alive"})


def proven(error: Exception | None, began: float) -> bool:
    """Whether a dead end was proven at once."""
    return isinstance(error, Deadlock) and time.perf_counter() - began < AT_ONCE


def ask(app: Any, **options: Any) -> bool:
    """Whether it was proven to the sync client."""
    with TestClient(app, timeout=LIMIT, on_disconnect="cancel", **options) as client:
        began = time.perf_counter()
        try:
            client.get("/")
        except (Deadlock, AppTimeout) as exc:
            return proven(exc, began)
    return False


async def aask(app: Any) -> bool:
    """Whether it was proven to the async client."""
    async with AsyncTestClient(app, timeout=LIMIT, on_disconnect="cancel") as client:
        began = time.perf_counter()
        try:
            await client.get("/")
        except (Deadlock, AppTimeout) as exc:
            return proven(exc, began)
    return False


def table() -> None:
    """Print what was proven."""
    total: Counter[str] = Counter()
    print(f"{'beside':20s} {'sync':>6s} {'async':>6s}")
    for neighbour in BESIDE:
        try:
            apps = [app_beside(neighbour, wait) for wait in [*DEAD, empty_queue]]
            found = {"sync": sum(map(ask, apps)), "async": sum(asyncio.run(aask(app)) for app in apps)}
        except ImportError as exc:
            print(f"{neighbour.__name__:20s} left out: {exc}")
            continue
        total.update({**found, "of": len(apps)})
        print(f"{neighbour.__name__:20s} {found['sync']:>6d} {found['async']:>6d}  of {len(apps)}")
    print(f"{'all':20s} {total['sync']:>6d} {total['async']:>6d}  of {total['of']}")


if __name__ == "__main__":
    table()
