"""What `bench.py` measures: the apps, the cases, and how each test client does them.

A candidate has a method per operation that it can do. Each is done with a *subject*: an entered client, one that was
not entered, or an open websocket session. Getting the subject ready is not measured.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from importlib.util import find_spec
from itertools import repeat
from typing import Any

import async_asgi_testclient
import falcon
import falcon.asgi
import falcon.testing
import httpx2
import starlette.testclient

import asgi_lockstep

BASE_URL = "http://testserver"
CHUNK = b"x" * 100
GREETING = b"Hello, world!"
PLAIN = [(b"content-type", b"text/plain")]

#: 1 MB, made once: what is measured is the way of the bytes, not json.dumps().
JSON_BODY = json.dumps(["x" * 96] * 10_000).encode()
JSON_HEADERS = {"content-type": "application/json"}


# The apps.


async def app(scope: Any, receive: Any, send: Any) -> None:
    """The app of every candidate but Falcon's and the floor."""
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
        await send({"type": "http.response.start", "status": 200, "headers": PLAIN})
        answer = GREETING
        if scope["method"] == "POST":
            answer = await _length(receive)
        elif scope["path"] != "/":
            for _ in range(int(scope["path"].rpartition("/")[2])):
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


class _FalconResource:
    async def on_get(self, req: Any, resp: Any, chunks: int = 0) -> None:
        resp.content_type = "text/plain"
        if chunks:
            resp.stream = _pieces(chunks)
        else:
            resp.data = GREETING

    async def on_post(self, req: Any, resp: Any) -> None:
        resp.content_type = "text/plain"
        resp.data = str(len(await req.stream.read())).encode()

    async def on_websocket(self, req: Any, ws: Any) -> None:
        await ws.accept()
        with contextlib.suppress(falcon.WebSocketDisconnected):
            while True:
                await ws.send_text(await ws.receive_text())


async def _pieces(chunks: int) -> AsyncIterator[bytes]:
    for _ in range(chunks):
        yield CHUNK


def _falcon_app() -> Any:
    falcon_app: Any = falcon.asgi.App()
    falcon_app.add_route("/", _FalconResource())
    falcon_app.add_route("/stream/{chunks:int}", _FalconResource())
    return falcon_app


def _floor(request: httpx2.Request) -> httpx2.Response:
    if request.url.path != "/":
        return httpx2.Response(200, headers=PLAIN, content=repeat(CHUNK, int(request.url.path.rpartition("/")[2])))
    answer = str(len(request.read())).encode() if request.method == "POST" else GREETING
    return httpx2.Response(200, headers=PLAIN, content=answer)


# The candidates.


class Candidate:
    """One column: its label, and how a client of it is made."""

    def __init__(self, label: str, make: Callable[[], Any], chunks: int) -> None:
        self.label = label
        self.make = make
        self.stream_url = f"/stream/{chunks}"
        self.stream_size = chunks * len(CHUNK)


class SyncHTTP(Candidate):
    """A sync client with httpx2's interface."""

    @contextlib.contextmanager
    def ready(self, subject: str) -> Iterator[Any]:
        """The subject of an operation."""
        if subject == "none":
            yield None
            return
        client = self.make()
        with contextlib.closing(client) if subject == "not entered" else client:
            if subject != "session":
                yield client
                return
            with client.websocket_connect("/") as session:
                yield session

    def get(self, client: Any) -> Any:
        return client.get("/")

    def post(self, client: Any) -> Any:
        return client.post("/", content=JSON_BODY, headers=JSON_HEADERS)

    def enter_and_get(self, _: None) -> Any:
        with self.make() as client:
            return client.get("/")

    def stream(self, client: Any) -> tuple[int, int]:
        with client.stream("GET", self.stream_url) as response:
            sizes = [len(piece) for piece in response.iter_bytes()]
        return len(sizes), sum(sizes)


class SyncClient(SyncHTTP):
    """One with websockets."""

    def round_trip(self, session: Any) -> Any:
        session.send_text("hi")
        return session.receive_text()

    def connect(self, client: Any) -> None:
        with client.websocket_connect("/"):
            pass


class AsyncHTTP(Candidate):
    """An async client with httpx2's interface, or one that is near enough."""

    #: What the client calls a request body that is given as bytes.
    content = "content"

    @contextlib.asynccontextmanager
    async def ready(self, subject: str) -> AsyncIterator[Any]:
        """The subject of an operation."""
        if subject == "none":
            yield None
            return
        client = self.make()
        if subject == "not entered":
            yield client
            if hasattr(client, "aclose"):
                await client.aclose()
            return
        async with client:
            if subject != "session":
                yield client
                return
            async with self.open(client) as session:
                yield session

    def open(self, client: Any) -> Any:
        return client.websocket_connect("/")

    async def get(self, client: Any) -> Any:
        return await client.get("/")

    async def post(self, client: Any) -> Any:
        return await client.post("/", headers=JSON_HEADERS, **{self.content: JSON_BODY})

    async def enter_and_get(self, _: None) -> Any:
        async with self.make() as client:
            return await client.get("/")

    async def stream(self, client: Any) -> tuple[int, int]:
        async with client.stream("GET", self.stream_url) as response:
            sizes = [len(piece) async for piece in response.aiter_bytes()]
        return len(sizes), sum(sizes)


class AsyncClient(AsyncHTTP):
    """One with websockets."""

    async def round_trip(self, session: Any) -> Any:
        await session.send_text("hi")
        return await session.receive_text()

    async def connect(self, client: Any) -> None:
        async with self.open(client):
            pass


class AsyncASGITestClient(AsyncClient):
    """async-asgi-testclient; leaving a websocket there does not wait for the app."""

    content = "data"

    async def stream(self, client: Any) -> tuple[int, int]:
        response = await client.get(self.stream_url, stream=True)
        sizes = [len(piece) async for piece in response.iter_content(1024)]
        return len(sizes), sum(sizes)


class FalconConductor(AsyncClient):
    """Falcon's `ASGIConductor`."""

    content = "body"

    def open(self, client: Any) -> Any:
        return client.simulate_ws("/")

    async def stream(self, client: Any) -> tuple[int, int]:
        pieces = size = 0
        async with client.simulate_get_stream(self.stream_url) as result:
            while size < self.stream_size:  # a read gives what was sent since the last one, or b""
                piece = await result.stream.read()
                pieces += bool(piece)
                size += len(piece)
        return pieces, size


#: The labels that the targets and ratios are about.
OURS = ("ours", "ours trio", "ours uvloop", "ours async")
STARLETTE = "starlette"
FLOOR = "floor"


ASGI = httpx2.ASGITransport(app=app)
MOCK = httpx2.MockTransport(_floor)
UVLOOP = {"use_uvloop": True}


def candidates(chunks: int) -> list[Candidate]:
    """Every client that is measured, ours first."""
    ours, ours_async = asgi_lockstep.TestClient, asgi_lockstep.AsyncTestClient
    falcon_app = _falcon_app()
    return [
        SyncClient("ours", lambda: ours(app), chunks),
        SyncClient("ours trio", lambda: ours(app, backend="trio"), chunks),
        *(
            [SyncClient("ours uvloop", lambda: ours(app, backend_options=UVLOOP), chunks)]
            if find_spec("uvloop")
            else []
        ),
        AsyncClient("ours async", lambda: ours_async(app=app, base_url=BASE_URL), chunks),
        SyncClient(STARLETTE, lambda: starlette.testclient.TestClient(app), chunks),
        AsyncHTTP("httpx2 ASGI", lambda: httpx2.AsyncClient(transport=ASGI, base_url=BASE_URL), chunks),
        AsyncASGITestClient("async-asgi", lambda: async_asgi_testclient.TestClient(app), chunks),
        FalconConductor("falcon", lambda: falcon.testing.ASGIConductor(falcon_app), chunks),
        SyncHTTP(FLOOR, lambda: httpx2.Client(transport=MOCK, base_url=BASE_URL), chunks),
    ]
