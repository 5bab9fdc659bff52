"""The frames of a websocket (RFC 6455 section 5): as they are on the wire, whatever a library would say of them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

#: The key of each mask; any will do on loopback.
_MASK = b"\x11\x22\x33\x44"


def frame(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """A frame of a client, which is masked."""
    head = bytes([opcode | (0x80 if final else 0)])
    size = len(payload)
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 1 << 16:
        head += struct.pack("!BH", 0x80 | 126, size)
    else:
        head += struct.pack("!BQ", 0x80 | 127, size)
    key = (_MASK * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    return head + _MASK + masked.to_bytes(size, "big")


def close_payload(code: int | None, reason: str = "") -> bytes:
    """What a close frame carries; None for one without a code."""
    return b"" if code is None else struct.pack("!H", code) + reason.encode()


def close_code(payload: bytes) -> int:
    """The code that a close frame tells; 1005 for none."""
    return int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005


class Frames:
    """Takes bytes, gives whole messages: `(opcode, payload)`."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._message: tuple[int, bytes] | None = None

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The messages that are complete now; control frames are messages of their own."""
        self._data += data
        while (found := self._next_frame()) is not None:
            first, payload = found
            opcode = first & 15
            if opcode >= CLOSE:
                yield opcode, payload
                continue
            kind, before = self._message or (opcode, b"")
            self._message = (kind, before + payload)
            if first & 0x80:
                yield self._message
                self._message = None

    def _next_frame(self) -> tuple[int, bytes] | None:
        data = self._data
        if len(data) < 2:
            return None
        size, begin = data[1] & 127, 2
        if size >= 126:
            begin = 4 if size == 126 else 10
            if len(data) < begin:
                return None
            size = int.from_bytes(data[2:begin], "big")
        if len(data) < begin + size:
            return None
        first, payload = data[0], bytes(data[begin : begin + size])
        del data[: begin + size]
        return first, payload
