"""The frames of a websocket, as the wire has them."""

from __future__ import annotations

import pytest

from conformance.frames import BINARY, CLOSE, CONTINUATION, PING, TEXT, Frames, close_code, close_payload, frame


def unmasked(opcode: int, payload: bytes, *, final: bool = True) -> bytes:
    """A frame of a server, of a size below 126."""
    return bytes([opcode | (128 if final else 0), len(payload)]) + payload


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_a_frame_tells_its_size(size: int) -> None:
    """In one byte, three or nine."""
    extra = 0 if size < 126 else 2 if size < 65536 else 8
    data = frame(BINARY, b"x" * size)
    assert len(data) == 2 + extra + 4 + size
    told = int.from_bytes(data[2 : 2 + extra], "big") if extra else data[1] & 127
    assert told == size


def test_a_frame_of_a_client_is_masked() -> None:
    """The payload is combined with the key that stands before it."""
    data = frame(TEXT, b"hello")
    key, masked = data[2:6], data[6:]
    assert bytes(byte ^ key[place % 4] for place, byte in enumerate(masked)) == b"hello"


def test_messages_are_put_together_of_their_frames() -> None:
    """With a ping in between, and however the bytes arrive."""
    data = unmasked(TEXT, b"ab", final=False) + unmasked(PING, b"p") + unmasked(CONTINUATION, b"cd")
    frames = Frames()
    assert [message for byte in data for message in frames.feed(bytes([byte]))] == [(PING, b"p"), (TEXT, b"abcd")]


def test_a_close_has_a_code() -> None:
    """Any that fits, and 1005 stands for none."""
    assert [close_code(close_payload(code)) for code in (0, 1000, 5000, None)] == [0, 1000, 5000, 1005]
    assert list(Frames().feed(unmasked(CLOSE, close_payload(3001, "bye")))) == [(CLOSE, b"\x0b\xb9bye")]
