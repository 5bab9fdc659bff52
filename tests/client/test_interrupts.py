"""What handlers of signals raise (Ctrl-C, pytest-timeout's alarm) comes out of the client call as itself."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import anyio.to_thread
import pytest

from alarms import Alarm, alarm_set
from asgi_lockstep import AsyncTestClient, TestClient
from asgi_lockstep._types import Receive, Scope, Send
from either import Either
from helpers import Listener, body, simple_lifespan, start
from matrix import Driver

if sys.platform == "win32":
    pytest.skip("there are no alarms on Windows", allow_module_level=True)


@pytest.fixture(autouse=True)
def alarm() -> Iterator[None]:
    """For each test."""
    with alarm_set():
        yield


async def hello(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers."""
    await send(start(204))
    await send(body())


def works(driver: Driver) -> bool:
    """Whether the next client works."""
    with driver.client(Listener(http=hello, lifespan=simple_lifespan)) as client:
        status: int = client.get("/").status_code
    return status == 204


def test_an_alarm_while_the_app_waits_ends_the_call(either: Either) -> None:
    """On every loop, as itself; also on one of the test, which is left unharmed: the next call works."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # Set here, where the call is under way: before that it is Python's, which loses it in a garbage collection.
        signal.setitimer(signal.ITIMER_REAL, 0.05 if scope["path"] == "/waits" else 0)
        while scope["path"] == "/waits":  # so that no proof of a deadlock comes first
            await anyio.sleep(0.01)
        await hello(scope, receive, send)

    async def scenario(client: Any) -> int:
        with pytest.raises(Alarm):
            await client.get("/waits")
        status: int = (await client.get("/")).status_code
        return status

    assert either.run(app, scenario, timeout=5) == 204


def test_an_alarm_while_the_test_sends_a_body_ends_the_call(either: Either) -> None:
    """Also in an await of the test's own, of which the app knows nothing."""

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        while True:
            await receive()

    async def scenario(client: Any) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"first"
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            await anyio.sleep(3600)

        with pytest.raises(Alarm):
            await client.post("/", content=chunks())

    if not either.is_async:
        pytest.skip("the body of a sync client is not awaited")
    either.run(app, scenario, timeout=5)


@pytest.mark.parametrize("raising", [True, False])
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGALRM])
def test_a_signal_that_comes_in_the_middle_of_the_app(driver: Driver, signum: int, raising: bool) -> None:
    """`raise_server_exceptions=False` makes a response of what fails in the app; this is no failure of the app."""
    if driver.is_async or not driver.inline:
        pytest.skip("handlers of signals run in the main thread, and the app in another one")

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        signal.raise_signal(signum)
        raise AssertionError("the handler has raised")

    client = driver.client(app, raise_server_exceptions=raising)
    with pytest.raises(KeyboardInterrupt if signum == signal.SIGINT else Alarm):
        client.get("/")
    client.close()
    assert works(driver)


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, Alarm])
def test_an_interrupt_in_a_task_group_is_no_response_of_500(driver: Driver, interrupt: type[BaseException]) -> None:
    """The group that a task group makes of it is opened."""
    if driver.is_async:
        pytest.skip("the loop of the test itself would be ended")

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise BaseExceptionGroup("tasks", [ValueError(), interrupt()])

    with pytest.raises(interrupt):
        driver.client(app, raise_server_exceptions=False).get("/")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_interrupt_that_arrives_in_a_weak_reference_is_not_lost(backend: Any) -> None:
    """Python only reports it ("Exception ignored in"); asyncio makes weak references of each task."""

    class Dying:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGALRM)

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        Dying()
        await anyio.sleep(3600)

    with pytest.raises(Alarm):
        TestClient(app, backend=backend, timeout=5).get("/")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_interrupt_that_is_lost_while_the_loop_rests_wakes_it(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the collector runs, in the middle of a question about references."""

    class Dying:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGALRM)

    def asked(*_: object) -> str:
        Dying()
        return "somebody"

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await anyio.sleep(3600)

    monkeypatch.setattr("asgi_lockstep._drivers.rest.answers.why_reachable", asked)
    with pytest.raises(Alarm):
        TestClient(app, backend=backend, timeout=30).get("/")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_ctrl_c_comes_through_while_the_app_blocks_a_thread_of_its_own(backend: Any) -> None:
    """What blocks the thread cannot be ended; the client says so, and the next one works."""
    go_on, blocks = threading.Event(), threading.Event()

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        blocks.set()
        go_on.wait()

    client = TestClient(app, backend=backend, driver="thread")
    main = threading.main_thread().ident
    assert main is not None

    def press() -> None:
        blocks.wait()
        signal.pthread_kill(main, signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            client.get("/")
        with pytest.raises(RuntimeError, match=r"^The thread of this client is lost: its call was interrupted, "):
            client.get("/")
    finally:
        go_on.set()
        thread.join()
    assert TestClient(hello, backend=backend, driver="thread").get("/").status_code == 204


def test_a_loop_is_closed_that_another_thread_makes_while_an_alarm_comes() -> None:
    """The thread hands it to nobody, since the call that has asked for it is over."""
    made: list[asyncio.AbstractEventLoop] = []
    main = threading.main_thread().ident
    assert main is not None

    def make() -> asyncio.AbstractEventLoop:
        signal.pthread_kill(main, signal.SIGALRM)
        made.append(asyncio.new_event_loop())
        return made[-1]

    with pytest.raises(Alarm), TestClient(hello, driver="thread", backend_options={"loop_factory": make}) as client:
        client.get("/")
    assert [loop.is_closed() for loop in made] == [True]


def test_an_app_that_raises_ctrl_c_leaves_no_handler_of_the_loop_behind(either: Either) -> None:
    """`asyncio.run()` puts back what was there before only if it finds its own."""
    if not either.is_async:
        pytest.skip("it is about the loop of the test")

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise KeyboardInterrupt

    async def main() -> None:
        await AsyncTestClient(app).get("/")

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        anyio.run(main, **either.options)
    assert signal.getsignal(signal.SIGINT) is before
