"""The whole application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from . import chat, jobs, news, notes
from .database import Database


def create_lobby(lifespan: Any = None) -> FastAPI:
    """What needs no database: the chat and the news. It runs on trio, too."""
    app = FastAPI(title="Board", lifespan=lifespan)
    app.state.news = news.News()
    app.state.rooms = {}
    app.include_router(news.router)
    app.include_router(chat.router)
    return app


def create_app(path: Path | str = ":memory:") -> FastAPI:
    """All of the board, with its database in the file `path`. On asyncio only, because aiosqlite is."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Database]]:
        async with Database.open(path) as database:
            yield {"database": database}  # each request finds it as request.state.database

    app = create_lobby(lifespan)
    app.state.exports = []
    app.include_router(notes.router)
    app.include_router(jobs.router)
    return app
