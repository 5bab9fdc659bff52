"""What the client on the wire makes of bytes, however wrong they are."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from conformance.case import Request, Socket
from conformance.wire import request
from conformance.wire_socket import websocket


@contextmanager
def answering(data: bytes) -> Iterator[int]:
    """The port of a server that reads a request, answers with `data` and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(1000)
                connection.sendall(data)

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join()


def answered(data: bytes, script: Request | Socket | None = None) -> dict[str, Any]:
    """What the client sees."""
    with answering(data) as port:
        if isinstance(script, Socket):
            return websocket(port, script)
        return request(port, script or Request())


@pytest.mark.parametrize(
    ("data", "result"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", "200"),
        (b"HTTP/1.1 200 OK\r\n\r\nok", "200"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok", "201"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n", "closed"),
        (b"", "closed"),
        (b"HTTP/1.1 200", "closed"),
        (b"no HTTP\r\n\r\n", "malformed"),
        (b"HTTP/1.1 0 ?\r\n\r\n", "malformed"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok", "truncated after 200"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n", "truncated after 200"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "malformed after 200"),
    ],
)
def test_an_answer_has_a_result(data: bytes, result: str) -> None:
    """What a client of a broken server sees has a name."""
    assert answered(data)["result"] == result


def test_an_answer_has_its_body_and_the_headers_that_are_compared() -> None:
    """In their order, with those that are named."""
    data = b"HTTP/1.1 200 OK\r\nx-b: 1\r\ndate: now\r\nserver: a\r\nx-a: 2\r\ncontent-length: 2\r\n\r\nok"
    headers = [["x-b", "1"], ["server", "a"], ["x-a", "2"]]
    assert answered(data, Request(shows=("server",))) == {"result": "200", "headers": headers, "body": "ok"}


@pytest.mark.parametrize(
    ("frames", "messages", "close"),
    [
        (b"\x81\x02hi\x88\x02\x03\xe8", [["text", "hi"]], 1000),
        (b"\x82\x01\xff\x88\x00", [["bytes", "\xff"]], 1005),
        (b"\x88\x02\x00\x00", [], 0),
        (b"\x81\x02hi", [["text", "hi"]], 1006),
        (b"\x81\x05hi", [], 1006),
    ],
)
def test_a_websocket_is_read_to_its_end(frames: bytes, messages: list[list[str]], close: int) -> None:
    """Codes that are none as well, and 1006 stands for a connection that just ends."""
    head = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"
    seen = answered(head + frames, Socket())
    assert seen == {"result": "101", "subprotocol": None, "headers": [], "messages": messages, "close": close}


def test_a_handshake_that_is_denied_has_a_response() -> None:
    """What a server says by itself of a 403 is not compared."""
    denied = b"HTTP/1.1 %s\r\ncontent-length: 2\r\n\r\nno"
    assert answered(denied % b"401 Unauthorized", Socket()) == {"result": "401", "denial": "no"}
    assert answered(denied % b"403 Forbidden", Socket()) == {"result": "403"}
