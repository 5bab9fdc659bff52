"""How long a call waits where it cannot be ruled out that its answer still comes, and what goes on after that."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import anyio
import anyio.abc
import httpx2
import pytest

from asgi_lockstep import AppTimeout, Deadlock, LockstepError, TimedOut
from asgi_lockstep._drivers.clock.real_time import real_time
from asgi_lockstep._types import Message, Receive, Scope, Send
from either import Either, alone, line
from helpers import Listener, accept, answers, body, start

#: For how long is waited for what never comes, in seconds; how long that takes in truth is no matter.
LIMIT = 0.02

#: The same where something has to happen before; it does so at once.
LONGER = 0.1

#: The module with the names that Windows does not have.
SIGNALS: Any = signal


HIDDEN_BY_UVLOOP = "  whatever uvloop waits for: it shows neither its timers nor its sockets"


def waits_in_a_thread(event: threading.Event) -> None:
    """What a thread does that may still call in, as far as anybody can tell."""
    event.wait()


@pytest.fixture
def somebody() -> Iterator[threading.Thread]:
    """Somebody else in the process: nothing can be proven, and every wait has to end by its limit."""
    event = threading.Event()
    thread = threading.Thread(target=waits_in_a_thread, args=(event,), name="somebody else")
    with alone():
        thread.start()
        yield thread
        event.set()
        thread.join()


class Gate:
    """Waits, on every protocol, until a request for /open comes."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.gates: list[anyio.Event] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say what has become of it."""
        if scope["path"] == "/open":
            self.gates.pop(0).set()
            await answers(start(), body(b"opened"))(scope, receive, send)
        elif scope["type"] == "websocket":
            await accept(receive, send)
            await self.wait()
            await send({"type": "websocket.send", "text": "late"})
            await receive()
        else:
            await self.wait()
            await send(start())
            await send(body(b"late"))
            self.events.append("answered")

    async def wait(self) -> None:
        """Stand at the gate."""
        gate = anyio.Event()
        self.gates.append(gate)
        try:
            await gate.wait()
        except BaseException:
            self.events.append("cancelled")
            raise


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
        "  <GET /x: no response yet; request body: 0 bytes read, more to come; response body: 0 bytes taken, "
        "0 chunks waiting; app running, has received nothing and sent nothing last>",
        f"  GET /x, stands at {line(Gate.wait, 'gate.wait()')}",
        "What may still come from outside of the event loop:",
        f"  thread 'somebody else', at {line(waits_in_a_thread, 'event.wait()')}",
        *([] if either.proves else [HIDDEN_BY_UVLOOP]),
    ]


def handler(*args: object) -> None:
    """What a signal might do."""


def test_a_signal_handler_is_listed(either: Either) -> None:
    """A signal may come at any time."""
    before = signal.signal(SIGNALS.SIGUSR1, handler)
    try:
        with alone():
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
    with socket.create_server(("127.0.0.1", 0)) as server, alone(), pytest.raises(AppTimeout) as caught:
        app = Asks(server.getsockname()[1])
        either.run(app, get, timeout=LONGER, on_disconnect="cancel")
    ends = f"connected to 127.0.0.1:{app.port}, at 127.0.0.1:{app.address[1]}"  # pyright: ignore[reportPossiblyUnboundVariable]
    shown = {"trio": "a socket that a task waits for", "asyncio": f"socket {app.descriptor}, {ends}"}  # pyright: ignore[reportPossiblyUnboundVariable]
    expected = HIDDEN_BY_UVLOOP.strip() if "uvloop" in either.name else shown[either.backend]
    assert caught.value.diagnosis.outside == [expected]


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


@pytest.mark.usefixtures("somebody")
def test_a_websocket_goes_on_after_its_limit(either: Either) -> None:
    """Each way to receive has its own limit; the late answer is there for the next one."""

    async def scenario(client: Any) -> tuple[list[float], str]:
        limits = []
        async with client.websocket_connect("/chat") as session:
            for receive in (session.receive, session.receive_text, session.receive_bytes, session.receive_json):
                with pytest.raises(AppTimeout) as caught:
                    await receive(timeout=LIMIT)
                limits.append(caught.value.limit)
            assert (await client.get("/open")).text == "opened"
            return limits, await session.receive_text()

    assert either.run(Gate(), scenario) == ([LIMIT] * 4, "late")


def test_a_websocket_goes_on_after_a_deadlock(either: Either) -> None:
    """The same, where it could be proven that nothing comes: another request is what the proof does not know of."""

    async def scenario(client: Any) -> str:
        async with client.websocket_connect("/chat") as session:
            with pytest.raises(Deadlock if either.proves else AppTimeout):
                await session.receive_text(timeout=either.limit)
            assert (await client.get("/open")).text == "opened"
            text: str = await session.receive_text()
            return text

    with alone():
        assert either.run(Gate(), scenario) == "late"


@pytest.mark.usefixtures("somebody")
def test_an_exchange_goes_on_after_its_limit(either: Either) -> None:
    """The response is there later, and so is its body."""

    async def scenario(client: Any) -> tuple[int, Any, Any]:
        async with client.open("POST", "/talk", timeout=LONGER / 2) as exchange:
            with pytest.raises(AppTimeout):
                await exchange.response
            with pytest.raises(AppTimeout):
                await exchange.receive()
            assert (await client.get("/open")).text == "opened"
            return (await exchange.response).status_code, await exchange.receive(), await exchange.receive()

    assert either.run(Gate(), scenario) == (200, b"late", None)


@pytest.mark.usefixtures("somebody")
def test_the_app_of_a_request_goes_on_after_its_limit(either: Either) -> None:
    """It is neither cancelled nor told of a disconnect, and answers when it can."""

    async def scenario(client: Any) -> list[str]:
        with pytest.raises(AppTimeout):
            await client.get("/x", timeout=LIMIT)
        before = [*app.events]
        assert (await client.get("/open")).text == "opened"
        return before

    app = Gate()
    assert either.run(app, scenario) == []
    assert app.events == ["answered"]


@pytest.mark.usefixtures("somebody")
def test_the_app_of_a_request_ends_with_the_client(either: Either) -> None:
    """One that still waits is told that its client has gone, and then cancelled, like any that is still open."""

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await receive()
        app.events.append("told")
        await gate.wait()

    async def scenario(client: Any) -> list[Message]:
        with pytest.raises(AppTimeout):
            await client.get("/x", timeout=LIMIT)
        return [*app.received]

    app, gate = Listener(http=http), Gate()
    request = {"type": "http.request", "body": b"", "more_body": False}
    assert either.run(app, scenario) == [request]
    assert app.received == [request, {"type": "http.disconnect"}]
    assert [*app.events, *gate.events] == ["told", "cancelled"]


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
