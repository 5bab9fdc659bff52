"""A case: a small app, and as data what the client does with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from asgi_lockstep._types import Message, Receive, Scope, Send

Headers = tuple[tuple[str, str], ...]

#: Takes down what the app has seen: a key, and a value that JSON has.
Note = Callable[[str, Any], None]

#: The app of a case: an ASGI app with one more argument.
App = Callable[[Scope, Receive, Send, Note], Awaitable[Any]]


@dataclass(frozen=True)
class Request:
    """One HTTP request.

    Args:
        method: as it is sent.
        target: as it is sent, in latin-1.
        headers: besides `host`, and what the body needs.
        body: a body with a content-length; None for none.
        chunks: a chunked body instead, sent piece by piece.
        duplex: whether the client waits for a piece of the answer after its first chunk.
        leave: when the client goes away, if it does.
        expect: whether the body waits for a 100.
        http_version: `"1.1"` or `"1.0"`.
        shows: which headers of the response are compared, besides `x-...`.
    """

    method: str = "GET"
    target: str = "/"
    headers: Headers = ()
    body: bytes | None = None
    chunks: tuple[bytes, ...] | None = None
    duplex: bool = False
    leave: Literal["", "before-answer", "after-first-chunk", "in-upload"] = ""
    expect: bool = False
    http_version: str = "1.1"
    shows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Socket:
    """One websocket.

    Args:
        target, headers: of the handshake.
        subprotocols: what the client offers.
        steps: what it does once it is open: `("send", text or bytes)`, `("fragments", text, ...)`, `("ping",)`,
            `("receive",)`, `("close", code, reason)`, `("close",)` without a code, and `("drop",)`. Then it reads to
            the end.
        leave: whether it goes away before the handshake is answered.
    """

    target: str = "/"
    headers: Headers = ()
    subprotocols: tuple[str, ...] = ()
    steps: tuple[tuple[Any, ...], ...] = ()
    leave: bool = False


@dataclass(frozen=True)
class Lifespan:
    """A start of the app, one request, and its end."""


@dataclass(frozen=True)
class Case:
    """One app, and what the client does.

    Args:
        name: unique, `group.what-it-is-about`.
        app: the app.
        conforms: whether the app keeps to the specification.
        script: what the client does.
        rule: which rule of the specification it is about, in words.
    """

    name: str
    app: App
    conforms: bool = True
    script: Request | Socket | Lifespan = field(default_factory=Request)
    rule: str = ""


def sends(*messages: Any) -> App:
    """An app that sends just these messages; of a websocket, after `websocket.connect`."""

    async def app(scope: Scope, receive: Receive, send: Send, _note: Note) -> None:
        if scope["type"] == "websocket":
            await receive()
        for message in messages:
            await send(message)

    return app


def start(status: Any = 200, *headers: Any, **more: Any) -> Message:
    """`http.response.start`, with the headers if there are any."""
    return {"type": "http.response.start", "status": status, "headers": list(headers), **more}


def body(data: Any = b"ok", **more: Any) -> Message:
    """`http.response.body`."""
    return {"type": "http.response.body", "body": data, **more}


def part(data: Any = b"ok") -> Message:
    """`http.response.body`, and more of it comes."""
    return body(data, more_body=True)


async def answer(send: Send, data: bytes = b"ok") -> None:
    """A whole response of 200."""
    await send(start(200, (b"content-length", str(len(data)).encode())))
    await send(body(data))


async def read_body(receive: Receive) -> tuple[bytes, int]:
    """The request body, and of how many events it was; it ends with a disconnect, too."""
    whole, events = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(whole), events
        events += 1
        whole += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(whole), events


#: `websocket.accept`.
ACCEPT: Message = {"type": "websocket.accept"}

#: `websocket.close` of 1000.
CLOSE: Message = {"type": "websocket.close"}


def text(data: Any) -> Message:
    """`websocket.send` of a text."""
    return {"type": "websocket.send", "text": data}
