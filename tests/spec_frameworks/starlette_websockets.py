"""The websockets of the application in Starlette."""

from __future__ import annotations

from typing import Any, Final

import pytest
from starlette.responses import JSONResponse
from starlette.websockets import WebSocket

from asgi_lockstep import WebSocketDenialResponse
from spec_frameworks import answers


async def echo(socket: WebSocket) -> None:
    """Text, until the client leaves."""
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


async def echo_bytes(socket: WebSocket) -> None:
    """One binary message."""
    await socket.accept()
    await socket.send_bytes(await socket.receive_bytes())
    await socket.close()


async def refuse(socket: WebSocket) -> None:
    """No handshake."""
    await socket.close()


async def deny(socket: WebSocket) -> None:
    """No handshake, and a response that says why."""
    await socket.send_denial_response(JSONResponse({"error": "full"}, 503))


async def close(socket: WebSocket) -> None:
    """A message, and a code."""
    await socket.accept()
    await socket.send_text("goodbye")
    await socket.close(answers.CODE, "enough")


async def chat(socket: WebSocket) -> None:
    """A subprotocol and a header."""
    await socket.accept("chat", headers=[(b"x-room", b"one")])
    await socket.send_text(socket.scope["subprotocols"][1])
    await socket.close()


async def left_open(socket: WebSocket) -> None:
    """No end."""
    await socket.accept()
    await socket.send_text("hello")


#: The endpoints, by the last part of their paths.
WEBSOCKETS: Final = {
    "echo": echo,
    "bytes": echo_bytes,
    "refuse": refuse,
    "deny": deny,
    "close": close,
    "chat": chat,
    "open": left_open,
}


def is_denied_with_a_response(client: Any) -> None:
    """A denial response, which a client offers."""
    with pytest.raises(WebSocketDenialResponse) as caught, client.websocket_connect("/ws/deny"):
        pytest.fail("it was accepted")
    assert (caught.value.status_code, caught.value.json()) == (503, {"error": "full"})
