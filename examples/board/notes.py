"""Notes over HTTP, and a search over a websocket."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Body, Depends, HTTPException, Request, Response, UploadFile, WebSocket
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from .database import Database, Note

router = APIRouter()


async def open_database(connection: HTTPConnection) -> Database:
    """The database that the lifespan has opened."""
    database: Database = connection.state.database
    return database


async def current_user(credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> str:
    """Who is asking. This is an example: the token is the name, and nobody has to prove it."""
    return credentials.credentials


Opened = Annotated[Database, Depends(open_database)]
User = Annotated[str, Depends(current_user)]


@router.get("/me")
def me(user: User, request: Request) -> dict[str, str]:
    """How the board sees whoever asks. Not async: FastAPI runs it in a worker thread."""
    return {"name": user, "address": request.client.host if request.client else ""}


@router.get("/notes")
async def notes(database: Opened, word: str = "") -> list[Note]:
    """The notes that contain `word`, oldest first."""
    return await database.notes(word)


@router.post("/notes", status_code=201)
async def write(
    user: User, text: Annotated[str, Body(embed=True)], database: Opened, request: Request, after: BackgroundTasks
) -> Note:
    """Put a note on the board. After the answer, whoever listens to the news hears of it."""
    note = await database.add(user, text)
    after.add_task(request.app.state.news.publish, note)
    return note


@router.delete("/notes/{number}", status_code=204)
async def delete(number: int, user: User, database: Opened) -> None:
    """Take a note off the board, which only its author may do."""
    if not await database.delete(number, user):
        raise HTTPException(403, "Not yours")


@router.put("/notes/{number}/file")
async def attach(number: int, file: UploadFile, database: Opened) -> int:
    """Attach a file to a note; returns its size."""
    content = await file.read()
    await database.attach(number, file.filename or "", content)
    return len(content)


@router.get("/notes/{number}/file")
async def download(number: int, database: Opened) -> Response:
    """The file that is attached to a note."""
    if (file := await database.file(number)) is None:
        raise HTTPException(404, "No file is attached")
    name, content = file
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.websocket("/search")
async def search(websocket: WebSocket, database: Opened) -> None:
    """Search as you type: each word is answered with the notes that contain it, and an empty one ends the search."""
    await websocket.accept()
    while word := await websocket.receive_text():
        for note in await database.notes(word):
            await websocket.send_text(f"{note.author}: {note.text}")
    await websocket.close(reason="search is over")
