"""Apps and listeners that many tests need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgi_lockstep._types import ASGI3App, Message, Receive, Scope, Send

Script = Callable[[Scope, Receive, Send], Awaitable[None]]


def start(status: int = 200, *headers: tuple[bytes, bytes], **more: Any) -> Message:
    """`http.response.start`."""
    return {"type": "http.response.start", "status": status, "headers": list(headers), **more}


def body(data: bytes = b"", *, more: bool = False) -> Message:
    """`http.response.body`."""
    return {"type": "http.response.body", "body": data, "more_body": more}


def answers(*messages: Message) -> ASGI3App:
    """An app that sends just these messages, on any scope."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers every request with its method and path."""
    assert scope["type"] == "http"
    await send(start())
    await send(body(f"{scope['method']} {scope['path']}".encode()))


class Listener:
    """An app that keeps what it was given, and hands each protocol to a function of the test.

    Args:
        http, websocket, lifespan: what to do on each scope; without one, the scope is refused by raising.
    """

    def __init__(
        self, http: Script | None = None, websocket: Script | None = None, lifespan: Script | None = None
    ) -> None:
        self._scripts = {"http": http, "websocket": websocket, "lifespan": lifespan}
        #: The scopes of all calls, in order.
        self.scopes: list[Scope] = []
        #: What the app received, in order.
        self.received: list[Message] = []
        #: What the test wants to remember.
        self.events: list[Any] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        script = self._scripts[scope["type"]]
        if script is None:
            raise NotImplementedError(scope["type"])

        async def listen() -> Message:
            message = await receive()
            self.received.append(dict(message))
            return message

        await script(scope, listen, send)


async def simple_lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """A lifespan that starts and stops."""
    assert (await receive())["type"] == "lifespan.startup"
    await send({"type": "lifespan.startup.complete"})
    assert (await receive())["type"] == "lifespan.shutdown"
    await send({"type": "lifespan.shutdown.complete"})


async def read_body(receive: Receive) -> bytes:
    """The whole request body."""
    whole = b""
    while True:
        message = await receive()
        assert message["type"] == "http.request", message
        whole += bytes(message["body"])
        if not message["more_body"]:
            return whole


async def accept(receive: Receive, send: Send, **more: Any) -> None:
    """Answer the handshake of a websocket."""
    assert await receive() == {"type": "websocket.connect"}
    await send({"type": "websocket.accept", **more})


async def reads_to_the_disconnect(_scope: Scope, receive: Receive, _send: Send) -> None:
    """An app that takes all that its client sends, until that has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
