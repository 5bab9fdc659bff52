"""`make scale`: what a call costs after many others, and beside many others.

    python -m bench.scale

Each row compares two figures of one process, so that the machine has little say; the cancelled ones are seconds.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import trio

from asgi_lockstep import AsyncTestClient, TestClient

from .apps import app

#: How many calls of each kind are made.
REQUESTS, OPEN, CONCURRENT, CANCELLED = 100_000, 1000, 1000, 2000


@dataclass(frozen=True)
class Growth:
    """One row.

    Args:
        title: what grows.
        measure: measures it.
        at_most: what it may be.
        unit: what it is a number of.
    """

    title: str
    measure: Callable[[], float]
    at_most: float
    unit: str = "x"


async def waiting(scope: Any, receive: Any, send: Any) -> None:
    """Streams without an end, or sleeps."""
    if scope["type"] == "websocket":
        await app(scope, receive, send)
        return
    await send({"type": "http.response.start", "status": 200})
    if scope["path"] == "/stream":
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
    if scope["path"] == "/wait":
        await anyio.sleep(3600)
    while (await receive())["type"] != "http.disconnect":
        pass


@contextmanager
def without_collector() -> Iterator[None]:
    """What the collector does is part of it where it is asked for, and else only noise."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def per_call(call: Callable[[], object], count: int) -> float:
    """The seconds of a call: of ten batches the fastest."""
    batches = []
    for _ in range(10):
        begin = time.perf_counter()
        for _ in range(count // 10):
            call()
        batches.append((time.perf_counter() - begin) / (count // 10))
    return min(batches)


def after_many() -> float:
    """The last thousand requests of a client against the first."""
    with TestClient(app, lifespan="off") as client:
        client.get("/")
        first = per_call(lambda: client.get("/"), 1000)
        for _ in range(REQUESTS):
            client.get("/")
        return per_call(lambda: client.get("/"), 1000) / first


def memory() -> float:
    """How much memory is held after so many requests more, of more URLs than are remembered, in kilobytes."""
    urls = [f"/{number}" for number in range(3 * 1024)]
    tracemalloc.start()
    with TestClient(app, lifespan="off") as client:
        held = []
        for rounds in (2, 4):
            for _ in range(rounds):
                for url in urls:
                    client.get(url)
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    return (held[1] - held[0]) / 1024


def opening(what: Callable[[Any], Any]) -> float:
    """Opening the last hundred of a thousand against the first, while all are open."""
    with TestClient(waiting, lifespan="off", on_disconnect="cancel") as client, ExitStack() as stack:
        stack.enter_context(what(client))
        with without_collector():

            def open_one() -> None:
                stack.enter_context(what(client))

            first = per_call(open_one, 100)
            for _ in range(OPEN - 200):
                open_one()
            return per_call(open_one, 100) / first


def one_of_many() -> float:
    """A message to one of a thousand websockets against one of ten."""

    def among(count: int) -> float:
        with TestClient(app, lifespan="off") as client, ExitStack() as stack:
            sessions = [stack.enter_context(client.websocket_connect("/")) for _ in range(count)]

            def there_and_back() -> None:
                sessions[count // 2].send_text("hi")
                sessions[count // 2].receive_text()

            return per_call(there_and_back, 2000)

    return among(OPEN) / among(10)


def concurrent(library: str) -> float:
    """A request of a thousand at once against one of a thousand in turn."""

    async def main() -> float:
        async with AsyncTestClient(app, lifespan="off") as client:

            async def one() -> None:
                assert (await client.get("/")).status_code == 200

            async def in_turn() -> None:
                for _ in range(CONCURRENT):
                    await one()

            async def at_once() -> None:
                async with anyio.create_task_group() as tasks:
                    for _ in range(CONCURRENT):
                        tasks.start_soon(one)

            with without_collector():
                return min([await _seconds(at_once) for _ in range(5)]) / min(
                    [await _seconds(in_turn) for _ in range(5)]
                )

    return _run(library, main)


def cancelled(library: str) -> float:
    """The seconds that so many requests take which wait, all at once, and are cancelled."""

    async def main() -> float:
        async with AsyncTestClient(waiting, lifespan="off", on_disconnect="cancel", timeout=None) as client:

            async def all_at_once() -> None:
                async with anyio.create_task_group() as tasks:
                    for _ in range(CANCELLED):
                        tasks.start_soon(client.get, "/wait")
                    await anyio.wait_all_tasks_blocked()
                    tasks.cancel_scope.cancel()

            return await _seconds(all_at_once)

    return _run(library, main)


async def _seconds(call: Callable[[], Awaitable[None]]) -> float:
    begin = time.perf_counter()
    await call()
    return time.perf_counter() - begin


def _run(library: str, main: Callable[[], Any]) -> float:
    found: float = trio.run(main) if library == "trio" else asyncio.run(main())
    return found


ROWS = [
    Growth("the 100,000th request / the first", after_many, 1.15),
    Growth("memory held after 12,288 requests more", memory, 64, "kB"),
    Growth("opening the 1,000th websocket / the first", lambda: opening(lambda c: c.websocket_connect("/")), 1.3),
    Growth("opening the 1,000th stream / the first", lambda: opening(lambda c: c.stream("GET", "/stream")), 1.3),
    Growth("a message to one of 1,000 sockets / of 10", one_of_many, 1.3),
    Growth("1,000 async requests at once / in turn", lambda: concurrent("asyncio"), 1.5),
    Growth("the same on trio", lambda: concurrent("trio"), 1.5),
    Growth("2,000 requests that are cancelled", lambda: cancelled("asyncio"), 3, "s"),
    Growth("the same on trio", lambda: cancelled("trio"), 3, "s"),
]


def main() -> int:
    """Measure, print, and return 1 if something grows too much."""
    failed = 0
    for row in ROWS:
        found = row.measure()
        failed += found > row.at_most
        verdict = "  TOO MUCH" if found > row.at_most else ""
        print(f"{row.title:45}{found:8.2f} {row.unit:3} at most {row.at_most:g} {row.unit}{verdict}", flush=True)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
