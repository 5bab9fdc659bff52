"""The way onto the loop of a client, and clients that several threads use."""

from __future__ import annotations

import asyncio
import contextvars
import signal
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from asgi_lockstep import Deadlock, MissingExtra, TestClient, UnknownOption
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, accept, body, hello, simple_lifespan, start
from matrix import Driver


async def double(number: int) -> int:
    """Something to call."""
    await anyio.lowlevel.checkpoint()
    return 2 * number


def test_run_calls_a_coroutine_function_on_the_loop_of_the_app(sync_driver: Driver) -> None:
    """Entered or not, and exceptions come back."""

    async def fail() -> None:
        raise KeyError("boom")

    client = sync_driver.client(hello, lifespan="off")
    assert client.run(double, 21) == 42
    with client:
        assert client.run(double, 4) == 8
        with pytest.raises(KeyError, match="boom"):
            client.run(fail)


def test_a_task_of_the_portal_moves_with_the_client(sync_driver: Driver) -> None:
    """`start_task_soon` runs while the test is inside of a client call; `result()` is one."""
    with sync_driver.client(hello, lifespan="off") as client:
        future = client.portal.start_task_soon(double, 21)
        assert not future.done()
        client.get("/")
        assert future.done()
        assert client.portal.start_task_soon(double, 2).result() == 4
        assert isinstance(client.portal.start_task_soon(fails).exception(), KeyError)


async def fails() -> None:
    """Raises."""
    raise KeyError("boom")


def test_the_portal_calls_plain_functions_too(sync_driver: Driver) -> None:
    """What is returned is awaited only if it can be."""
    with sync_driver.client(hello, lifespan="off") as client:
        assert client.portal.call(lambda: "plain") == "plain"


def test_the_portal_waits_for_a_task_to_have_started(sync_driver: Driver) -> None:
    """`start_task` returns what the task passed to `started()`."""

    async def serve(*, task_status: Any) -> str:
        task_status.started("ready")
        return "over"

    with sync_driver.client(hello, lifespan="off") as client:
        future, value = client.portal.start_task(serve)
        assert (value, future.result()) == ("ready", "over")


def test_async_context_managers_through_the_portal(sync_driver: Driver) -> None:
    """Entered and left in one task of the loop."""
    events: list[str] = []

    @asynccontextmanager
    async def resource() -> AsyncIterator[int]:
        async with anyio.create_task_group():
            events.append("entered")
            yield 42
        events.append("left")

    with sync_driver.client(hello, lifespan="off") as client:
        with client.portal.wrap_async_context_manager(resource()) as value:
            events.append(f"inside {value}")
        assert events == ["entered", "inside 42", "left"]


def test_the_portal_from_another_thread_while_the_test_waits(sync_driver: Driver) -> None:
    """The thread's call is what the test is waiting for."""
    waiting = threading.Event()
    ready: list[Any] = []

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        event = anyio.Event()
        ready.append(event)
        waiting.set()
        await event.wait()
        await hello(scope, receive, send)

    with sync_driver.client(Listener(http=http), lifespan="off") as client:

        def release() -> None:
            assert waiting.wait(10)
            client.portal.call(lambda: ready[0].set())

        thread = threading.Thread(target=release)
        thread.start()
        assert client.get("/x").text == "GET /x"
        thread.join()


def test_several_threads_use_one_client_at_once(sync_driver: Driver) -> None:
    """Not entered, each answer finds its thread although they wait for each other."""
    if sync_driver.backend == "trio" and sync_driver.inline:
        pytest.skip("a trio run belongs to its thread: each thread has its own, see the test below")
    count = 4
    arrived: list[Any] = []

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        arrived.append(None)
        while len(arrived) < count:
            await anyio.sleep(0.001)
        await hello(scope, receive, send)

    client = sync_driver.client(Listener(http=http))
    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(lambda number: client.get(f"/{number}").text, range(count)))
    assert answers == [f"GET /{number}" for number in range(count)]


def test_threads_with_a_run_each(sync_driver: Driver) -> None:
    """Independent requests work from any thread on every driver."""
    client = sync_driver.client(hello)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: client.get(f"/{number}").text, range(20)))
    assert answers == [f"GET /{number}" for number in range(20)]


def test_a_sync_endpoint_may_use_the_client_of_another_app(sync_driver: Driver) -> None:
    """A client inside of an endpoint of another client, on a worker thread."""
    inner = sync_driver.client(hello)

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        text = await anyio.to_thread.run_sync(lambda: inner.get("/inner").text)
        await send(start())
        await send(body(text.encode()))

    assert sync_driver.client(Listener(http=http)).get("/").text == "GET /inner"


def test_an_async_endpoint_may_use_the_client_of_another_app(sync_driver: Driver) -> None:
    """The loop of the outer app runs on this thread, so the inner one takes another."""
    inner = sync_driver.client(hello)

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(inner.get("/inner").content))

    assert sync_driver.client(Listener(http=http)).get("/").text == "GET /inner"


def test_a_client_that_is_called_by_its_own_app(sync_driver: Driver) -> None:
    """Today's client hangs."""
    clients: list[TestClient] = []

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        clients[0].get("/again")

    client = sync_driver.client(Listener(http=http), lifespan="off")
    clients.append(client)
    with client, pytest.raises(Deadlock) as caught:
        client.get("/first")
    assert str(caught.value).splitlines()[0] == (
        "The test waits for its own app, and nothing in the app can move any more."
    )
    assert "The app called its own sync client from the event loop that has to run it." in str(caught.value)


@pytest.mark.parametrize("outer", ["asyncio", "trio"])
@pytest.mark.parametrize("entered_outside", [False, True])
def test_a_sync_client_inside_of_a_running_loop(sync_driver: Driver, outer: str, entered_outside: bool) -> None:
    """In an async test the app runs on a thread of its own, with the same results."""
    if sync_driver.backend == "trio" and sync_driver.inline and outer == "trio" and entered_outside:
        pytest.skip("trio allows one run for each thread")
    client = sync_driver.client(Listener(http=hello, lifespan=simple_lifespan, websocket=greets))

    def use() -> list[str]:
        with client.websocket_connect("/") as session:
            return [client.get("/x").text, session.receive_text()]

    async def main() -> list[str]:
        if entered_outside:
            return use()
        with client:
            return use()

    if entered_outside:
        with client:
            assert anyio.run(main, backend=outer) == ["GET /x", "hi"]
    else:
        assert anyio.run(main, backend=outer) == ["GET /x", "hi"]


async def greets(scope: Scope, receive: Receive, send: Send) -> None:
    """A websocket that says hi."""
    await accept(receive, send)
    await send({"type": "websocket.send", "text": "hi"})
    await receive()


variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


def test_the_app_runs_in_a_copy_of_the_context_of_the_test(driver: Driver) -> None:
    """What the test has set, the app sees; what the app sets, the test does not."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen = variable.get()
        variable.set("app")
        await send(start())
        await send(body(seen.encode()))

    token = variable.set("test")
    try:
        assert driver.client(app).get("/").text == "test"
        assert variable.get() == "test"
    finally:
        variable.reset(token)


def test_two_requests_share_the_loop_of_a_client_that_is_not_entered() -> None:
    """A lock or pool that one request has made works in the next."""
    loops = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        loops.append(asyncio.get_running_loop())
        await hello(scope, receive, send)

    client = TestClient(app)
    client.get("/")
    client.get("/")
    assert loops[0] is loops[1]
    client.close()
    assert loops[0].is_closed()


def test_ctrl_c_ends_a_waiting_test(sync_driver: Driver) -> None:
    """The interrupt is raised in the test at once, and nothing is left behind: the client still works."""
    if sys.platform == "win32":
        pytest.skip("no timer signals on this system")
    ends: list[str] = []

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/wait":
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.02)
                await anyio.sleep(30)
            except BaseException:
                ends.append("cancelled")
                raise
            ends.append("slept")
        await hello(scope, receive, send)

    def interrupt(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGALRM, interrupt)
    # A shell starts jobs in the background with SIGINT ignored, and CI may be such a job.
    before_interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        client = sync_driver.client(Listener(http=http))
        with pytest.raises(KeyboardInterrupt):
            client.get("/wait")
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.signal(signal.SIGINT, before_interrupt)
    assert ends == ["cancelled"]
    assert client.get("/").text == "GET /"


def test_an_unknown_backend() -> None:
    """The text names those that exist."""
    with pytest.raises(UnknownOption) as caught:
        TestClient(hello, backend="curio")  # type: ignore[arg-type]
    assert str(caught.value) == "backend='curio' does not exist; known are 'asyncio', 'trio'."


def test_an_unknown_backend_option() -> None:
    """Told when the loop is made."""
    with pytest.raises(UnknownOption, match=r"^backend_options key='use_uvlop' does not exist; known are 'debug', "):
        TestClient(hello, backend_options={"use_uvlop": True}).get("/")


def test_a_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text is the command that installs it."""
    monkeypatch.setitem(sys.modules, "uvloop", None)
    with pytest.raises(MissingExtra) as caught:
        TestClient(hello, backend_options={"use_uvloop": True}).get("/")
    assert str(caught.value) == (
        'backend_options={"use_uvloop": True} needs uvloop, which is not installed. '
        "Run: pip install 'asgi-lockstep[uvloop]'"
    )


def test_loop_factory_and_debug() -> None:
    """Anyio's other options of asyncio."""
    loops: list[asyncio.AbstractEventLoop] = []

    def factory() -> asyncio.AbstractEventLoop:
        loops.append(asyncio.SelectorEventLoop())
        return loops[-1]

    with TestClient(hello, backend_options={"loop_factory": factory, "debug": True}, lifespan="off") as client:
        assert client.get("/").text == "GET /"
        assert loops[0].get_debug()
    assert len(loops) == 1
    assert loops[0].is_closed()
