"""What Starlette and FastAPI do about a client that goes away in the middle of a response."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

import anyio
import pytest
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from matrix import Driver

Endpoint = Callable[[Request], Awaitable[Response]]


class PassOn(BaseHTTPMiddleware):
    """Changes nothing, and puts its queue between the app and the client."""

    async def dispatch(self, request: Request, call_next: Any) -> Any:
        return await call_next(request)


versions = pytest.mark.parametrize("version", ["2.3", "2.4"])
middleware = pytest.mark.parametrize("middleware", [[], [Middleware(PassOn)]], ids=["plain", "middleware"])


def starlette_app(endpoint: Endpoint, middleware: list[Middleware]) -> Starlette:
    """Starlette with one endpoint."""
    return Starlette(routes=[Route("/", endpoint, methods=["GET", "POST"])], middleware=middleware)


def streams(content: Callable[[], AsyncIterator[bytes]], middleware: list[Middleware]) -> Starlette:
    """Starlette that streams what `content` makes."""

    async def endpoint(request: Request) -> StreamingResponse:
        return StreamingResponse(content())

    return starlette_app(endpoint, middleware)


def leave(client: Any, version: str, *, reads: bool = True) -> None:
    """Take one chunk of a stream or none, and go away."""
    with client.stream("GET", "/", extensions={"asgi": {"spec_version": version}}) as response:
        if reads:
            chunks = response.iter_raw()
            assert next(chunks) == b"tick"


async def tick_and_wait(events: list[str]) -> AsyncIterator[bytes]:
    """One chunk, and then a wait for what never comes."""
    try:
        yield b"tick"
        await anyio.sleep_forever()
    except anyio.get_cancelled_exc_class():
        events.append("cancelled")
        raise
    finally:
        events.append("finally")


@versions
@middleware
def test_a_generator_that_waits_is_cancelled(driver: Driver, version: str, middleware: list[Middleware]) -> None:
    """By Starlette up to 2.3, by us from 2.4 on; its `finally` has run when the block is left."""
    events: list[str] = []
    leave(driver.client(streams(lambda: tick_and_wait(events), middleware)), version)
    assert events == ["cancelled", "finally"]


# Starlette leaves the generator to the garbage collector; trio warns of that.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <async_generator:pytest.PytestUnraisableExceptionWarning")
@versions
@middleware
@pytest.mark.usefixtures("only_new_garbage")
def test_a_generator_between_two_chunks_is_closed(driver: Driver, version: str, middleware: list[Middleware]) -> None:
    """Its `finally` runs with a GeneratorExit: once it is collected, and at the latest when its loop is closed."""
    events: list[str] = []

    async def ticks() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"tick"
        except GeneratorExit:
            events.append("closed")
            raise
        finally:
            events.append("finally")

    client = driver.client(streams(ticks, middleware))
    leave(client, version, reads=False)
    gc.collect()
    client.settle() if driver.is_async else client.close()
    assert events == ["closed", "finally"]


EVENTS: list[str] = []


async def session() -> AsyncIterator[str]:
    """A dependency with a clean-up."""
    EVENTS.append("opened")
    try:
        yield "session"
    finally:
        EVENTS.append("closed")


async def download(session: Annotated[str, Depends(session)]) -> StreamingResponse:
    """Streams for as long as somebody reads."""
    return StreamingResponse(tick_and_wait(EVENTS))


@versions
@middleware
def test_a_dependency_is_cleaned_up(driver: Driver, version: str, middleware: list[Middleware]) -> None:
    """FastAPI runs what follows its `yield` after the generator has ended, and before the block is left."""
    EVENTS.clear()
    app = FastAPI(middleware=middleware)
    app.get("/")(download)
    leave(driver.client(app), version)
    assert EVENTS == ["opened", "cancelled", "finally", "closed"]


def test_a_client_that_reads_is_not_disconnected(driver: Driver) -> None:
    """`is_disconnected()` is False between chunks, and takes nothing away from the request or the response."""
    answers: list[bool] = []

    async def endpoint(request: Request) -> StreamingResponse:
        async def content() -> AsyncIterator[bytes]:
            for _ in range(3):
                answers.append(await request.is_disconnected())
                yield b"tick"

        assert await request.body() == b"question"
        return StreamingResponse(content())

    client = driver.client(starlette_app(endpoint, []))
    assert client.post("/", content=b"question").content == b"tick" * 3
    assert answers == [False] * 3


def test_a_client_that_has_everything_is_disconnected(driver: Driver) -> None:
    """`is_disconnected()` is True in the background of a response (www.rst, Disconnect)."""
    answers: list[bool] = []

    async def endpoint(request: Request) -> Response:
        async def afterwards() -> None:
            answers.append(await request.is_disconnected())

        await request.body()
        answers.append(await request.is_disconnected())
        return Response("done", background=BackgroundTask(afterwards))

    assert driver.client(starlette_app(endpoint, [])).get("/").text == "done"
    assert answers == [False, True]
