"""New notes as server-sent events, and a ticker."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from .database import Note

router = APIRouter()


class News:
    """Hands each new note to everybody who listens.

    Args:
        keep_alive: after how many seconds without a note a listener is told that there is none.
    """

    def __init__(self, keep_alive: float = 10.0) -> None:
        self.keep_alive = keep_alive
        self.listeners: set[MemoryObjectSendStream[Note]] = set()

    def publish(self, note: Note) -> None:
        """Tell everybody of a note."""
        for listener in self.listeners:
            listener.send_nowait(note)

    @contextmanager
    def listen(self) -> Iterator[MemoryObjectReceiveStream[Note]]:
        """The notes that are published inside the block."""
        send, receive = anyio.create_memory_object_stream[Note](math.inf)
        self.listeners.add(send)
        try:
            with send, receive:
                yield receive
        finally:
            self.listeners.remove(send)


@router.get("/news", response_class=EventSourceResponse)
async def listen(request: Request, limit: float = math.inf) -> AsyncIterator[ServerSentEvent]:
    """Each new note from now on: for ever, or until `limit` of them were sent. Comments keep a silent stream alive."""
    news: News = request.app.state.news
    with news.listen() as notes:
        while limit > 0:
            note = None
            with anyio.move_on_after(news.keep_alive):
                note = await notes.receive()
            if note is None:
                yield ServerSentEvent(comment="keep-alive")
            else:
                yield ServerSentEvent(event="note", data=note)
                limit -= 1


@router.get("/ticker")
async def ticker(end: float = math.inf) -> StreamingResponse:
    """The numbers from 1 to `end`, as fast as they are read."""

    async def ticks() -> AsyncIterator[str]:
        number = 1
        while number <= end:
            yield f"event: tick\ndata: {number}\n\n"
            number += 1

    return StreamingResponse(ticks(), media_type="text/event-stream")
