"""What is tested: a bare ASGI app, one of FastAPI, one of Falcon, and a transport that does nothing."""

from __future__ import annotations

import contextlib
import json
from typing import Annotated, Any

import falcon
import falcon.asgi
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from starlette.middleware.base import BaseHTTPMiddleware

from asgi_lockstep._httpx import httpx

BASE_URL = "http://testserver"
GREETING = b"Hello, world!"
PLAIN = [(b"content-type", b"text/plain")]

#: A stream: so many chunks of a kilobyte.
CHUNKS, CHUNK = 10_000, b"x" * 1000


async def app(scope: Any, receive: Any, send: Any) -> None:
    """A bare ASGI app: greets, tells the length of a body, streams, and echoes over websockets."""
    if scope["type"] == "lifespan":
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
    else:
        answer = await _length(receive) if scope["method"] == "POST" else GREETING
        await send({"type": "http.response.start", "status": 200, "headers": PLAIN})
        if scope["path"] == "/stream":
            for _ in range(CHUNKS):
                await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
            answer = b""
        await send({"type": "http.response.body", "body": answer})


async def _length(receive: Any) -> bytes:
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    return str(size).encode()


# A transport that does nothing.


def _answer(request: httpx.Request) -> httpx.Response:
    content = str(len(request.read())).encode() if request.method == "POST" else GREETING
    return httpx.Response(200, headers=PLAIN, content=content)


MOCK = httpx.MockTransport(_answer)


# FastAPI.


class Item(BaseModel):
    """What is posted."""

    name: str
    price: float
    tags: list[str] = []


async def shop() -> str:
    """What an endpoint depends on."""
    return "shop"


def fastapi_app() -> FastAPI:
    """An app as people write it: a body that is validated, a dependency, and a `def` endpoint."""
    made = FastAPI()

    @made.post("/items")
    async def create(item: Item, name: Annotated[str, Depends(shop)]) -> dict[str, Any]:
        return {"shop": name, "item": item}

    @made.get("/sync")
    def sync() -> dict[str, str]:
        return {"hello": "world"}

    @made.get("/async")
    async def asynchronous() -> dict[str, str]:
        return {"hello": "world"}

    return made


def app_behind_middleware() -> FastAPI:
    """The same behind Starlette's `BaseHTTPMiddleware`."""

    async def passes_on(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    made = fastapi_app()
    made.add_middleware(BaseHTTPMiddleware, dispatch=passes_on)
    return made


ITEM = {"name": "chair", "price": 9.5, "tags": ["wood", "old"]}
CREATED = json.dumps({"shop": "shop", "item": ITEM}, separators=(",", ":")).encode()


# Falcon.


class _Greets:
    async def on_get(self, _: Any, resp: Any) -> None:
        resp.content_type = "text/plain"
        resp.data = GREETING

    async def on_websocket(self, _: Any, ws: Any) -> None:
        await ws.accept()
        with contextlib.suppress(falcon.WebSocketDisconnected):
            while True:
                await ws.send_text(await ws.receive_text())


def falcon_app() -> Any:
    """An app that greets."""
    made: Any = falcon.asgi.App()
    made.add_route("/", _Greets())
    return made
