"""The application with an empty database, and a client of it: one for sync tests, one for async tests."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from board.app import create_app, create_lobby
from fastapi import FastAPI

from asgi_lockstep import AsyncTestClient, TestClient

ADA = {"authorization": "Bearer ada"}


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    """The whole board."""
    return create_app(tmp_path / "board.db")


@pytest.fixture
def lobby() -> FastAPI:
    """The part of the board that needs no database."""
    return create_lobby()


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Ada, while the board runs."""
    with TestClient(app, headers=ADA) as client:
        yield client


@pytest.fixture
async def async_client(app: FastAPI) -> AsyncIterator[AsyncTestClient]:
    """Ada, while the board runs on the event loop of the test."""
    async with AsyncTestClient(app=app, base_url="http://testserver", headers=ADA) as client:
        yield client


@pytest.fixture
def anyio_backend() -> str:
    """Where async tests run unless they say otherwise; aiosqlite knows no other loop."""
    return "asyncio"
