"""The websocket scripts of the cases over real sockets."""

from __future__ import annotations

import time
from typing import Any, Final

import h11

from conformance import frames
from conformance.case import Headers, Socket
from conformance.connection import LIMIT, Connection
from conformance.wire import PATIENCE, head, next_response, read_body

_HANDSHAKE: Final = (
    ("upgrade", "websocket"),
    ("connection", "Upgrade"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("sec-websocket-version", "13"),
)


def websocket(port: int, script: Socket, more: Headers = (), limit: float = LIMIT) -> dict[str, Any]:
    """What the client sees of one websocket; the arguments are those of `wire.request`."""
    connection = Connection(port, "GET", upgrade=True, limit=limit)
    offer = (("sec-websocket-protocol", ", ".join(script.subprotocols)),) if script.subprotocols else ()
    try:
        connection.send(head("GET", script.target, (*_HANDSHAKE, *offer, *script.headers, *more)))
        if script.leave:
            time.sleep(PATIENCE)
            return {"result": "left"}
        try:
            response = next_response(connection)
        except (h11.RemoteProtocolError, OSError):
            return {"result": "closed"}
        if isinstance(response, h11.InformationalResponse):
            return _Open(connection, response).play(script)
        if isinstance(response, h11.Response):
            return _refused(connection, response)
        return {"result": "hang" if response is None else "closed"}
    finally:
        connection.close()


def _refused(connection: Connection, response: h11.Response) -> dict[str, Any]:
    body, end = read_body(connection)
    outcome: dict[str, Any] = {"result": f"{end} {response.status_code}".strip()}
    # What a server says by itself is not compared.
    if response.status_code not in (403, 500):
        outcome["denial"] = body.decode("latin-1")
    return outcome


class _Open:
    """An open websocket."""

    def __init__(self, connection: Connection, response: h11.InformationalResponse) -> None:
        self._connection = connection
        self._frames = frames.Frames()
        self._waiting = list(self._frames.feed(connection.trailing))
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
        self._messages: list[list[str]] = []
        self._close: int | None = None
        self._left = self._ended = False
        self._chosen = [value for name, value in headers if name == "sec-websocket-protocol"]
        self._shown = [[name, value] for name, value in headers if name.startswith("x-")]

    def play(self, script: Socket) -> dict[str, Any]:
        """Do the steps, and read to the end."""
        for step in script.steps:
            self._step(*step)
        while self._receive():
            pass
        return {
            "result": "101",
            "subprotocol": next(iter(self._chosen), None),
            "headers": self._shown,
            "messages": self._messages,
            "close": self._close,
        }

    def _step(self, name: str, *args: Any) -> None:
        if name == "send":
            data = args[0]
            kind = frames.TEXT if isinstance(data, str) else frames.BINARY
            self._connection.send(frames.frame(kind, data.encode() if isinstance(data, str) else data))
        elif name == "fragments":
            for place, piece in enumerate(args):
                kind = frames.CONTINUATION if place else frames.TEXT
                self._connection.send(frames.frame(kind, piece.encode(), final=place == len(args) - 1))
        elif name == "ping":
            self._connection.send(frames.frame(frames.PING, b"x"))
        elif name == "receive":
            self._receive()
        elif name == "close":
            payload = frames.close_payload(*args) if args else b""
            self._connection.send(frames.frame(frames.CLOSE, payload))
            self._left = True
        else:
            self._connection.drop()
            self._left = True

    def _receive(self) -> bool:
        """Take the next message; whether one may follow."""
        end = time.monotonic() + self._connection.limit
        while not self._ended:
            if self._waiting:
                opcode, payload = self._waiting.pop(0)
                if self._take(opcode, payload):
                    return True
                continue
            try:
                data = self._connection.read(end - time.monotonic())
            except OSError:
                data = b""
            if not data:
                self._ended = True
                self._close = 1006 if data is not None and not self._left else None
                return False
            self._waiting += self._frames.feed(data)
        return False

    def _take(self, opcode: int, payload: bytes) -> bool:
        """Whether that was a message."""
        if opcode in (frames.TEXT, frames.BINARY):
            if not self._left:  # what is on its way to a client that has left depends on the moment
                self._messages.append(["text" if opcode == frames.TEXT else "bytes", payload.decode("latin-1")])
            return True
        if opcode == frames.CLOSE:
            self._ended = True
            if not self._left:
                self._close = frames.close_code(payload)
                self._connection.send(frames.frame(frames.CLOSE, payload))
        if opcode == frames.PING:
            self._connection.send(frames.frame(frames.PONG, payload))
        return False
