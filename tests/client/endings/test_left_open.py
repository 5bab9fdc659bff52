"""What a test has left open when it leaves the client, as servers end their connections before they shut down."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, simple_lifespan
from matrix import Driver


@pytest.mark.parametrize("what", ["websocket", "body by hand"])
def test_the_shutdown_comes_behind_what_the_test_has_left_open(driver: Driver, what: str) -> None:
    """A websocket, or a request whose body is sent by hand, ends before it, and the app may clean up."""
    ends: list[str] = []

    async def chats(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        ends.append("cleaned up")

    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        ends.append("cleaned up")

    app = Listener(http=reads, websocket=chats, lifespan=simple_lifespan)
    with ExitStack() as left_later, driver.client(app) as client:
        left_later.enter_context(client.websocket_connect("/") if what == "websocket" else client.open("POST", "/"))
    end = {"type": "websocket.disconnect", "code": 1012, "reason": ""}
    assert app.received[-2:] == [
        end if what == "websocket" else {"type": "http.disconnect"},
        {"type": "lifespan.shutdown"},
    ]
    assert ends == ["cleaned up"]
