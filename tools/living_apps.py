"""Whether an app that lives is ever told `Deadlock`: `python tools/living_apps.py 20` asks each so often, in many ways.

What brings the answer is a registry of weak references, threads below `threading`, chains of them and a timer of the C
library, jobs, an event loop and a trio run in another thread, and libraries in Rust (polars, and obstore against a
server on loopback; they are left out where they are not installed). On a quiet loop the threads are asked; beside a
heartbeat, with answers that take so long, the references are.
"""

from __future__ import annotations

import _thread
import argparse
import asyncio
import ctypes
import http.server
import importlib.util
import subprocess
import sys
import threading
import time
import weakref
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import anyio
import anyio.from_thread
import trio
from dead_ends import Wait, app_beside, heartbeat, nothing

from asgi_lockstep import AsyncTestClient, TestClient

#: How long it takes until an answer comes, in seconds: longer than the threads are left alone, and the references are.
A_WHILE = 0.07

#: How many processes keep the machine busy, if it is to be busy.
BUSY = 6

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


async def foreign_trio_run() -> None:
    """A run of trio in another thread brings it."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()

    async def main() -> None:
        await trio.sleep(A_WHILE)
        loop.call_soon_threadsafe(news.set)

    threading.Thread(target=trio.run, args=(main,)).start()
    await news.wait()


class _SignalEvent(ctypes.Structure):
    """`struct sigevent` of the C library: a function is to be called in a thread of its own."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signum", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("function", ctypes.CFUNCTYPE(None, ctypes.c_void_p)),
        ("rest", ctypes.c_char * 40),
    )


async def timer_of_the_c_library() -> None:
    """A timer whose thread Python does not know."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    function = _SignalEvent._fields_[3][1](lambda _: loop.call_soon_threadsafe(news.set))  # type: ignore[arg-type]
    timer = ctypes.c_void_p()
    library = ctypes.CDLL(None)
    library.timer_create(time.CLOCK_MONOTONIC, ctypes.byref(_SignalEvent(None, 0, 2, function)), ctypes.byref(timer))
    library.timer_settime(timer, 0, (ctypes.c_long * 4)(0, 0, 0, int(A_WHILE * 1e9)), None)
    await news.wait()
    library.timer_delete(timer)


class _Slow(http.server.BaseHTTPRequestHandler):
    """Answers after a while."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send two bytes."""
        time.sleep(A_WHILE)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.send_header("Last-Modified", "Mon, 01 Jan 2024 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve() -> None:
    """Be the server, in a process of its own, and say where."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
    print(server.server_port, flush=True)
    server.serve_forever()


@cache
def address() -> str:
    """Where the server is."""
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    _processes.append(server)
    assert server.stdout is not None
    return f"http://127.0.0.1:{int(server.stdout.readline())}"


#: What was started, and has to be ended.
_processes: list[subprocess.Popen[str]] = []


async def obstore() -> None:
    """A library in Rust waits for a server."""
    from obstore.store import HTTPStore

    response = await HTTPStore.from_url(address(), client_options={"allow_http": True}).get_async("x")
    assert bytes(await response.bytes_async()) == b"ok"


async def native_threads() -> None:
    """A library in Rust brings it, by its own threads."""
    import polars as pl

    await pl.LazyFrame({"a": range(100_000)}).select(pl.col("a").sort().cum_sum()).collect_async()


LIVING: list[Wait] = [
    broadcast,
    weak_method,
    raw_thread,
    chain_of_threads,
    job_that_is_woken,
    job_that_calls_back,
    other_loop,
    foreign_trio_run,
    partial(asyncio.sleep, A_WHILE),
]
LIVING += [timer_of_the_c_library] if sys.platform == "linux" else []
LIVING += [native_threads] if importlib.util.find_spec("polars") else []
LIVING += [obstore] if importlib.util.find_spec("obstore") else []

#: How each is asked: the options of the sync client; the last one is the async client.
WAYS: list[dict[str, Any]] = [{}, {"backend_options": {"use_uvloop": True}}, {"driver": "thread"}]


async def alive(client: Any, wait: Wait) -> str:
    """What an app was told that lives."""
    try:
        response = await client.get("/")
    except Exception as exc:
        return f"{getattr(wait, '__name__', wait)}: {exc!r}"[:200]
    return str(response.text)


def living(rounds: int) -> Counter[str]:
    """Ask the apps that live, in all ways, so many times."""
    told: Counter[str] = Counter()
    for wait, neighbour in ((wait, neighbour) for wait in LIVING for neighbour in (nothing, heartbeat)):
        app = app_beside(neighbour, wait)
        for options in WAYS:
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
    return told


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """Meanwhile so many processes compute."""
    _processes.extend(subprocess.Popen([sys.executable, "-c", "while True: pass"], text=True) for _ in range(processes))
    try:
        yield
    finally:
        for process in _processes:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def main() -> int:
    """Ask, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", type=int, nargs="?", default=10, help="how often each app is asked in each way")
    parser.add_argument("--busy", action="store_true", help=f"beside {BUSY} busy processes")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve()
    with busy(BUSY if arguments.busy else 0):
        told = living(arguments.rounds)
    print(*(f"{count:>6d} {words}" for words, count in told.most_common()), sep="\n")
    return 1 if set(told) != {"alive"} else 0


if __name__ == "__main__":
    sys.exit(main())
