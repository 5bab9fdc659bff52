"""Whether an app that lives is ever told `Deadlock`: `python tools/living_apps.py 20` asks each so often, in four ways.

What brings the answer is a registry of weak references, threads below `threading` and chains of them, jobs, another
event loop, and a library in Rust (polars, if it is installed).
"""

from __future__ import annotations

import _thread
import asyncio
import sys
import threading
import time
import weakref
from collections import Counter
from functools import partial
from typing import Any

import anyio
import anyio.from_thread
from dead_ends import Wait, app_beside, heartbeat

from asgi_lockstep import AsyncTestClient, TestClient

#: How long it takes until an answer comes, in seconds.
A_WHILE = 0.02

REGISTRY: weakref.WeakSet[Any] = weakref.WeakSet()


class _Connection:
    def __init__(self) -> None:
        self.news = asyncio.Event()


async def broadcast() -> None:
    """A registry of weak references, in which another task finds it."""

    async def send_news() -> None:
        await asyncio.sleep(A_WHILE)
        for connection in REGISTRY:
            connection.news.set()

    sending = asyncio.ensure_future(send_news())
    connection = _Connection()
    REGISTRY.add(connection)
    await connection.news.wait()
    await sending


async def weak_method() -> None:
    """A method that a timer knows weakly."""
    news = asyncio.Event()
    method = weakref.WeakMethod(news.set)
    asyncio.get_running_loop().call_later(A_WHILE, lambda: method() and news.set())
    await news.wait()


async def raw_thread() -> None:
    """A thread that was started below `threading`."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    _thread.start_new_thread(lambda: (time.sleep(A_WHILE), loop.call_soon_threadsafe(news.set)), ())
    await news.wait()


async def chain_of_threads() -> None:
    """Each starts the next one, and ends."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()

    def one_of(left: int) -> None:
        time.sleep(A_WHILE / 4)
        if left:
            threading.Thread(target=one_of, args=(left - 1,)).start()
        else:
            loop.call_soon_threadsafe(news.set)

    _thread.start_new_thread(one_of, (3,))
    await news.wait()


async def job_that_is_woken() -> None:
    """It waits without a limit for a thread that wakes it."""
    woken = threading.Event()
    threading.Timer(A_WHILE, woken.set).start()
    await asyncio.to_thread(woken.wait)


async def job_that_calls_back() -> None:
    """Twice, and waits each time."""
    await anyio.to_thread.run_sync(lambda: [anyio.from_thread.run(anyio.sleep, A_WHILE / 2) for _ in range(2)])


async def other_loop() -> None:
    """A loop in another thread brings it."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()

    async def main() -> None:
        await asyncio.sleep(A_WHILE)
        loop.call_soon_threadsafe(news.set)

    threading.Thread(target=asyncio.run, args=(main(),)).start()
    await news.wait()


async def native_threads() -> None:
    """A library in Rust brings it, if it is installed."""
    try:
        import polars as pl
    except ImportError:
        return
    await pl.LazyFrame({"a": range(100_000)}).select(pl.col("a").sort().cum_sum()).collect_async()


LIVING: list[Wait] = [
    broadcast,
    weak_method,
    raw_thread,
    chain_of_threads,
    job_that_is_woken,
    job_that_calls_back,
    other_loop,
    native_threads,
    partial(asyncio.sleep, A_WHILE),
]


async def alive(client: Any, wait: Wait) -> str:
    """What an app was told that lives."""
    try:
        response = await client.get("/")
    except Exception as exc:
        return f"{getattr(wait, '__name__', wait)}: {exc!r}"[:200]
    return str(response.text)


def living(rounds: int) -> None:
    """Ask the apps that live, in all ways, so many times."""
    told: Counter[str] = Counter()
    ways: list[dict[str, Any]] = [{}, {"backend_options": {"use_uvloop": True}}, {"driver": "thread"}]
    for wait in LIVING:
        app = app_beside(heartbeat, wait)
        for options in ways:
            with TestClient(app, **options) as client:
                for _ in range(rounds):
                    try:
                        told[client.get("/").text] += 1
                    except Exception as exc:
                        told[f"{getattr(wait, '__name__', wait)}: {exc!r}"[:200]] += 1

        async def main(app: Any = app, wait: Wait = wait) -> None:
            async with AsyncTestClient(app) as client:
                for _ in range(rounds):
                    told[await alive(client, wait)] += 1

        asyncio.run(main())
    print(*(f"{count:>6d} {words}" for words, count in told.most_common()), sep="\n")


if __name__ == "__main__":
    living(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
