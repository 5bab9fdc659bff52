"""Websockets that are refused with a response."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from asgi_lockstep import WebSocketDenialResponse
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener
from matrix import Driver
from websocket_apps import denial, gone


def test_a_denial_response_arrives_whole(driver: Driver) -> None:
    """Status, all headers and all pieces of the body, whatever the app awaits in between."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        headers = [(b"content-type", b"text/plain"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
        await send({"type": "websocket.http.response.start", "status": 429, "headers": headers})
        for data in (b"come ", b"", bytearray(b"back "), memoryview(b"later"), b"\x00\xff"):
            await send(denial(data, more=True))
            await anyio.lowlevel.checkpoint()
        await send(denial())
        app.events.append(await receive())

    app = Listener(websocket=websocket)
    with pytest.raises(WebSocketDenialResponse) as caught, driver.client(app).websocket_connect("/"):
        pytest.fail("the block must not be entered")
    assert caught.value.status_code == 429
    assert caught.value.content == b"come back later\x00\xff"
    assert caught.value.headers["content-type"] == "text/plain"
    assert caught.value.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert app.events == [gone(1006)]


def test_a_mutable_piece_of_a_denial_response_may_be_used_again(driver: Driver) -> None:
    """The client has its own copy as soon as `send()` has returned."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.http.response.start", "status": 403})
        buffer = bytearray(b"one")
        await send(denial(buffer, more=True))
        buffer[:] = b"two"
        await send(denial(buffer))

    with pytest.raises(WebSocketDenialResponse) as caught, driver.client(websocket).websocket_connect("/"):
        pytest.fail("the block must not be entered")
    assert caught.value.content == b"onetwo"


def test_a_denial_response_that_starlette_streams(driver: Driver) -> None:
    """`send_denial_response()` takes any response."""

    async def refuse(websocket: WebSocket) -> None:
        content = iter(["not ", "you, ", "sorry"])
        await websocket.send_denial_response(StreamingResponse(content, 401, {"x-why": "token"}))

    client = driver.client(Starlette(routes=[WebSocketRoute("/", refuse)]))
    with pytest.raises(WebSocketDenialResponse) as caught, client.websocket_connect("/"):
        pytest.fail("the block must not be entered")
    denied = caught.value
    assert (denied.status_code, denied.headers["x-why"], denied.content) == (401, "token", b"not you, sorry")
