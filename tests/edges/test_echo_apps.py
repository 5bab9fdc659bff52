"""The echo app of every tutorial, which reads on when its client has gone, and what frameworks raise there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import litestar
import pytest
import starlette.testclient
from blacksheep.server.application import Application
from blacksheep.server.websocket import WebSocket as WebSocketOfBlackSheep
from fastapi import FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket as WebSocketOfStarlette
from starlette.websockets import WebSocketDisconnect

import asgi_lockstep.starlette
from asgi_lockstep import TestClient
from asgi_lockstep.live import LiveServer
from matrix import Driver

ADVICE = (
    "The client of WEBSOCKET /chat has gone (code 1000): with WebSocketDisconnect the app's framework says so to "
    "whoever reads on, and servers log it as an error. If the client may go here, let the app end: "
    "`except WebSocketDisconnect: pass`, or `async for ... in websocket.iter_text()`, which ends."
)


async def echo(websocket: Any) -> None:
    """As tutorials have it."""
    await websocket.accept()
    while True:
        await websocket.send_text(await websocket.receive_text())


async def echo_that_catches(websocket: WebSocketOfStarlette) -> None:
    """The first piece of advice."""
    with suppress(WebSocketDisconnect):
        await echo(websocket)


async def echo_that_iterates(websocket: WebSocketOfStarlette) -> None:
    """The second one."""
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


def of_starlette(endpoint: Any) -> Starlette:
    """The endpoint at `/chat`."""
    return Starlette(routes=[WebSocketRoute("/chat", endpoint)])


def of_fastapi() -> FastAPI:
    """The app on FastAPI."""
    app = FastAPI()

    @app.websocket("/chat")
    async def chat(websocket: WebSocket) -> None:
        await echo(websocket)

    return app


def talk(client: Any) -> None:
    """A message there and back; then the block is left."""
    with client.websocket_connect("/chat") as session:
        session.send_text("hi")
        assert session.receive_text() == "hi"


def test_what_the_app_raises_at_the_end_is_raised_and_the_log_says_what_to_write(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    """It is no exception of the test, and no bug of the client; and it is as the app has raised it."""
    with pytest.raises(WebSocketDisconnect) as caught:
        talk(driver.client(of_starlette(echo)))
    assert (caught.value.code, getattr(caught.value, "__notes__", [])) == (1000, [])
    assert [record.getMessage() for record in caplog.records if record.name == "asgi_lockstep"] == [ADVICE]


@pytest.mark.parametrize("endpoint", [echo_that_catches, echo_that_iterates])
def test_what_the_log_says_helps(driver: Driver, endpoint: Any) -> None:
    """Both pieces of advice."""
    talk(driver.client(of_starlette(endpoint)))


@pytest.mark.parametrize("client", [starlette.testclient.TestClient, asgi_lockstep.starlette.TestClient])
@pytest.mark.parametrize("make", [lambda: of_starlette(echo), of_fastapi])
def test_starlettes_client_raises_it_too(client: Any, make: Callable[[], Any]) -> None:
    """Whoever comes from there knows it; so do our client under its name, and apps of FastAPI."""
    with pytest.raises(WebSocketDisconnect) as caught:
        talk(client(make()))
    assert caught.value.code == 1000


def test_a_server_logs_it(caplog: pytest.LogCaptureFixture) -> None:
    """As uvicorn logs each exception of an app."""
    with (
        caplog.at_level(logging.ERROR),
        pytest.raises(WebSocketDisconnect),
        LiveServer(of_starlette(echo)) as live,
    ):
        talk(live.client())
    (record,) = [record for record in caplog.records if record.name == "uvicorn.error"]
    assert record.getMessage() == "Exception in ASGI application\n"
    assert record.exc_info is not None
    assert record.exc_info[0] is WebSocketDisconnect


def of_litestar() -> Any:
    """The app on Litestar."""

    @litestar.websocket("/chat")
    async def chat(socket: litestar.WebSocket[Any, Any, Any]) -> None:
        await echo(socket)

    return litestar.Litestar([chat])


def of_blacksheep() -> Any:
    """The app on BlackSheep."""
    app = Application()

    @app.router.ws("/chat")
    async def chat(websocket: WebSocketOfBlackSheep) -> None:
        await echo(websocket)

    return app


@pytest.mark.parametrize("make", [of_litestar, of_blacksheep])
def test_other_frameworks_swallow_it(make: Callable[[], Any]) -> None:
    """Before it comes to a server."""
    with TestClient(make()) as client:
        talk(client)


def test_nothing_is_said_beside_an_exception_of_the_test(caplog: pytest.LogCaptureFixture) -> None:
    """The client has gone because of that exception."""
    with (
        pytest.raises(ZeroDivisionError) as caught,
        TestClient(of_starlette(echo)).websocket_connect("/chat"),
    ):
        raise ZeroDivisionError
    assert not hasattr(caught.value, "__notes__")
    assert not caplog.records


def test_nothing_is_said_of_another_exception_of_the_app(caplog: pytest.LogCaptureFixture) -> None:
    """It may have its reasons."""

    async def chat(websocket: WebSocketOfStarlette) -> None:
        try:
            await echo(websocket)
        finally:
            raise ValueError("no")

    with pytest.raises(ValueError, match=r"^no$"):
        talk(TestClient(of_starlette(chat)))
    assert not caplog.records
