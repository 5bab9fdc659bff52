"""The application with an empty database, and clients of it: the fixtures of the plugin, as Ada."""

from pathlib import Path
from typing import Any

import pytest
from board.app import create_app, create_lobby
from fastapi import FastAPI

ADA = {"authorization": "Bearer ada"}


@pytest.fixture
def asgi_app(tmp_path: Path) -> FastAPI:
    """The whole board: what `asgi_client` and `async_asgi_client` are clients of."""
    return create_app(tmp_path / "board.db")


@pytest.fixture
def app(asgi_app: FastAPI) -> FastAPI:
    """The same, for tests that make clients themselves or look into it."""
    return asgi_app


@pytest.fixture
def lobby() -> FastAPI:
    """The part of the board that needs no database."""
    return create_lobby()


@pytest.fixture
def client(asgi_client: Any) -> Any:
    """Ada, while the board runs."""
    asgi_client.headers.update(ADA)
    return asgi_client


@pytest.fixture
def async_client(async_asgi_client: Any) -> Any:
    """Ada, while the board runs on the event loop of the test."""
    async_asgi_client.headers.update(ADA)
    return async_asgi_client


@pytest.fixture
def anyio_backend() -> str:
    """Where async tests run unless they say otherwise; aiosqlite knows no other loop."""
    return "asyncio"
