"""Apps of frameworks for live servers; see `live_apps`, which a child process imports faster."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from live_apps import NotStarted


@asynccontextmanager
async def _no_database(app: Starlette) -> AsyncIterator[None]:
    raise NotStarted("no database")
    yield


starlette_starts_not = Starlette(lifespan=_no_database)


@asynccontextmanager
async def _fails_at_the_end(app: Starlette) -> AsyncIterator[None]:
    yield
    raise ValueError("cannot stop")


starlette_stops_not = Starlette(lifespan=_fails_at_the_end)


async def _hello(request: Request) -> Response:
    return PlainTextResponse(f"Hello, {request.path_params['name']}!")


async def _state(request: Request) -> Response:
    return JSONResponse({"database": request.state.database, "cookie": request.cookies.get("user")})


async def _fails(request: Request) -> Response:
    raise ValueError("no /fails")


async def _fails_behind() -> None:
    raise ValueError("behind the response")


async def _background(request: Request) -> Response:
    return PlainTextResponse("done", background=BackgroundTask(_fails_behind))


async def _redirects(request: Request) -> Response:
    response = Response(status_code=303, headers={"location": "/hello/you"})
    response.set_cookie("user", "me")
    return response


async def _stream(request: Request) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        for number in range(3):
            yield b"%d" % number

    return StreamingResponse(chunks())


async def _echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


@asynccontextmanager
async def _with_database(app: Starlette) -> AsyncIterator[dict[str, Any]]:
    yield {"database": "open"}


starlette = Starlette(
    routes=[
        Route("/hello/{name}", _hello),
        Route("/state", _state),
        Route("/fails", _fails),
        Route("/background", _background),
        Route("/redirects", _redirects),
        Route("/stream", _stream),
        WebSocketRoute("/echo", _echo),
    ],
    lifespan=_with_database,
)

fastapi = FastAPI()


@fastapi.get("/items/{number}")
def item(number: int) -> dict[str, int]:
    """An endpoint that runs in a worker thread."""
    return {"number": number}
