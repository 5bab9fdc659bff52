"""Requests on loops that run already."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from asgi_lockstep._protocol.http_exchange import HTTPExchange

BACKENDS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "asyncio": ("asyncio", {}),
    "uvloop": ("asyncio", {"use_uvloop": True}),
    "trio": ("trio", {}),
}

Run = Callable[[Callable[[], Awaitable[None]]], None]


def exchange_for(data: bytes | None = b"", *, collect: bool = True) -> HTTPExchange:
    """A request for `/`."""
    scope = {"type": "http", "method": "GET", "path": "/", "asgi": {"version": "3.0", "spec_version": "2.3"}}
    return HTTPExchange(scope, data, collect=collect)
