"""What rules about content find, beyond the one message for each in `messages.py`."""

from __future__ import annotations

import io
from typing import Any

import pytest

from asgi_lockstep._types import Message
from helpers import start
from protocol.exchanges import http, refusal, said, websocket
from protocol.messages import EMPTY

DENIAL = "websocket.http.response.start"


@pytest.mark.parametrize("header", [(b"x-a", b"1\r2"), (b"x-a", b"1\n"), (b"x-a", b"\0"), (b"x\r\n-a", b"1")], ids=repr)
@pytest.mark.parametrize("message_type", ["http.response.start", "websocket.accept", DENIAL])
def test_no_header_has_two_lines(message_type: str, header: tuple[bytes, bytes]) -> None:
    """RFC 9110 section 5.5: what comes after would be read as another header."""
    message: Message = {"type": message_type, "status": 200, "headers": [(b"x-b", b"1"), header]}
    exchange = http(b"") if message_type.startswith("http") else websocket()
    assert said(refusal(exchange, message)).startswith(
        f'A header of "{message_type}" is {header!r}, and must have no CR, LF or NUL: it would break the response. '
    )


def test_no_trailer_has_two_lines() -> None:
    """They are headers that come late."""
    exchange = http(b"", start(trailers=True), {"type": "http.response.body"})
    message = {"type": "http.response.trailers", "headers": [(b"x-a", b"1\n")]}
    assert said(refusal(exchange, message)).startswith('A header of "http.response.trailers" is ')


@pytest.mark.parametrize("file", [None, "x.txt", b"x", True, -1, io.BytesIO(b"x"), io.StringIO("x")], ids=type)
def test_what_is_no_open_file(file: Any) -> None:
    """extensions.rst, Zero Copy Send: a file in memory has nothing that a system could send."""
    exchange = http(b"", start(), extensions=["http.response.zerocopysend"])
    assert said(refusal(exchange, {"type": "http.response.zerocopysend", "file": file})).startswith(
        f"The file {file!r} of a zero copy send must be an open file, or the number of a descriptor. "
    )


@pytest.mark.parametrize("file", [EMPTY, EMPTY.fileno()], ids=["file", "descriptor"])
def test_what_is_an_open_file(file: Any) -> None:
    """Whatever has a descriptor."""
    exchange = http(b"", start(), extensions=["http.response.zerocopysend"], collect=True)
    exchange.from_app({"type": "http.response.zerocopysend", "file": file})
    assert exchange.complete


@pytest.mark.parametrize("text", ["", "a", "\u20ac", "\U0001f600"], ids=ascii)
def test_text_that_can_be_sent(text: str) -> None:
    """All that Unicode has."""
    exchange = websocket({"type": "websocket.accept"}, {"type": "websocket.send", "text": text})
    assert exchange.to_client[-1]["text"] == text
