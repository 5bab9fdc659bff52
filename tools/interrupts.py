"""Sends signals to clients at random moments: `python tools/interrupts.py [--count 1000] [--driver NAME ...]`.

Each process calls a client again and again, on one driver, until its parent sends it Ctrl-C, or an alarm whose handler
raises an exception of its own, as pytest-timeout's does. It has to come out of the call as itself within a second; then
the client is left, nothing of it may be there any more, and the next client has to work. Whatever else happens is
counted and shown with its text. It is no part of `make test`: what it finds takes some hundred signals.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import random
import select
import signal
import sys
import threading
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, NoReturn

import anyio
import anyio.to_thread

from asgi_lockstep import AsyncTestClient, TestClient

#: The drivers, by name: the options of the client, and how it is used.
DRIVERS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    name + suffix: ({**backend, **options}, use)
    for name, backend in {
        "asyncio": {},
        "uvloop": {"backend_options": {"use_uvloop": True}},
        "trio": {"backend": "trio"},
    }.items()
    for suffix, options, use in (
        ("", {}, "entered"),
        ("-lazy", {}, "lazy"),
        ("-thread", {"driver": "thread"}, "entered"),
        ("-detached", {"background": "detach"}, "entered"),
        ("-virtual", {"clock": "virtual"}, "entered"),
        ("-async", {}, "async"),
    )
    if (name, suffix) != ("uvloop", "-virtual")
}

#: How long a signal may take to come out, in seconds, and how long it takes at most to be sent.
WITHIN = 1.0
LATEST = 0.03


class Alarm(BaseException):
    """What the handler of an alarm raises; like pytest-timeout's, it is no `Exception`."""


def alarm(_signum: int, _frame: FrameType | None) -> NoReturn:
    """The handler of the alarm."""
    raise Alarm


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Has a lifespan, uses a worker thread now and then, and a task group."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
        return
    if scope["path"] == "/thread":
        await anyio.to_thread.run_sync(int)
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 0)
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"ok"})


def calls(client: Any) -> None:
    """What the client does, again and again."""
    client.get("/")
    client.get("/thread")
    with client.websocket_connect("/") as session:
        session.send_text("x")
        session.receive_text()


async def async_calls(client: Any) -> None:
    """The same of the async client."""
    await client.get("/")
    await client.get("/thread")
    async with client.websocket_connect("/") as session:
        await session.send_text("x")
        await session.receive_text()


def use_until_interrupted(driver: str, begun: Callable[[], None]) -> None:
    """Use a client until something comes out of it."""
    options, use = DRIVERS[driver]
    if use == "async":
        backend = "trio" if "trio" in driver else "asyncio"
        backend_options = {"use_uvloop": True} if "uvloop" in driver else {}
        anyio.run(_use_async_client, begun, backend=backend, backend_options=backend_options)
    elif use == "lazy":
        client = TestClient(app, **options)
        calls(client)
        begun()
        while True:
            calls(client)
    else:
        with TestClient(app, **options) as client:
            calls(client)
            begun()
            while True:
                calls(client)


async def _use_async_client(begun: Callable[[], None]) -> None:
    async with AsyncTestClient(app) as client:
        await async_calls(client)
        begun()
        while True:
            await async_calls(client)


def child(driver: str, expected: type[BaseException], write: int) -> str:
    """What came of one signal, in words; `""` if all is well."""
    told: list[float] = []

    def begun() -> None:
        told.append(time.perf_counter())
        os.write(write, b"R")

    came_at = ""
    try:
        use_until_interrupted(driver, begun)
    except BaseException as exc:
        came_at = "".join(traceback.format_exception(exc))
        if type(exc) is not expected:
            return came_at
    for _ in range(100):  # a daemon of the event loop's library may take a moment to end
        left = [thread.name for thread in threading.enumerate() if "AnyIO" in thread.name or "asgi" in thread.name]
        if not left or "lazy" in driver:
            break
        time.sleep(0.005)
    else:
        return f"left behind: {left}, by {came_at}"
    options, use = DRIVERS[driver]
    try:
        with TestClient(app, **options) if use != "async" else TestClient(app) as client:
            calls(client)
    except BaseException as exc:
        return "the next client: " + "".join(traceback.format_exception(exc))
    return ""


def one(driver: str, number: int, wait: float) -> str:
    """Fork a process, send it a signal, and see what comes of it."""
    signum, expected = ((signal.SIGINT, KeyboardInterrupt), (signal.SIGALRM, Alarm))[number % 2]
    read, write = os.pipe()
    errors, to_errors = os.pipe()
    process = os.fork()
    if process == 0:
        os.dup2(to_errors, 2)
        os.close(to_errors)
        # An interrupt between the two halves of `start_soon(anyio.sleep, 0)`, or of an `async with`, is the app's, or
        # the test's.
        warnings.filterwarnings("ignore", r"coroutine '(sleep|\w+\.__a\w+)' was never awaited")
        faulthandler.register(signal.SIGUSR1, file=2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGALRM, alarm)
        if signum == signal.SIGALRM:
            signal.setitimer(signal.ITIMER_REAL, 60)  # as a plugin that limits the time of tests has set one
        told = child(driver, expected, write)
        os.write(write, b"D" + told.encode()[-20000:])
        sys.exit(0)
    os.close(write)
    os.close(to_errors)
    try:
        return _watch(process, read, errors, signum, wait)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(read)
        os.close(errors)


def _watch(process: int, read: int, errors: int, signum: int, wait: float) -> str:
    if not select.select([read], [], [], 10)[0] or os.read(read, 1) != b"R":
        return "the client did not begin"
    time.sleep(wait)
    os.kill(process, signum)
    if not select.select([read], [], [], 2 * WITHIN)[0]:
        os.kill(process, signal.SIGUSR1)
        select.select([errors], [], [], 1)
        time.sleep(0.1)
        return f"hangs {2 * WITHIN} seconds after the signal: {os.read(errors, 50000).decode()}"
    told = os.read(read, 30000)[1:].decode()
    if told:
        return told
    if not select.select([errors], [], [], 2 * WITHIN)[0]:
        os.kill(process, signal.SIGUSR1)
        select.select([errors], [], [], 1)
        return f"the process does not end: {os.read(errors, 50000).decode()}"
    said = os.read(errors, 5000).decode()
    return f"said: {said}" if said else ""


def main() -> int:
    """Send the signals, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many signals for each driver")
    parser.add_argument("--driver", choices=DRIVERS, nargs="*", default=[*DRIVERS])
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    bad = 0
    for driver in arguments.driver:
        moments = random.Random(arguments.seed)
        found = Counter(one(driver, number, moments.random() * LATEST) for number in range(arguments.count))
        fine = found.pop("", 0)
        bad += sum(found.values())
        print(f"{driver}: {fine} of {arguments.count} are fine", flush=True)
        for text, times in found.most_common():
            print(f"  {times} times: " + text.strip().replace("\n", "\n    "), flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
