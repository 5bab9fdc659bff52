"""What an app may receive in one exchange, whatever server it runs on: lists of events, in order."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from .._protocol.varied_messages import UNKNOWN_KEY
from .._types import Message
from .values import CLOSED_BY_CLIENT, FLAG, drawn, message, pieces_of, reasons, texts

Events = list[Message]


def http_events(
    *, bodies: SearchStrategy[bytes] | None = None, disconnect: bool | None = None, unknown_keys: bool = True
) -> SearchStrategy[Events]:
    """What an app may receive for one HTTP request (www.rst: Request, Disconnect).

    Args:
        bodies: strategy for the pieces of the request body, in bytes; by default any of up to 100. Empty ones come in
            between in any case.
        disconnect: whether the client goes away, in the middle of its body or after it; None for both.
        unknown_keys: whether events may have a key that no version of the specification has (asgi.rst: Error Handling).

    Returns:
        Strategy for lists of `http.request`, and of `http.disconnect` at the end.

    Example:
        >>> from hypothesis import given
        >>> async def body(receive):
        ...     whole, more = b"", True
        ...     while more:
        ...         event = await receive()
        ...         whole += event.get("body", b"")
        ...         more = event.get("more_body", False)
        ...     return whole
        >>> @given(http_events(disconnect=False))
        ... def test_a_body_is_read_whole(events):
        ...     left = iter(events)
        ...     async def receive():
        ...         return next(left)
        ...     try:
        ...         body(receive).send(None)
        ...     except StopIteration as returned:
        ...         assert returned.value == b"".join(event.get("body", b"") for event in events)
        >>> test_a_body_is_read_whole()
    """
    pieces = pieces_of(st.binary(max_size=100) if bodies is None else bodies)
    return _http_events(pieces, FLAG if disconnect is None else st.just(disconnect), unknown_keys)


@st.composite
def _http_events(
    draw: DrawFn, bodies: SearchStrategy[list[bytes]], disconnect: SearchStrategy[bool], unknown_keys: bool
) -> Events:
    pieces, gone = draw(bodies), draw(disconnect)
    more = [True] * (len(pieces) - 1) + [False]
    requests = [("http.request", {"body": piece, "more_body": m}) for piece, m in zip(pieces, more, strict=True)]
    if gone:
        requests = [*requests[: draw(st.integers(0, len(requests)))], ("http.disconnect", {})]
    return [_drawn(draw, event_type, carries, unknown_keys) for event_type, carries in requests]


def _drawn(draw: DrawFn, event_type: str, carries: dict[str, Any], unknown_keys: bool) -> Message:
    """An event of HTTP, with or without what need not be said."""
    missing: dict[str, Any] = {"body": b"", "more_body": False} if carries else {}
    if unknown_keys:
        carries, missing = {**carries, UNKNOWN_KEY: 1}, {**missing, UNKNOWN_KEY: 1}
    return drawn(draw, event_type, carries, missing=missing)


def websocket_events(
    *,
    text: SearchStrategy[str] | None = None,
    binary: SearchStrategy[bytes] | None = None,
    disconnect: bool | None = None,
    unknown_keys: bool = True,
) -> SearchStrategy[Events]:
    """What an app that accepts may receive over one websocket (www.rst: Connect, Receive, Disconnect).

    Args:
        text, binary: strategies for what text and binary frames carry; `st.nothing()` for no such frames.
        disconnect: whether the client leaves at the end; None for both.
        unknown_keys: as in `http_events()`.

    Returns:
        Strategy for lists of `websocket.connect`, up to five `websocket.receive`, and `websocket.disconnect`.

    Example:
        >>> from hypothesis import given
        >>> @given(websocket_events(text=st.just("ping"), binary=st.nothing(), disconnect=False))
        ... def test_a_client_that_only_says_ping(events):
        ...     assert [event["text"] for event in events[1:]] == ["ping"] * (len(events) - 1)
        >>> test_a_client_that_only_says_ping()
    """
    own_text, own_binary = texts() if text is None else text, st.binary(max_size=40) if binary is None else binary
    frames = st.one_of(
        _frame("text", own_text, "bytes", unknown_keys), _frame("bytes", own_binary, "text", unknown_keys)
    )
    received = st.lists(frames, max_size=5)
    gone = st.booleans() if disconnect is None else st.just(disconnect)
    return st.builds(
        lambda connect, middle, leaves, end: [connect, *middle, *([end] if leaves else [])],
        _event("websocket.connect", {}, unknown_keys),
        received,
        gone,
        _disconnect(unknown_keys),
    )


def _frame(key: str, content: SearchStrategy[Any], other: str, unknown_keys: bool) -> SearchStrategy[Message]:
    return _event("websocket.receive", {key: content, other: None}, unknown_keys, other)


def _disconnect(unknown_keys: bool) -> SearchStrategy[Message]:
    closed = {"code": st.sampled_from(CLOSED_BY_CLIENT)}
    silent = _event("websocket.disconnect", {**closed, "reason": st.sampled_from(["", None])}, unknown_keys, "reason")
    return st.one_of(silent, _event("websocket.disconnect", {**closed, "reason": reasons()}, unknown_keys))


def lifespan_events(*, shutdown: bool | None = None, unknown_keys: bool = True) -> SearchStrategy[Events]:
    """What an app may receive in its lifespan (lifespan.rst: Startup, Shutdown).

    Args:
        shutdown: whether the server says that it stops; None for both, as one that is killed does not.
        unknown_keys: as in `http_events()`.

    Returns:
        Strategy for lists of `lifespan.startup`, and `lifespan.shutdown`.

    Example:
        >>> from hypothesis import given
        >>> @given(lifespan_events(shutdown=True))
        ... def test_a_server_that_stops_says_so(events):
        ...     assert [event["type"] for event in events] == ["lifespan.startup", "lifespan.shutdown"]
        >>> test_a_server_that_stops_says_so()
    """
    both = [_event("lifespan.startup", {}, unknown_keys), _event("lifespan.shutdown", {}, unknown_keys)]
    found = [st.tuples(*both[:count]).map(list) for count in ((1, 2) if shutdown is None else (1 + shutdown,))]
    return st.one_of(found)


def _event(event_type: str, carries: dict[str, Any], unknown_keys: bool, *missing: str) -> SearchStrategy[Message]:
    """An event of a server; `missing` are the keys that it may leave out."""
    if unknown_keys:
        carries, missing = {**carries, UNKNOWN_KEY: 1}, (*missing, UNKNOWN_KEY)
    return message(event_type, carries, missing=missing)
