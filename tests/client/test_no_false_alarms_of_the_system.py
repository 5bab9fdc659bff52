"""Apps that wait for the operating system, for a timer, or for nothing at all: each gets its time.

Threads are in test_no_false_alarms.py.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import anyio.abc
import anyio.lowlevel
import pytest
import trio

from either import Either, only_on

#: The module with the names that Windows does not have.
SIGNALS: Any = signal


#: How long whatever the app waits for takes, in seconds: longer than anything here waits between two looks.
WHILE = 0.04

#: Runs a text, and does nothing else that takes time.
PYTHON = (sys.executable, "-I", "-S", "-c")

Work = Callable[[], Awaitable[str]]


async def a_process() -> str:
    """Another process, and its output."""
    done = await anyio.run_process([*PYTHON, f"import time; time.sleep({WHILE}); print('process')"])
    return done.stdout.decode().strip()


async def a_socket() -> str:
    """A server on a thread of its own."""
    with serving(b"socket") as port:
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            return (await stream.receive()).decode()


async def a_socket_of_the_app() -> str:
    """A server in the app itself, which needs the same loop."""

    async def serve(stream: Any) -> None:
        async with stream:
            await stream.send((await stream.receive()).upper())

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, serve)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            await stream.send(b"own socket")
            answer = await stream.receive()
        group.cancel_scope.cancel()
    return answer.decode()  # pyright: ignore[reportPossiblyUnboundVariable]


async def a_socket_of_another_process() -> str:
    """No thread anywhere, and nobody to be asked: the other end of a pair is in another process."""
    ours, theirs = socket.socketpair()
    code = f"import os, time; time.sleep({WHILE}); os.write({theirs.fileno()}, b'pair')"
    with ours, theirs, other_process(code, theirs) as process:
        ours.setblocking(False)
        await anyio.wait_readable(ours)
        process.wait()
        return ours.recv(100).decode()


def other_process(code: str, theirs: socket.socket) -> subprocess.Popen[bytes]:
    """A process that no event loop knows of."""
    return subprocess.Popen([*PYTHON, code], pass_fds=[theirs.fileno()])


async def spins() -> str:
    """Is never blocked, and busy for long."""
    for _ in range(5000):
        await anyio.lowlevel.checkpoint()
    return "spun"


async def sleeps() -> str:
    """A timer is all that it waits for."""
    await anyio.sleep(WHILE)
    return "slept"


@contextmanager
def serving(answer: bytes) -> Iterator[int]:
    """The port of a server that takes one connection, and its time to answer."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            time.sleep(WHILE)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


WORK: dict[str, Work] = {
    "process": a_process,
    "socket": a_socket,
    "OWN SOCKET": a_socket_of_the_app,
    "pair": a_socket_of_another_process,
    "spun": spins,
    "slept": sleeps,
}


@pytest.mark.parametrize("answer", WORK)
def test_what_ends_by_itself(either: Either, answer: str) -> None:
    """The answer is waited for, for as long as it takes."""
    assert either.answer(WORK[answer]) == answer


@pytest.fixture
def alarm() -> Iterator[None]:
    """Afterwards, the signal means what it meant before."""
    before = signal.signal(SIGNALS.SIGALRM, signal.SIG_IGN)
    yield
    SIGNALS.setitimer(SIGNALS.ITIMER_REAL, 0)
    signal.signal(SIGNALS.SIGALRM, before)


def ring() -> None:
    """A real signal comes after a while; there is somebody to hear it."""
    SIGNALS.setitimer(SIGNALS.ITIMER_REAL, WHILE)


async def handler_of_asyncio() -> str:
    """A handler that the loop calls."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(SIGNALS.SIGALRM, event.set)
    ring()
    await event.wait()
    loop.remove_signal_handler(SIGNALS.SIGALRM)
    return "alarm"


async def handler_of_python() -> str:
    """A handler that Python calls, and that calls into the loop."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    signal.signal(SIGNALS.SIGALRM, lambda *_: loop.call_soon_threadsafe(event.set))
    ring()
    await event.wait()
    return "alarm"


async def receiver_of_trio() -> str:
    """A receiver of trio's."""
    with trio.open_signal_receiver(SIGNALS.SIGALRM) as signals:
        ring()
        async for number in signals:
            assert number == SIGNALS.SIGALRM
            return "alarm"
    raise AssertionError


async def receiver_of_anyio() -> str:
    """A receiver of anyio's, on either library."""
    with anyio.open_signal_receiver(SIGNALS.SIGALRM) as signals:
        ring()
        async for number in signals:
            assert number == SIGNALS.SIGALRM
            return "alarm"
    raise AssertionError


async def python_handler_with_token() -> str:
    """A handler that Python calls, and that calls into the run."""
    token, event = trio.lowlevel.current_trio_token(), trio.Event()
    signal.signal(SIGNALS.SIGALRM, lambda *_: token.run_sync_soon(event.set))
    ring()
    await event.wait()
    return "alarm"


@only_on("asyncio", on_main_thread=True)
@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize("work", [handler_of_asyncio, handler_of_python, receiver_of_anyio])
def test_a_signal_on_asyncio(either: Either, work: Work) -> None:
    """It may come at any time, and wakes the app."""
    assert either.answer(work) == "alarm"


@only_on("trio", on_main_thread=True)
@pytest.mark.usefixtures("alarm")
@pytest.mark.parametrize("work", [receiver_of_trio, python_handler_with_token, receiver_of_anyio])
def test_a_signal_on_trio(either: Either, work: Work) -> None:
    """The same there."""
    assert either.answer(work) == "alarm"
