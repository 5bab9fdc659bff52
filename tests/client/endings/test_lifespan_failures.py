"""What a lifespan raises, or says instead, reaches the test as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from asgi_lockstep import LifespanFailed
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, hello
from matrix import Driver


def only_lifespan(script: Callable[[Scope, Receive, Send], Any]) -> Listener:
    """An app with this lifespan, that answers requests."""
    return Listener(http=hello, lifespan=script)


def the_exceptions_of(app: Any, driver: Driver) -> list[BaseException]:
    """What entering and leaving a client of `app` raises."""
    try:
        with driver.client(app) as client:
            client.get("/")
    except BaseException as exc:
        return [exc]
    return []


@pytest.mark.client_decides
@pytest.mark.parametrize("phase", ["startup", "shutdown"])
def test_what_the_app_raises_after_it_has_said_that_it_failed_is_raised_itself(driver: Driver, phase: str) -> None:
    """Starlette's router sends the traceback, and lets the exception go on: with its class, its fields, its group."""
    failures = [
        OSError(2, "No such file", "/nope"),
        ExceptionGroup("two", [ValueError(1), KeyError(2)]),
        KeyError("url"),
    ]
    seen: list[BaseException] = []
    for failure in failures:

        async def script(scope: Scope, receive: Receive, send: Send, failure: Exception = failure) -> None:
            await receive()
            if phase == "shutdown":
                await send({"type": "lifespan.startup.complete"})
                await receive()
            await send({"type": f"lifespan.{phase}.failed", "message": "a traceback"})
            raise failure

        seen += the_exceptions_of(only_lifespan(script), driver)
    assert [one is other for one, other in zip(seen, failures, strict=True)] == [True, True, True]
    assert [getattr(failure, "__notes__", []) for failure in failures] == [[], [], []]


@pytest.mark.parametrize("says_so", [True, False], ids=["says so", "says nothing"])
def test_a_task_of_the_lifespan_that_dies_while_requests_are_served(driver: Driver, says_so: bool) -> None:
    """Its exception is raised by leaving, and is no violation: servers take a `shutdown.failed` that comes early."""
    died = RuntimeError("worker died")

    async def script(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        if says_so:
            await send({"type": "lifespan.shutdown.failed", "message": "a traceback"})
        raise died

    with pytest.raises(RuntimeError) as caught, driver.client(only_lifespan(script)) as client:
        assert client.get("/").text == "GET /"
    assert caught.value is died


def test_a_lifespan_that_fails_in_words_while_requests_are_served(driver: Driver) -> None:
    """`shutdown.failed` before the shutdown, and no exception: the words are raised by leaving."""

    async def script(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.failed", "message": "worker died"})

    with (
        pytest.raises(LifespanFailed, match=r"^lifespan shutdown failed: worker died$"),
        driver.client(only_lifespan(script)) as client,
    ):
        assert client.get("/").text == "GET /"


def test_a_framework_raises_what_its_lifespan_raised(driver: Driver) -> None:
    """A worker in the task group of a Starlette app dies during a request: the group of the task group, by leaving."""

    async def worker() -> None:
        raise RuntimeError("worker died")

    @asynccontextmanager
    async def run(_: Starlette) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(worker)
            yield

    async def home(request: Request) -> PlainTextResponse:
        return PlainTextResponse("hi")

    app = Starlette(routes=[Route("/", home)], lifespan=run)
    (failure,) = the_exceptions_of(app, driver)
    assert isinstance(failure, ExceptionGroup)
    assert repr(failure.exceptions) == "(RuntimeError('worker died'),)"
