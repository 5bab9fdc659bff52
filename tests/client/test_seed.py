"""The examples of the user's document, with only the import changed, on each loop that it names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from asgi_lockstep import AsyncTestClient, TestClient

BACKENDS: dict[str, dict[str, Any]] = {
    "asyncio": {},
    "uvloop": {"backend_options": {"use_uvloop": True}},
    "trio": {"backend": "trio"},
}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The arguments that choose asyncio, uvloop or trio."""
    return BACKENDS[request.param]


async def html_app(scope: Scope, receive: Receive, send: Send) -> None:
    """The first example's application."""
    assert scope["type"] == "http"
    response = HTMLResponse("<html><body>Hello, world!</body></html>")
    await response(scope, receive, send)


def test_app(backend: dict[str, Any]) -> None:
    """A request is a plain function call."""
    client = TestClient(html_app, **backend)
    response = client.get("/")
    assert response.status_code == 200
    assert response.text == "<html><body>Hello, world!</body></html>"


async def show_authorization(request: Request) -> PlainTextResponse:
    """Answers with the header."""
    return PlainTextResponse(request.headers.get("authorization", "none"))


def test_headers(backend: dict[str, Any]) -> None:
    """For future requests, and for one."""
    client = TestClient(Starlette(routes=[Route("/", show_authorization)]), **backend)
    client.headers = {"Authorization": "every"}
    assert client.get("/").text == "every"
    assert client.get("/", headers={"Authorization": "once"}).text == "once"
    assert client.get("/").text == "every"


async def show_files(request: Request) -> JSONResponse:
    """Answers with what was uploaded."""
    async with request.form() as form:
        return JSONResponse({name: [f.filename, (await f.read()).decode()] for name, f in form.items()})  # type: ignore[union-attr]


def test_one_file(backend: dict[str, Any], tmp_path: Path) -> None:
    """An open file is uploaded."""
    (tmp_path / "example.txt").write_text("text")
    client = TestClient(Starlette(routes=[Route("/form", show_files, methods=["POST"])]), **backend)
    with (tmp_path / "example.txt").open("rb") as f:
        response = client.post("/form", files={"file": f})
    assert response.json() == {"file": ["example.txt", "text"]}


def test_several_files(backend: dict[str, Any], tmp_path: Path) -> None:
    """Open files, with and without a name and a type of their own."""
    (tmp_path / "example.txt").write_text("text")
    (tmp_path / "example.png").write_text("image")
    client = TestClient(Starlette(routes=[Route("/form", show_files, methods=["POST"])]), **backend)
    with (tmp_path / "example.txt").open("rb") as f1, (tmp_path / "example.png").open("rb") as f2:
        files: dict[str, Any] = {"file1": f1, "file2": ("filename", f2, "image/png")}
        response = client.post("/form", files=files)
    assert response.json() == {"file1": ["example.txt", "text"], "file2": ["filename", "image"]}


async def broken(request: Request) -> PlainTextResponse:
    """Fails."""
    raise ValueError("broken")


def test_exceptions_are_raised(backend: dict[str, Any]) -> None:
    """By default, whatever happens in the app happens in the test."""
    client = TestClient(Starlette(routes=[Route("/", broken)]), **backend)
    with pytest.raises(ValueError, match="broken"):
        client.get("/")


def test_the_content_of_a_500(backend: dict[str, Any]) -> None:
    """With `raise_server_exceptions=False` the error page is the response."""
    client = TestClient(Starlette(routes=[Route("/", broken)]), raise_server_exceptions=False, **backend)
    response = client.get("/")
    assert (response.status_code, response.text) == (500, "Internal Server Error")


def test_lifespan(backend: dict[str, Any]) -> None:
    """It runs in the `with` block, and not when the client is made."""
    events: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        events.append("startup")
        yield
        events.append("shutdown")

    client = TestClient(Starlette(lifespan=lifespan), **backend)
    assert events == []
    with client:
        assert events == ["startup"]
    assert events == ["startup", "shutdown"]


async def websocket_app(scope: Scope, receive: Receive, send: Send) -> None:
    """The websocket example's application."""
    assert scope["type"] == "websocket"
    websocket = WebSocket(scope, receive=receive, send=send)
    await websocket.accept()
    await websocket.send_text("Hello, world!")
    await websocket.close()


def test_websocket(backend: dict[str, Any]) -> None:
    """A session receives what the app sends, and its close."""
    client = TestClient(websocket_app, **backend)
    with client.websocket_connect("/") as websocket:
        data = websocket.receive_text()
        assert data == "Hello, world!"
        with pytest.raises(WebSocketDisconnect):
            websocket.receive_text()


def test_websocket_auth_and_query(backend: dict[str, Any]) -> None:
    """The handshake takes the options of a request; the query may stand in the URL."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive=receive, send=send)
        await websocket.accept()
        await websocket.send_json([websocket.headers["authorization"], websocket.query_params["foo"]])
        await websocket.close()

    client = TestClient(app, **backend)
    with client.websocket_connect("/path?foo=bar", auth=("user", "pass")) as websocket:
        assert websocket.receive_json() == ["Basic dXNlcjpwYXNz", "bar"]


def test_websocket_that_is_refused(backend: dict[str, Any]) -> None:
    """Starlette's own exception catches it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await WebSocket(scope, receive=receive, send=send).close(code=4001)

    with pytest.raises(WebSocketDisconnect), TestClient(app, **backend).websocket_connect("/"):
        pytest.fail("the block must not be entered")


def test_websocket_methods(backend: dict[str, Any]) -> None:
    """Each method of the document's two lists."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive=receive, send=send)
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.send_bytes(await websocket.receive_bytes())
        await websocket.send_json(await websocket.receive_json())
        await websocket.send_json(await websocket.receive_json(mode="binary"), mode="binary")
        with pytest.raises(WebSocketDisconnect, match="1000"):
            await websocket.receive_text()

    with TestClient(app, **backend).websocket_connect("/") as websocket:
        websocket.send_text("a")
        websocket.send_bytes(b"b")
        websocket.send_json({"c": 1})
        websocket.send_json({"d": 1}, mode="binary")
        assert websocket.receive_text() == "a"
        assert websocket.receive_bytes() == b"b"
        assert websocket.receive_json() == {"c": 1}
        assert websocket.receive_json(mode="binary") == {"d": 1}
        websocket.close(code=1000)


def hello(request: Request) -> PlainTextResponse:
    """The last example's endpoint, which is sync."""
    return PlainTextResponse("Hello World!")


@pytest.mark.anyio
async def test_async_app() -> None:
    """The async client shares the loop of the test, and what lives on it."""
    app = Starlette(routes=[Route("/", hello)])
    async with AsyncTestClient(app=app, base_url="http://testserver") as client:
        r = await client.get("/")
        assert r.status_code == 200
        assert r.text == "Hello World!"


@pytest.mark.anyio
async def test_resources_of_the_test_work_in_the_app() -> None:
    """What the document calls difficult with a client that has a loop of its own."""
    event = anyio.Event()

    async def wait(request: Request) -> PlainTextResponse:
        await event.wait()
        return PlainTextResponse("done")

    async with AsyncTestClient(Starlette(routes=[Route("/", wait)])) as client, anyio.create_task_group() as group:
        group.start_soon(_set_soon, event)
        assert (await client.get("/")).text == "done"


async def _set_soon(event: anyio.Event) -> None:
    await anyio.lowlevel.checkpoint()
    event.set()
