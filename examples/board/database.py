"""Notes and their files in SQLite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiosqlite

SCHEMA = """
CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, author TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS file (note INTEGER PRIMARY KEY, name TEXT NOT NULL, content BLOB NOT NULL);
"""


@dataclass(frozen=True)
class Note:
    """What somebody has put on the board."""

    id: int
    author: str
    text: str


class Database:
    """The tables of the board, over one connection."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path | str) -> AsyncIterator[Database]:
        """The database in the file `path`, closed at the end of the block."""
        async with aiosqlite.connect(path, isolation_level=None) as connection:
            await connection.executescript(SCHEMA)
            yield cls(connection)

    async def notes(self, word: str = "") -> list[Note]:
        """The notes that contain `word`, oldest first."""
        select = "SELECT id, author, text FROM note WHERE instr(text, ?) ORDER BY id"
        return [Note(*row) for row in await self._connection.execute_fetchall(select, (word,))]

    async def add(self, author: str, text: str) -> Note:
        """Keep a new note."""
        cursor = await self._connection.execute("INSERT INTO note (author, text) VALUES (?, ?)", (author, text))
        assert cursor.lastrowid is not None
        return Note(cursor.lastrowid, author, text)

    async def delete(self, number: int, author: str) -> bool:
        """Forget a note; False if `author` has no such note."""
        cursor = await self._connection.execute("DELETE FROM note WHERE id = ? AND author = ?", (number, author))
        return cursor.rowcount == 1

    async def attach(self, number: int, name: str, content: bytes) -> None:
        """Keep a file with a note, in place of the one before."""
        await self._connection.execute("INSERT OR REPLACE INTO file VALUES (?, ?, ?)", (number, name, content))

    async def file(self, number: int) -> tuple[str, bytes] | None:
        """Name and content of the file of a note, if it has one."""
        select = "SELECT name, content FROM file WHERE note = ?"
        for name, content in await self._connection.execute_fetchall(select, (number,)):
            return name, content
        return None
