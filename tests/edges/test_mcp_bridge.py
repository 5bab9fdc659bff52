"""What the MCP Python SDK wants of a client for its server: a POST whose answer is a stream of events, both ways."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from asgi_lockstep._types import Receive, Scope, Send
from helpers import body, read_body, start
from matrix import Driver


class Bridge:
    """`POST /mcp` answers with events until its result; `POST /notify` sends one from the server's side."""

    def __init__(self) -> None:
        self.open: list[Any] = []
        self.events: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        content = await read_body(receive)
        if scope["path"] == "/notify":
            for stream in self.open:
                await stream.send(content)
            await send(start(202))
            await send(body())
            return
        outgoing, incoming = anyio.create_memory_object_stream[bytes](8)
        self.open.append(outgoing)
        await send(start(200, (b"content-type", b"text/event-stream")))
        async with outgoing, incoming, anyio.create_task_group() as tasks:

            async def until_the_client_goes() -> None:
                message = await receive()
                self.events.append(message["type"])
                tasks.cancel_scope.cancel()

            tasks.start_soon(until_the_client_goes)
            try:
                async for message in incoming:
                    await send(body(b"data: " + message + b"\n\n", more=True))
                    if message == b"result":
                        break
            finally:
                self.open.remove(outgoing)
                self.events.append("server side ended")
            tasks.cancel_scope.cancel()
        await send(body())


@pytest.fixture
def bridge() -> Bridge:
    """A server."""
    return Bridge()


def test_a_message_of_the_server_arrives_before_the_post_ends(driver: Driver, bridge: Bridge) -> None:
    """A notification that is sent while the POST is open is received while it is open."""
    with driver.client(bridge, lifespan="off") as client, client.stream("POST", "/mcp", content=b"call") as response:
        chunks = response.iter_raw()
        assert client.post("/notify", content=b"progress").status_code == 202
        assert next(chunks) == b"data: progress\n\n"
        assert bridge.events == []
        client.post("/notify", content=b"result")
        assert list(chunks) == [b"data: result\n\n"]
    assert bridge.events == ["server side ended"]


def test_closing_the_stream_early_ends_the_server_side(driver: Driver, bridge: Bridge) -> None:
    """By the disconnect, and by itself: nothing is left when the block is over."""
    with driver.client(bridge, lifespan="off") as client:
        with client.stream("POST", "/mcp", content=b"call") as response:
            client.post("/notify", content=b"progress")
            assert next(response.iter_raw()) == b"data: progress\n\n"
        assert bridge.events == ["http.disconnect", "server side ended"]
        assert bridge.open == []
