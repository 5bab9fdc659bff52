"""Messages of websockets in short, and apps that speak it in the simplest ways."""

from __future__ import annotations

from collections.abc import Callable

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from asgi_lockstep import (
    WebSocketDisconnect,
)
from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import Listener, accept, hello

CONNECT: Message = {"type": "websocket.connect"}


def heard(text: str) -> Message:
    """A frame of the client, as the app receives it."""
    return {"type": "websocket.receive", "text": text}


def says(text: str) -> Message:
    """A frame of the app."""
    return {"type": "websocket.send", "text": text}


def closes(code: int, reason: str = "") -> Message:
    """The close of the app."""
    return {"type": "websocket.close", "code": code, "reason": reason}


def gone(code: int = 1000, reason: str = "") -> Message:
    """The end of a websocket, as its app receives it."""
    return {"type": "websocket.disconnect", "code": code, "reason": reason}


def end_of(receive: Callable[[], object]) -> tuple[int, str]:
    """Code and reason of the end that a `receive_...` of the test raises."""
    with pytest.raises(WebSocketDisconnect) as caught:
        receive()
    return caught.value.code, caught.value.reason


class Gate:
    """Where an app waits, without receiving anything, until the test asks for any URL."""

    def __init__(self) -> None:
        self._event: anyio.Event

    async def wait(self) -> None:
        """Wait for the request."""
        self._event = anyio.Event()
        await self._event.wait()

    async def open(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request that lets the app go on."""
        self._event.set()
        await hello(scope, receive, send)


async def listens(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts, and receives until the disconnect."""
    await accept(receive, send)
    while (await receive())["type"] == "websocket.receive":
        pass


async def returns(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts, receives once, and returns."""
    await accept(receive, send)
    await receive()


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts, receives once, and raises."""
    await accept(receive, send)
    await receive()
    raise KeyError(scope["path"])


async def ignores(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts, and never receives anything again."""
    await accept(receive, send)
    await anyio.sleep_forever()


def denial(data: object = b"", *, more: bool = False) -> Message:
    """A piece of the body of a denial response."""
    return {"type": "websocket.http.response.body", "body": data, "more_body": more}


def speaks(*messages: Message, then_listens: bool = True) -> Listener:
    """An app that accepts, sends these messages, and receives until the disconnect."""

    async def script(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        for message in messages:
            await send(message)
        while then_listens:
            if (await receive())["type"] == "websocket.disconnect":
                return

    return Listener(websocket=script)
