"""A connection to a server: bytes out as they are, events of h11 in; every wait has a limit."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from typing import Any, Final

import h11

#: How long the client waits for something that does not come, in seconds: daphne looks only once in a second for apps
#: that have failed.
LIMIT: Final = 1.6


class Connection:
    """A connection for one request.

    Args:
        port: of loopback.
        method: of the request.
        upgrade: whether that is a handshake.
        limit: how long the client waits for something that does not come, in seconds.
    """

    def __init__(self, port: int, method: str, *, upgrade: bool = False, limit: float = LIMIT) -> None:
        self.limit = limit
        self._socket = socket.create_connection(("127.0.0.1", port), limit)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._parser = h11.Connection(h11.CLIENT)
        more = [("upgrade", "websocket"), ("connection", "upgrade")] if upgrade else []
        # What is really sent may be no HTTP; h11 has to know only what it needs for the answer.
        answered = method if method == "HEAD" else "GET"
        self._parser.send(h11.Request(method=answered, target="/", headers=[("host", "testserver"), *more]))
        self._parser.send(h11.EndOfMessage())
        self._unread: list[Any] = []
        #: Whether the server has closed.
        self.at_end = False

    def send(self, data: bytes) -> None:
        """Send bytes; that a server has closed already is found out by reading."""
        with contextlib.suppress(OSError):
            self._socket.settimeout(10 * self.limit)
            self._socket.sendall(data)

    def event(self, limit: float | None = None) -> Any:
        """The next event of h11; None if it does not come in time: within `limit` seconds, or that of the connection.

        Raises:
            h11.RemoteProtocolError: what came is no HTTP.
            OSError: the connection was reset.
        """
        if self._unread:
            return self._unread.pop()
        end = time.monotonic() + (self.limit if limit is None else limit)
        while (event := self._parser.next_event()) is h11.NEED_DATA:
            data = self.read(end - time.monotonic())
            if data is None:
                return None
            self._parser.receive_data(data)
        return event

    def unread(self, event: Any) -> None:
        """Have `event()` return `event` next."""
        self._unread.append(event)

    def read(self, limit: float) -> bytes | None:
        """Bytes, `b""` at the end; None if there are none in time."""
        self._socket.settimeout(max(limit, 0.001))
        try:
            data = self._socket.recv(1 << 16)
        except TimeoutError:
            return None
        self.at_end = not data
        return data

    @property
    def trailing(self) -> bytes:
        """What came behind a 101."""
        return bytes(self._parser.trailing_data[0])

    def drop(self) -> None:
        """Reset the connection."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def close(self) -> None:
        """Close it."""
        self._socket.close()
