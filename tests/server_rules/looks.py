"""What the tests of this package look at: scopes, what `send()` raises, the end of each kind of connection."""

from __future__ import annotations

from typing import Any, Final

from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import Listener, hello, simple_lifespan
from matrix import Driver
from websocket_apps import listens

GONE: Final[Message] = {"type": "http.disconnect"}


def speaks_everything() -> Listener:
    """An app that takes part in all three protocols, and reads one event of each request."""

    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await hello(scope, receive, send)

    return Listener(http=reads, websocket=listens, lifespan=simple_lifespan)


def one_of_each(driver: Driver, **options: Any) -> Listener:
    """The app, after a lifespan with one request and one websocket in it."""
    app = speaks_everything()
    with driver.client(app, **options) as client:
        client.get("/")
        with client.websocket_connect("/") as session:
            session.send_text("hi")
    return app


def http_scope(driver: Driver, url: str = "/", method: str = "GET", headers: Any = None, **options: Any) -> Scope:
    """The scope of one request; `options` are those of the client."""
    app = speaks_everything()
    driver.client(app, **options).request(method, url, headers=headers)
    return app.scopes[0]


def websocket_scope(driver: Driver, url: str = "/", client: Any = None, **request: Any) -> Scope:
    """The scope of one websocket; `client` are options of the client, and `request` those of the handshake."""
    app = speaks_everything()
    with driver.client(app, **(client or {})).websocket_connect(url, **request):
        pass
    return app.scopes[0]


def raised_by_send(driver: Driver, *messages: Message) -> list[bool]:
    """Whether `send()` raises for each of these messages, if it is the first one of a response."""
    outcomes: list[bool] = []
    for message in messages:

        async def http(scope: Scope, receive: Receive, send: Send, message: Message = message) -> None:
            try:
                await send(message)
            except Exception:
                outcomes.append(True)
            else:
                outcomes.append(False)

        driver.client(http, raise_server_exceptions=False).get("/")
    return outcomes


def sends_late_and_raises(*messages: Message) -> Listener:
    """An app that sends `messages` to a client that has gone, and lets what `send()` raises come out of itself.

    Of each such exception `events` has whether it is an `OSError`.
    """

    async def sends_late(send: Send, late: Message) -> None:
        try:
            await send(late)
        except Exception as exc:
            app.events.append(isinstance(exc, OSError))
            raise
        app.events.append("sent")

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        while (await receive())["type"] != "http.disconnect":
            pass
        await sends_late(send, {"type": "http.response.body", "body": b"late", "more_body": True})

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await listens(scope, receive, send)
        await sends_late(send, {"type": "websocket.send", "text": "late"})

    app = Listener(http=http, websocket=websocket)
    return app
