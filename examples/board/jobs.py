"""Exports of all notes, made after the answer."""

from __future__ import annotations

from typing import Annotated

import anyio
from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, Request

from .database import Note
from .notes import Opened

router = APIRouter()


class Export:
    """All notes as lines of text, once somebody has agreed to that."""

    def __init__(self) -> None:
        self.approved = anyio.Event()
        self.lines: list[str] | None = None

    async def make(self, notes: list[Note]) -> None:
        """Wait for the approval, and write the lines."""
        await self.approved.wait()
        if not notes:
            raise LookupError("There is nothing to export")
        self.lines = [f"{note.author}: {note.text}" for note in notes]


@router.post("/exports", status_code=202)
async def start(request: Request, database: Opened, after: BackgroundTasks) -> int:
    """Ask for an export of the notes as they are now; returns its number, and goes on without the client."""
    notes = await database.notes()
    exports: list[Export] = request.app.state.exports
    exports.append(Export())
    after.add_task(exports[-1].make, notes)
    return len(exports)


async def find(number: int, request: Request) -> Export:
    """The export with this number."""
    exports: list[Export] = request.app.state.exports
    if not 1 <= number <= len(exports):
        raise HTTPException(404, "No such export")
    return exports[number - 1]


Found = Annotated[Export, Depends(find)]


@router.put("/exports/{number}/approval", status_code=204)
async def approve(export: Found) -> None:
    """Let an export go on."""
    export.approved.set()


@router.get("/exports/{number}")
async def lines(export: Found) -> list[str]:
    """The lines of an export that is made."""
    if export.lines is None:
        raise HTTPException(409, "Not made yet")
    return export.lines
