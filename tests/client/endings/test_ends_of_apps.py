"""Apps that end by what is no ordinary exception, and tasks that they leave behind."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from asgi_lockstep import AppTimeout, AsyncTestClient, Deadlock, LeftoverTasks, NoResponse, UnknownOption
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, accept, body, hello, start
from matrix import Driver


def raising(exception: BaseException) -> Any:
    """An app that raises `exception` before it answers, or after the start where the path is `/late`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/late":
            await send(start())
            await send(body(b"half", more=True))
        raise exception

    return Listener(http=app, websocket=app)


@pytest.mark.parametrize("raise_server_exceptions", [True, False])
@pytest.mark.parametrize("path", ["/", "/late"])
def test_system_exit_is_raised_in_the_test(sync_driver: Driver, path: str, raise_server_exceptions: bool) -> None:
    """It is never turned into a response, and the loop goes on."""
    client = sync_driver.client(raising(SystemExit(3)), raise_server_exceptions=raise_server_exceptions)
    with pytest.raises(SystemExit, match="3"):
        client.get(path)
    with pytest.raises(SystemExit, match="3"), client.websocket_connect("/"):
        pass  # pragma: no cover


@pytest.mark.parametrize("raise_server_exceptions", [True, False])
@pytest.mark.parametrize("path", ["/", "/late"])
async def test_system_exit_is_raised_in_the_async_test(
    anyio_backend: Any, path: str, raise_server_exceptions: bool
) -> None:
    """Out of the call that waits for the app, and not out of the loop around both."""
    client = AsyncTestClient(raising(SystemExit(3)), raise_server_exceptions=raise_server_exceptions)
    with pytest.raises(SystemExit, match="3"):
        await client.get(path)
    with pytest.raises(SystemExit, match="3"):
        async with client.websocket_connect("/"):
            pass  # pragma: no cover


@pytest.mark.parametrize("path", ["/", "/late"])
def test_keyboard_interrupt_is_raised_in_the_test(sync_driver: Driver, path: str) -> None:
    """As a Ctrl-C that arrives while the app runs; the client can be closed."""
    client = sync_driver.client(raising(KeyboardInterrupt()), raise_server_exceptions=False)
    with pytest.raises(KeyboardInterrupt):
        client.get(path)


def test_keyboard_interrupt_goes_through_the_loop_of_an_async_test() -> None:
    """As asyncio itself has it for every task."""

    async def main() -> None:
        await AsyncTestClient(raising(KeyboardInterrupt())).get("/")

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())


def test_an_app_that_cancels_itself_gives_no_response(driver: Driver) -> None:
    """A server closes the connection; the text says what happened."""

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        if driver.backend == "asyncio":
            raise asyncio.CancelledError
        with anyio.CancelScope() as scope_of_app:
            scope_of_app.cancel()
            await anyio.lowlevel.checkpoint()

    with pytest.raises(NoResponse) as caught:
        driver.client(Listener(http=http)).get("/x")
    ended = "was cancelled in" if driver.backend == "asyncio" else "returned from"
    assert str(caught.value) == (
        f"TestClient did not receive any response. The app {ended} GET /x without sending "
        '"http.response.start": await a response on every path through it.'
    )
    assert driver.client(Listener(http=http), raise_server_exceptions=False).get("/x").status_code == 500


def test_an_outcome_of_pytest_is_raised(driver: Driver) -> None:
    """`pytest.fail()` in an app fails the test with its own words, though it is no `Exception`."""
    with pytest.raises(pytest.fail.Exception, match="the app says no"):
        driver.client(raising(pytest.fail.Exception("the app says no"))).get("/")


def logged(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    """What the library has logged; what httpx2 logs depends on what other tests have set."""
    return [(level, text) for name, level, text in caplog.record_tuples if name == "asgi_lockstep"]


class Leaving:
    """Leaves a task behind that waits until `/release` is asked for."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.line = 0
        self.released: asyncio.Event

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/release":
            self.released.set()
        else:
            self.released = asyncio.Event()
            frame = inspect.currentframe()
            assert frame is not None
            self.line = frame.f_lineno + 1
            self.task = asyncio.create_task(self.poll(), name="poll")
        await hello(scope, receive, send)

    async def poll(self) -> None:
        """Stands where every report has to say that it does."""
        try:
            await self.released.wait()
            for _ in range(3):
                await asyncio.sleep(0)
            self.events.append("done")
        except asyncio.CancelledError:
            self.events.append("cancelled")
            raise

    @property
    def report(self) -> str:
        """What is to be said of the task."""
        wait = self.line + 6
        here = "tests/client/endings/test_ends_of_apps.py"
        return (
            "The app had a task still running when its client was closed:\n"
            f"  task 'poll' of GET /jobs, created at {here}:{self.line}, stands at {here}:{wait} in poll: "
            "await self.released.wait()\n"
            "Servers cancel such tasks in the middle of what they do. End them in the lifespan shutdown, or start "
            'them in a task group. leftover_tasks="wait" waits for them, "cancel" cancels them, "error" raises this.'
        )


@pytest.fixture
def asyncio_driver(driver: Driver) -> Driver:
    """A driver on which tasks can be left behind: trio has no such thing."""
    if driver.backend == "trio":
        pytest.skip("tasks of trio belong to a nursery, which waits for them")
    return driver


@pytest.mark.parametrize("entered", [True, False], ids=["entered", "not entered"])
def test_leftover_tasks_are_logged_and_cancelled(
    asyncio_driver: Driver, caplog: pytest.LogCaptureFixture, entered: bool
) -> None:
    """By default, and with the line that has created each."""
    app = Leaving()
    client = asyncio_driver.client(app)
    if entered:
        with client:
            client.get("/jobs")
    else:
        client.get("/jobs")
        client.close() if not asyncio_driver.is_async else client.aclose()
    assert app.events == ["cancelled"]
    assert logged(caplog) == [(logging.WARNING, app.report)]


def test_leftover_tasks_are_an_error(asyncio_driver: Driver) -> None:
    """Where that was asked for; they are cancelled all the same."""
    app = Leaving()
    with pytest.raises(LeftoverTasks) as caught, asyncio_driver.client(app, leftover_tasks="error") as client:
        client.get("/jobs")
    assert str(caught.value) == app.report
    assert app.events == ["cancelled"]


def test_leftover_tasks_are_waited_for(asyncio_driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    """Where that was asked for; then there is nothing to report."""
    app = Leaving()
    with asyncio_driver.client(app, leftover_tasks="wait") as client:
        client.get("/jobs")
        client.get("/release")
    assert app.events == ["done"]
    assert logged(caplog) == []


#: A function of a library, which creates a task for itself.
LIBRARY = str(Path(pytest.__file__).parent / "watcher.py")
LIBRARY_TEXT = "import asyncio\ndef watch(poll):\n    return asyncio.create_task(poll(), name='watcher')\n"


class Watched(Leaving):
    """Uses a library that leaves a task behind."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        names: dict[str, Any] = {}
        exec(compile(LIBRARY_TEXT, LIBRARY, "exec"), names)
        self.released = asyncio.Event()
        self.task = names["watch"](self.poll)
        await hello(scope, receive, send)


@pytest.mark.parametrize("mode", ["cancel", "wait", "error"])
def test_the_task_of_a_library_is_no_leftover(
    asyncio_driver: Driver, caplog: pytest.LogCaptureFixture, mode: str
) -> None:
    """The app cannot end it: it is cancelled with the loop, not waited for, and told to those who look closely."""
    caplog.set_level(logging.DEBUG, "asgi_lockstep")
    app = Watched()
    with asyncio_driver.client(app, lifespan="off", leftover_tasks=mode) as client:
        client.get("/jobs")
    ((level, text),) = logged(caplog)
    assert (level, app.events) == (logging.DEBUG, ["cancelled"])
    assert text.startswith(
        "A library had a task still running when the client of the app was closed: task 'watcher' of GET /jobs, created"
    )


def test_leftover_tasks_do_not_replace_the_exception_of_the_test(asyncio_driver: Driver) -> None:
    """They become a note on it."""
    app = Leaving()
    with pytest.raises(ZeroDivisionError) as caught:  # noqa: SIM117
        with asyncio_driver.client(app, leftover_tasks="error") as client:
            client.get("/jobs")
            raise ZeroDivisionError
    (note,) = caught.value.__notes__
    assert note.startswith("After that, leaving the client failed: LeftoverTasks(")


def test_the_tasks_of_an_app_that_ends_well_are_no_leftovers(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    """Requests, websockets and a lifespan that were ended leave nothing to be reported."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.lowlevel.checkpoint)
            await accept(receive, send)
            await receive()

    with driver.client(Listener(http=hello, websocket=websocket), leftover_tasks="error") as client:
        client.get("/")
        with client.websocket_connect("/"):
            pass
    assert logged(caplog) == []


def test_a_mode_that_does_not_exist(driver: Driver) -> None:
    """The text names those that do."""
    with pytest.raises(UnknownOption) as caught:
        driver.client(hello, leftover_tasks="ignore")
    assert str(caught.value) == "leftover_tasks='ignore' does not exist; known are 'cancel', 'wait', 'error'."


def test_a_call_that_was_given_up_is_no_task_that_was_left(
    sync_driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    """Its job in a thread cannot be cancelled, and the test has been told of that: nobody has started a task."""
    go = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.to_thread.run_sync(go.wait)

    try:
        client = sync_driver.client(app, lifespan="off", timeout=0.2, grace=0)
        with client, pytest.raises((Deadlock, AppTimeout)):
            client.get("/")
    finally:
        go.set()
    assert "still running" not in caplog.text
