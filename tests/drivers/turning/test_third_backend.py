"""A third backend takes a folder and a row: both clients work on it, and nobody else has heard of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import anyio
import pytest

from asgi_lockstep import AsyncTestClient, Deadlock, TestClient, UnknownOption
from asgi_lockstep._drivers.turning.async_driver import AsyncDriver
from asgi_lockstep._drivers.turning.backends import ROWS, Row, backend_here
from asgi_lockstep._types import ASGIApp, Receive, Scope, Send
from clothed import Clothed, at_once
from drivers.turning.toy_backend.backend import BACKEND, ToyLoop
from either import Scenario, line
from helpers import Listener, accept, body, start

Run = Callable[[ASGIApp, Scenario], Any]


def run_sync(app: ASGIApp, scenario: Scenario, **options: Any) -> Any:
    """What the scenario returns with the sync client."""
    __tracebackhide__ = True
    client = TestClient(app, backend="toy", **options)  # type: ignore[arg-type]
    try:
        return at_once(scenario(Clothed(client)))
    finally:
        client.close()


def run_on_thread(app: ASGIApp, scenario: Scenario) -> Any:
    """The same, with the app on a thread of its own."""
    __tracebackhide__ = True
    return run_sync(app, scenario, driver="thread")


def run_async(app: ASGIApp, scenario: Scenario) -> Any:
    """What the scenario returns with the async client, on a loop of the test."""
    __tracebackhide__ = True

    async def main() -> Any:
        __tracebackhide__ = True
        client = AsyncTestClient(app)
        try:
            return await scenario(client)
        finally:
            await client.aclose()

    with asyncio.Runner(loop_factory=ToyLoop) as runner:
        return runner.run(main())


RUNS: Final[dict[str, Run]] = {"sync": run_sync, "thread": run_on_thread, "async": run_async}


@pytest.fixture(params=RUNS)
def run(request: pytest.FixtureRequest, row: None) -> Run:
    """Each way to have the app on the toy."""
    return RUNS[request.param]


@pytest.fixture
def row(monkeypatch: pytest.MonkeyPatch) -> None:
    """The row of the toy."""
    monkeypatch.setitem(ROWS, BACKEND.name, Row("drivers.turning.toy_backend.backend", "asyncio"))


async def backend_name(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers with the backend that it runs on, in two chunks."""
    here = backend_here()
    await send(start())
    await send(body(b"runs on ", more=True))
    await send(body(b"nothing" if here is None else here.name.encode()))


def test_a_request_is_answered(run: Run) -> None:
    """By an app that runs on the toy, and not on the asyncio below it."""

    async def scenario(client: Any) -> str:
        text: str = (await client.get("/")).text
        return text

    assert run(backend_name, scenario) == "runs on toy"


def test_a_response_is_streamed(run: Run) -> None:
    """Chunk by chunk."""

    async def scenario(client: Any) -> list[bytes]:
        async with client.stream("GET", "/") as response:
            return [chunk async for chunk in response.aiter_raw()]

    assert run(backend_name, scenario) == [b"runs on ", b"toy"]


def test_a_websocket_echoes(run: Run) -> None:
    """There and back."""

    async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        message = await receive()
        await send({"type": "websocket.send", "text": message["text"]})
        await receive()

    async def scenario(client: Any) -> str:
        async with client.websocket_connect("/") as websocket:
            await websocket.send_text("hello")
            text: str = await websocket.receive_text()
            return text

    assert run(Listener(websocket=echo), scenario) == "hello"


@pytest.mark.usefixtures("no_hang")
def test_a_deadlock_is_proven(run: Run) -> None:
    """With the line at which the app stands."""

    async def stuck(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await anyio.Event().wait()

    async def scenario(client: Any) -> None:
        await client.get("/")

    with pytest.raises(Deadlock) as caught:
        run(stuck, scenario)
    diagnosis = caught.value.diagnosis
    assert (diagnosis.waits_for, diagnosis.tasks, [*diagnosis.outside]) == (
        "the app to finish GET /",
        [f"GET /, stands at {line(stuck, 'wait()')}"],
        [],
    )


@pytest.mark.usefixtures("row")
def test_the_async_driver_knows_its_name() -> None:
    """As it does that of the others."""

    async def look() -> str:
        return repr(AsyncDriver())

    with asyncio.Runner(loop_factory=ToyLoop) as runner:
        assert (runner.run(look()), asyncio.run(look())) == ("<AsyncDriver on toy>", "<AsyncDriver on asyncio>")


def test_without_its_row_it_does_not_exist() -> None:
    """The row is the one thing that the package has to be told."""
    with pytest.raises(UnknownOption, match=r"^backend='toy' does not exist; known are 'asyncio', 'trio'\.$"):
        TestClient(backend_name, backend="toy")  # type: ignore[arg-type]
