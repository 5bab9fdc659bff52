"""Blocks that are left early: what the app is told, and what the test sees, on Starlette's client and on ours.

There, the app is cancelled before it can see a disconnect, and its error takes the place of a failed assertion.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, accept, body, start
from matrix import Driver

Block = Callable[[Any], Any]


def stream(client: Any) -> Any:
    """The block of a stream."""
    return client.stream("GET", "/x")


def websocket(client: Any) -> Any:
    """The block of a websocket."""
    return client.websocket_connect("/x")


def itself(client: Any) -> Any:
    """The block of a client."""
    return client


class Leavable(Listener):
    """Takes part in everything until it is told of the end, and then cleans up or fails.

    Args:
        failure: what its clean-up raises.
    """

    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__(self.http, self.websocket, self.lifespan)
        self.failure = failure

    async def http(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streams one chunk."""
        await receive()
        await send(start())
        await send(body(b"chunk", more=True))
        await self.end(receive)

    async def websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Accepts, and says nothing."""
        await accept(receive, send)
        await self.end(receive)

    async def lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Starts, and stops."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await self.end(receive)
        await send({"type": "lifespan.shutdown.complete"})

    async def end(self, receive: Receive) -> None:
        """Wait for the end, and clean up."""
        try:
            self.events.append((await receive())["type"])
            for _ in range(3):
                await anyio.lowlevel.checkpoint()
            self.events.append("cleaned up")
        except anyio.get_cancelled_exc_class():
            self.events.append("cancelled")
            raise
        if self.failure is not None:
            raise self.failure


@pytest.mark.parametrize(
    ("block", "told"),
    [(stream, "http.disconnect"), (websocket, "websocket.disconnect"), (itself, "lifespan.shutdown")],
    ids=["stream", "websocket", "client"],
)
def test_an_early_exit_is_seen_by_the_app(driver: Driver, block: Block, told: str) -> None:
    """It receives the end, and may clean up before anything is cancelled."""
    app = Leavable()
    with block(driver.client(app)):
        pass
    assert app.events == [told, "cleaned up"]


@pytest.mark.parametrize(
    ("block", "note"),
    [
        (stream, "After that, the app failed in GET /x: KeyError('boom')"),
        (websocket, "After that, the app failed in WEBSOCKET /x: KeyError('boom')"),
        (itself, "After that, leaving the client failed: KeyError('boom')"),
    ],
    ids=["stream", "websocket", "client"],
)
def test_the_failed_assertion_of_the_test_is_what_it_sees(driver: Driver, block: Block, note: str) -> None:
    """The error of the app becomes a note on it, whichever block is left."""
    client = driver.client(Leavable(KeyError("boom")))
    with pytest.raises(AssertionError) as caught, block(client):
        raise AssertionError("mine")
    assert (str(caught.value), caught.value.__notes__) == ("mine", [note])


def test_an_app_that_is_cancelled_at_once_is_told_nothing_though_an_empty_piece_is_unread(driver: Driver) -> None:
    """It stands in the `send()` of that piece, and does not come to its next `receive()`."""

    async def http(_scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"", more=True))
        await receive()

    app = Listener(http=http)
    with driver.client(app, on_disconnect="cancel", lifespan="off").stream("GET", "/"):
        pass
    assert app.received == []
