"""The iterator of an async upload is closed with its request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from asgi_lockstep import AsyncTestClient
from asgi_lockstep._types import Receive, Scope, Send
from helpers import hello


async def test_an_async_generator_is_closed_with_its_request(anyio_backend: Any) -> None:
    """Its `finally` has run when the answer is there, as httpx2's `AsyncIteratorByteStream` provides for."""
    events: list[str] = []

    async def pieces() -> AsyncIterator[bytes]:
        try:
            yield b"a"
            yield b"b"
        finally:
            events.append("closed")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await hello(scope, receive, send)

    async with AsyncTestClient(app, lifespan="off") as client:
        await client.post("/", content=pieces())
        assert events == ["closed"]


async def test_a_form_leaves_no_iterator_behind(anyio_backend: Any) -> None:
    """On trio, `-W error` makes a ResourceWarning of httpx2's `MultipartStream.__aiter__`, left to the collector."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await hello(scope, receive, send)

    async with AsyncTestClient(app, lifespan="off") as client:
        await client.post("/", files={"file": b"x"})
