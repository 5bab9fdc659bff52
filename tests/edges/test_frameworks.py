"""Real applications of each framework, on each driver."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from fastapi import FastAPI, Request, WebSocket

from asgi_lockstep import TestClient
from django_settings import django_settings
from matrix import Driver


def fastapi_app() -> Any:
    """FastAPI, with a sync endpoint, a lifespan and a websocket."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        yield {"name": "fastapi"}

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    def index(request: Request) -> dict[str, str]:
        return {"from": request.state.name}

    @app.websocket("/ws")
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())
        await socket.close()

    return app


def litestar_app() -> Any:
    """Litestar."""
    from litestar import Litestar, get, websocket

    @get("/", sync_to_thread=False)
    def index() -> dict[str, str]:
        return {"from": "litestar"}

    @websocket("/ws")
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())
        await socket.close()

    return Litestar([index, echo])


def quart_app() -> Any:
    """Quart, which is for asyncio only."""
    from quart import Quart, websocket

    app = Quart(__name__)

    @app.get("/")
    async def index() -> dict[str, str]:
        return {"from": "quart"}

    @app.websocket("/ws")
    async def echo() -> None:
        await websocket.accept()
        await websocket.send(await websocket.receive())
        await websocket.close(1000)

    return app


FRAMEWORKS = {"fastapi": fastapi_app, "litestar": litestar_app, "quart": quart_app}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_requests_and_websockets(driver: Driver, name: str) -> None:
    """A request and a websocket, within the lifespan."""
    if name == "quart" and driver.backend == "trio":
        pytest.skip("Quart runs on asyncio only")
    with driver.client(FRAMEWORKS[name]()) as client:
        assert client.get("/").json() == {"from": name}
        with client.websocket_connect("/ws") as session:
            session.send_text("hi")
            assert session.receive_text() == "hi"


def test_django(driver: Driver) -> None:
    """Django knows no lifespan and raises; servers go on without, and so do we."""
    if driver.backend == "trio":
        pytest.skip("Django runs on asyncio only")
    with django_app() as app, driver.client(app) as client:
        assert client.get("/").json() == {"from": "django"}


def test_django_stands_what_varies() -> None:
    """With each seed; the others are in test_varied_frameworks.py."""
    with django_app() as app:
        for seed in range(40):
            assert TestClient(app, vary=seed, lifespan="off").get("/").json() == {"from": "django"}


@contextmanager
def django_app() -> Iterator[Any]:
    """Django, with an async view."""
    from django.core.asgi import get_asgi_application
    from django.http import HttpRequest, JsonResponse
    from django.urls import path

    async def index(request: HttpRequest) -> JsonResponse:
        return JsonResponse({"from": "django"})

    class Urls:
        urlpatterns = (path("", index),)

    with django_settings(ROOT_URLCONF=Urls, MIDDLEWARE=()):
        yield get_asgi_application()
