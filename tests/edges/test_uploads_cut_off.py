"""What Starlette and FastAPI do about a client that goes away in the middle of its upload."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, UploadFile
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from asgi_lockstep import RequestCutOff
from matrix import Driver


class PassOn(BaseHTTPMiddleware):
    """Changes nothing, and puts its queue between the app and the client."""

    async def dispatch(self, request: Request, call_next: Any) -> Any:
        return await call_next(request)


middleware = pytest.mark.parametrize("middleware", [[], [Middleware(PassOn)]], ids=["plain", "middleware"])
raising = pytest.mark.parametrize("raise_server_exceptions", [True, False], ids=["raises", "answers"])


def starlette_app(endpoint: Callable[[Request], Awaitable[Response]], middleware: list[Middleware]) -> Starlette:
    """Starlette with one endpoint."""
    return Starlette(routes=[Route("/", endpoint, methods=["POST"])], middleware=middleware)


def cut_off(client: Any, count: int, **body: Any) -> Any:
    """Send a body, and go away after so many bytes."""
    return client.post("/", extensions={"asgi": {"disconnect_after": {"upload": count}}}, **body)


@raising
@middleware
def test_reading_a_body_that_is_cut_off(
    driver: Driver, middleware: list[Middleware], raise_server_exceptions: bool
) -> None:
    """`request.body()` raises `ClientDisconnect`; the test gets it, or what a real client has of it."""
    events: list[str] = []

    async def upload(request: Request) -> Response:
        try:
            await request.body()
        except ClientDisconnect:
            events.append("disconnect")
            raise
        raise AssertionError("half a body was taken for a whole one")

    app = starlette_app(upload, middleware)
    client = driver.client(app, raise_server_exceptions=raise_server_exceptions)
    with pytest.raises(ClientDisconnect if raise_server_exceptions else RequestCutOff):
        cut_off(client, 4, content=b"0123456789")
    assert events == ["disconnect"]


@middleware
def test_a_body_that_is_cut_off_is_read_as_far_as_it_came(driver: Driver, middleware: list[Middleware]) -> None:
    """`request.stream()` yields what was sent, and raises `ClientDisconnect` after it."""
    received: list[bytes] = []

    async def upload(request: Request) -> Response:
        try:
            async for piece in request.stream():
                received.append(piece)  # noqa: PERF401 - the loop is left by an exception
        except ClientDisconnect:
            received.append(b"disconnect")
        return Response()

    with pytest.raises(RequestCutOff):
        cut_off(driver.client(starlette_app(upload, middleware)), 4, content=b"0123456789")
    assert received == [b"0123", b"disconnect"]


@raising
@middleware
def test_a_file_that_is_cut_off(driver: Driver, middleware: list[Middleware], raise_server_exceptions: bool) -> None:
    """FastAPI does not call the endpoint with half an `UploadFile`, and its 400 reaches nobody."""
    called: list[str | None] = []

    async def upload(file: UploadFile) -> None:
        called.append(file.filename)

    app = FastAPI(middleware=middleware)
    app.post("/")(upload)
    client = driver.client(app, raise_server_exceptions=raise_server_exceptions)
    form = httpx2.Request("POST", "http://testserver/", files={"file": ("film.bin", b"0" * 1000)})
    with pytest.raises(RequestCutOff):
        cut_off(client, 400, content=form.read(), headers=form.headers)
    assert called == []
    assert client.post("/", content=form.read(), headers=form.headers).status_code == 200
    assert called == ["film.bin"]
