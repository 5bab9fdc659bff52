"""The websockets of the application in Litestar."""

from __future__ import annotations

from typing import Any, Final

from litestar import WebSocket, websocket
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import websocket_listener

from spec_frameworks import answers


@websocket_listener("/ws/echo")
async def echo(data: str) -> str:
    """Text, until the client leaves; Litestar accepts, reads and writes."""
    return data


@websocket("/ws/bytes")
async def echo_bytes(socket: WebSocket[Any, Any, Any]) -> None:
    """One binary message."""
    await socket.accept()
    await socket.send_bytes(await socket.receive_bytes())
    await socket.close()


@websocket("/ws/refuse")
async def refuse(socket: WebSocket[Any, Any, Any]) -> None:
    """No handshake: Litestar closes with a code of its own."""
    raise NotAuthorizedException


@websocket("/ws/close")
async def close(socket: WebSocket[Any, Any, Any]) -> None:
    """A message, and a code."""
    await socket.accept()
    await socket.send_text("goodbye")
    await socket.close(answers.CODE, "enough")


@websocket("/ws/chat")
async def chat(socket: WebSocket[Any, Any, Any]) -> None:
    """A subprotocol and a header."""
    await socket.accept("chat", headers={"x-room": "one"})
    await socket.send_text("chat")
    await socket.close()


@websocket("/ws/open")
async def left_open(socket: WebSocket[Any, Any, Any]) -> None:
    """No end."""
    await socket.accept()
    await socket.send_text("hello")


WEBSOCKETS: Final = (echo, echo_bytes, refuse, close, chat, left_open)
