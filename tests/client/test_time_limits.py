"""How long a call waits where it cannot be ruled out that its answer still comes, and what goes on after that."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio
import anyio.abc
import httpx2
import pytest

from asgi_lockstep import AppTimeout, Deadlock, LockstepError, TimedOut
from asgi_lockstep._drivers.clock.real_time import real_time
from asgi_lockstep._types import Receive, Scope, Send
from either import Either, line
from helpers import accept, answers, body, start
from time_limits import LIMIT, LONGER, Gate, waits_in_a_thread

#: The module with the names that Windows does not have.
SIGNALS: Any = signal

HIDDEN_BY_UVLOOP = "  whatever uvloop waits for: it shows neither its timers nor its sockets"


async def get(client: Any, **options: Any) -> Any:
    """Ask for a page."""
    return await client.get("/x", **options)


def limited(either: Either, scenario: Any, **options: Any) -> AppTimeout:
    """The error of a scenario that is ended by its limit."""
    with pytest.raises(AppTimeout) as caught:
        either.run(Gate(), scenario, **options)
    return caught.value


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize(
    "limit", [LIMIT, httpx2.Timeout(20, read=LIMIT), httpx2.Timeout(LIMIT)], ids=["number", "read", "all"]
)
def test_the_limit_of_a_client(either: Either, limit: Any) -> None:
    """It is given as in httpx2, whose `read` it is."""
    error = limited(either, get, timeout=limit)
    assert error.limit == LIMIT


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize("limit", [LIMIT, httpx2.Timeout(20, read=LIMIT)], ids=["number", "read"])
def test_the_limit_of_a_call(either: Either, limit: Any) -> None:
    """It goes before that of the client, and holds for this call alone."""
    error = limited(either, partial(get, timeout=limit), timeout=20)
    assert error.limit == LIMIT


@pytest.mark.usefixtures("somebody")
def test_what_the_error_is(either: Either) -> None:
    """An error of ours, and the one that httpx2 has for it, with its request."""
    error = limited(either, get, timeout=LIMIT)
    assert [isinstance(error, kind) for kind in (TimedOut, LockstepError, httpx2.ReadTimeout)] == [True] * 3
    assert not isinstance(error, Deadlock)
    assert str(error.request.url) == "http://testserver/x"


def test_who_may_still_come_is_listed(either: Either, somebody: threading.Thread) -> None:
    """A thread by its name and the line at which it stands."""
    error = limited(either, get, timeout=LIMIT)
    assert str(error).splitlines() == [
        "The test waits for the app to finish GET /x, and nothing has come from the app in 0.02 seconds of idle time.",
        f"  the test waits at {line(get, 'client.get')}",
        "  <GET /x: no response yet; no request body; response body: 0 bytes taken, "
        "0 chunks waiting; app running, has received nothing and sent nothing last>",
        f"  GET /x, stands at {line(Gate.wait, 'gate.wait()')}, called at {line(Gate.__call__, '# a request')}",
        "What may still come from outside of the event loop:",
        f"  thread 'somebody else', at {line(waits_in_a_thread, 'event.wait(3600)')}",
        *([] if either.proves else [HIDDEN_BY_UVLOOP]),
    ]


@pytest.mark.usefixtures("somebody")
def test_a_task_that_sleeps_has_a_pending_timer(either: Either) -> None:
    """Of each task it is said whether time alone will end its wait; that of an endless sleep it will not."""

    async def main(scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(sleeps)
            tasks.start_soon(anyio.sleep_forever, name="for ever")
            await anyio.sleep(60)

    async def sleeps() -> None:
        await anyio.sleep(3600)

    with pytest.raises(AppTimeout) as caught:
        either.run(main, get, timeout=LIMIT, lifespan="off")
    tasks = caught.value.diagnosis.tasks
    assert [task.endswith(", and a timer is pending for it") for task in tasks] == [
        "sleeps" in task or "anyio.sleep(60)" in task for task in tasks
    ]
    assert len(tasks) == 3


def handler(*args: object) -> None:
    """What a signal might do."""


def test_a_signal_handler_is_listed(either: Either) -> None:
    """A signal may come at any time."""
    before = signal.signal(SIGNALS.SIGUSR1, handler)
    try:
        error = limited(either, get, timeout=LIMIT)
    finally:
        signal.signal(SIGNALS.SIGUSR1, before)
    assert error.diagnosis.outside == [
        *([] if either.proves else [HIDDEN_BY_UVLOOP.strip()]),
        f"a handler of SIGUSR1: {__name__}.handler",
    ]


class Asks:
    """Asks another server, and waits for its answer.

    Args:
        port: where it listens.
    """

    def __init__(self, port: int) -> None:
        self.port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send nothing before the other has."""
        async with await anyio.connect_tcp("127.0.0.1", self.port) as stream:
            own: socket.socket = stream.extra(anyio.abc.SocketAttribute.raw_socket)
            self.descriptor, self.address = own.fileno(), own.getsockname()
            await stream.receive()


def test_a_socket_is_listed(either: Either) -> None:
    """With its two ends, where the loop shows its sockets."""
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(AppTimeout) as caught:
        app = Asks(server.getsockname()[1])
        either.run(app, get, timeout=LONGER, on_disconnect="cancel")
    ends = f"connected to 127.0.0.1:{app.port}, at 127.0.0.1:{app.address[1]}"  # pyright: ignore[reportPossiblyUnboundVariable]
    shown = {"trio": "a socket that a task waits for", "asyncio": f"socket {app.descriptor}, {ends}"}  # pyright: ignore[reportPossiblyUnboundVariable]
    expected = HIDDEN_BY_UVLOOP.strip() if "uvloop" in either.name else shown[either.backend]
    first, *others = caught.value.diagnosis.outside
    assert first == expected
    assert all(line.startswith("whoever can reach what it waits for: ") for line in others)


@pytest.mark.usefixtures("somebody")
def test_no_limit(either: Either) -> None:
    """`timeout=None` waits for as long as it takes, whatever the client says."""

    async def late() -> str:
        return await anyio.to_thread.run_sync(slow)

    def slow() -> str:
        time.sleep(3 * LIMIT)
        return "late"

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        answer = await late()
        await answers(start(), body(answer.encode()))(scope, receive, send)

    assert either.run(app, partial(get, timeout=None), timeout=LIMIT).text == "late"


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass on the clock of the library, as if somebody had computed for so long."""
    ahead = [0.0]
    for name, module in list(sys.modules.items()):
        if name.startswith("asgi_lockstep.") and getattr(module, "real_time", None) is real_time:
            monkeypatch.setattr(module, "real_time", lambda: real_time() + sum(ahead))
    return ahead.append


@pytest.mark.usefixtures("somebody")
def test_only_idle_time_counts(either: Either, busy: Callable[[float], None]) -> None:
    """Neither what the app computes, nor the pauses between its messages, is time in which nothing comes."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        busy(20)
        await send(start())
        for _ in range(12):
            await anyio.sleep(0.01)
            await send(body(b"x", more=True))
        await send(body())

    async def read(client: Any) -> bytes:
        async with client.stream("GET", "/") as response:
            content: bytes = await response.aread()
            return content

    assert either.run(app, read, timeout=0.1) == b"x" * 12


def test_the_grace_of_the_app_has_a_limit_of_its_own(either: Either) -> None:
    """After its client has gone, an app may be at work for longer than a call would wait for a message."""

    async def cleans_up(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await receive()
        await anyio.to_thread.run_sync(time.sleep, 1.5 * LONGER)
        cleaned.append(scope["path"])

    async def connect(client: Any) -> None:
        async with client.websocket_connect("/chat"):
            pass

    cleaned: list[str] = []
    either.run(cleans_up, connect, timeout=LONGER)
    assert cleaned == ["/chat"]


@pytest.mark.usefixtures("somebody")
def test_the_lifespan_has_the_limit_of_the_client(either: Either) -> None:
    """An app that does not start is not waited for any longer than one that does not answer."""

    async def never_starts(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await anyio.Event().wait()

    async def enter(client: Any) -> None:
        async with client:
            pytest.fail("the block must not be entered")

    with pytest.raises(AppTimeout) as caught:
        either.run(never_starts, enter, timeout=LIMIT)
    assert (caught.value.limit, caught.value.diagnosis.waits_for) == (LIMIT, "the lifespan startup of the app")
