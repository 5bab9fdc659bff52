"""The HTTP scripts of the cases over real sockets."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

import h11

from conformance.case import Headers, Request
from conformance.connection import LIMIT, Connection

#: How long the client waits before it goes away, or for a 100, in seconds.
PATIENCE: Final = 0.3

#: Between two chunks of an upload, in seconds, so that a server sees them one by one.
PAUSE: Final = 0.05

#: How many bytes an upload lacks in the middle of which the client goes away.
MISSING: Final = 10


def head(method: str, target: str, headers: Iterable[tuple[str, str]], http_version: str = "1.1") -> bytes:
    """The beginning of a request."""
    fields = [f"{name}: {value}" for name, value in (("host", "testserver"), *headers)]
    return "\r\n".join([f"{method} {target} HTTP/{http_version}", *fields, "", ""]).encode("latin-1")


def request(port: int, script: Request, more: Headers = (), limit: float = LIMIT) -> dict[str, Any]:
    """What the client sees of one request.

    Args:
        port: of the server.
        script: what the client does.
        more: headers besides its own.
        limit: how long it waits for what does not come, in seconds.
    """
    connection = Connection(port, script.method, limit=limit)
    try:
        connection.send(head(script.method, script.target, _headers(script, more), script.http_version))
        outcome = {"continued": _is_continued(connection)} if script.expect else {}
        if script.duplex:
            outcome["answered early"] = _is_answered_early(connection, script)
        _upload(connection, script)
        if script.leave in ("before-answer", "in-upload"):
            time.sleep(PATIENCE)
            return {"result": "left", **outcome}
        return {**_answer(connection, script), **outcome}
    finally:
        connection.close()


def _headers(script: Request, more: Headers) -> list[tuple[str, str]]:
    own = [*script.headers, *more]
    if script.chunks is not None:
        own.append(("transfer-encoding", "chunked"))
    elif script.body is not None:
        missing = MISSING if script.leave == "in-upload" else 0
        own.append(("content-length", str(len(script.body) + missing)))
    if script.expect:
        own.append(("expect", "100-continue"))
    return own


def _is_continued(connection: Connection) -> bool:
    """Whether a 100 comes before the body."""
    event = _event_or_none(connection)
    if isinstance(event, h11.InformationalResponse) and event.status_code == 100:
        return True
    if event is not None:
        connection.unread(event)
    return False


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _is_answered_early(connection: Connection, script: Request) -> bool:
    """Whether the first piece of the body is answered before there is another."""
    assert script.chunks
    connection.send(_chunk(script.chunks[0]))
    seen = []
    while (event := _event_or_none(connection)) is not None:
        seen.append(event)
        if not isinstance(event, h11.Response):
            break
    for event in reversed(seen):
        connection.unread(event)
    return any(isinstance(event, h11.Data) for event in seen)


def _event_or_none(connection: Connection) -> Any:
    """What comes within the patience of the client."""
    try:
        return connection.event(PATIENCE)
    except (h11.RemoteProtocolError, OSError):
        return None


def _upload(connection: Connection, script: Request) -> None:
    if script.chunks is not None:
        for chunk in script.chunks[script.duplex :]:
            connection.send(_chunk(chunk))
            time.sleep(PAUSE)
        if script.leave != "in-upload":
            connection.send(b"0\r\n\r\n")
    elif script.body:
        connection.send(script.body)


def _answer(connection: Connection, script: Request) -> dict[str, Any]:
    """The answer, however far it comes."""
    try:
        response = next_response(connection)
    except h11.RemoteProtocolError:
        return {"result": "closed" if connection.at_end else "malformed"}
    except OSError:
        return {"result": "closed"}
    if response is None:
        return {"result": "hang"}
    if not isinstance(response, h11.Response):
        return {"result": "closed"}
    body, end = read_body(connection, leave=script.leave == "after-first-chunk")
    result = f"{end} {response.status_code}".strip()
    outcome = {"result": result, "headers": shown(response.headers, script.shows)}
    if end in ("", "left"):
        outcome["body"] = body.decode("latin-1")
    return outcome


def next_response(connection: Connection) -> Any:
    """The head of the final response, or whatever h11 has instead; None for a hang."""
    while isinstance(event := connection.event(), h11.InformationalResponse):
        if event.status_code == 101:
            return event
    return event


def read_body(connection: Connection, *, leave: bool = False) -> tuple[bytes, str]:
    """The body, and what came between: nothing, `left`, `truncated after`, `malformed after`, `hang after`."""
    body = bytearray()
    end = time.monotonic() + connection.limit
    while True:
        try:
            event = connection.event(end - time.monotonic())
        except h11.RemoteProtocolError:
            return bytes(body), "truncated after" if connection.at_end else "malformed after"
        except OSError:
            return bytes(body), "truncated after"
        if event is None:
            return bytes(body), "hang after"
        if isinstance(event, h11.EndOfMessage):
            return bytes(body), ""
        if isinstance(event, h11.Data):
            body += event.data
            if leave:
                return bytes(body), "left"


def shown(headers: Any, names: tuple[str, ...]) -> list[list[str]]:
    """The headers that are compared, in their order."""
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
    return [[name, value] for name, value in pairs if name.startswith("x-") or name in names]
