"""Apps for live servers, as globals of a module: a server in a child process imports them by name."""

from __future__ import annotations

import os
import threading

import anyio
import anyio.lowlevel

from asgi_lockstep._types import Receive, Scope, Send


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers each request with its method, its path and its body; it has no lifespan."""
    assert scope["type"] == "http"
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    line = f"{scope['method']} {scope['path']} "
    await send({"type": "http.response.body", "body": line.encode() + body})


async def header_names(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the names of all headers that it has got."""
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b" ".join(name for name, _ in scope["headers"])})


async def bare_failure(scope: Scope, receive: Receive, send: Send) -> None:
    """Fails before its response, or with half of it sent."""
    assert scope["type"] == "http"
    if scope["path"] == "/half":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise ValueError(f"no {scope['path']}")


class NotStarted(Exception):
    """What keeps an app from starting."""


async def starts_not(scope: Scope, receive: Receive, send: Send) -> None:
    """Raises when it is to start, without another word."""
    assert scope["type"] == "lifespan"
    await receive()
    raise NotStarted("no database")


async def says_that_it_cannot_start(scope: Scope, receive: Receive, send: Send) -> None:
    """Says that it cannot start, and raises nothing."""
    assert scope["type"] == "lifespan"
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


async def never_starts(scope: Scope, receive: Receive, send: Send) -> None:
    """Waits in its startup for what never comes."""
    if scope["type"] == "lifespan":
        await anyio.Event().wait()


async def never_ends(scope: Scope, receive: Receive, send: Send) -> None:
    """Begins a response, and waits then for what never comes, whoever goes."""
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"begun", "more_body": True})
    await anyio.Event().wait()


#: Ends what the app below waits for.
RELEASED = anyio.Event()


async def held(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers nobody before somebody has asked for `/release`."""
    assert scope["type"] == "http"
    if scope["path"] == "/release":
        RELEASED.set()
    await RELEASED.wait()
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


#: What the app below waits for, in the process in which it runs.
GO_ON = threading.Event()


async def blocks(scope: Scope, receive: Receive, send: Send) -> None:
    """Blocks its thread in the middle of a response."""
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"begun", "more_body": True})
    await anyio.lowlevel.checkpoint()
    GO_ON.wait()


async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Does with a websocket what the first message says."""
    assert scope["type"] == "websocket"
    await receive()
    if scope["path"] == "/refused":
        await send({"type": "websocket.close", "code": 1008})
        return
    if scope["path"] == "/fails":
        raise ValueError("no /fails")
    subprotocol = scope["subprotocols"][0] if scope["subprotocols"] else None
    headers = [(b"set-cookie", b"seen=yes"), (b"x-path", scope["path"].encode())]
    await send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": headers})
    while (message := await receive())["type"] == "websocket.receive":
        text = message.get("text")
        if text == "close":
            await send({"type": "websocket.close", "code": 4001, "reason": "asked for"})
            return
        if text == "raise":
            raise ValueError("asked for")
        if text == "nothing":
            continue
        kind = "bytes" if text is None else "text"
        await send({"type": "websocket.send", kind: message[kind]})


async def accepts_what_was_not_offered(scope: Scope, receive: Receive, send: Send) -> None:
    """Breaks the handshake, and waits for its client to go."""
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept", "headers": [(b"sec-websocket-protocol", b"other")]})
    await receive()


async def denies(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers a handshake with a response."""
    assert scope["type"] == "websocket"
    await receive()
    headers = [(b"x-why", b"token"), (b"content-length", b"8")]
    await send({"type": "websocket.http.response.start", "status": 401, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b"no token"})


async def ends_its_process(scope: Scope, receive: Receive, send: Send) -> None:
    """Ends the process in which it runs."""
    print("last words", flush=True)
    os._exit(3)
