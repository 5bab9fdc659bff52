"""What an app may send to answer one HTTP request: lists of messages, from the first to the last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from .._types import Message
from ..errors import UnknownOption
from .values import FLAG, Headers, any_path, drawn, header_pairs, message, pieces_of, strategy_of, texts

Messages = list[Message]

#: What can be sent without a file: those of path send and zero copy send are about files that the caller has.
HTTP_EXTENSIONS: Final = (
    "http.response.debug",
    "http.response.early_hint",
    "http.response.push",
    "http.response.trailers",
)
_DEBUG, _EARLY_HINT, _PUSH, _TRAILERS = HTTP_EXTENSIONS

#: What a response may say (RFC 9110 section 15), the most usual first, and which of them have no body.
STATUSES: Final = (200, 404, 500, 201, 204, 206, 301, 303, 304, 307, 308, 400, 401, 403, 405, 418, 422, 429, 502, 503)
_WITHOUT_BODY: Final = (204, 205, 304)


def http_app_messages(
    *,
    statuses: Iterable[int] | SearchStrategy[int] = STATUSES,
    headers: SearchStrategy[Headers] | None = None,
    bodies: SearchStrategy[bytes] | None = None,
    extensions: Sequence[str] = (),
) -> SearchStrategy[Messages]:
    """What an app may send to answer one HTTP request: a complete response (www.rst: Response Start, Response Body).

    Args:
        statuses: those to choose from, or a strategy for them. 204, 205 and 304 have no body.
        headers: strategy for lists of headers as pairs of bytes; by default a few of any but those that say how the
            response is sent.
        bodies: strategy for the pieces of the body, in bytes; by default any of up to 100. Empty ones come in between.
        extensions: the names of extensions that the server offers, whose messages may be sent as well.

    Returns:
        Strategy for lists of messages.

    Raises:
        UnknownOption: there is no such extension, or its messages need a file.

    Example:
        >>> from hypothesis import given
        >>> from asgi_lockstep import TestClient
        >>> def middleware(app):
        ...     return app
        >>> @given(http_app_messages(statuses=[200]))
        ... def test_the_middleware_loses_nothing(messages):
        ...     async def app(scope, receive, send):
        ...         for message in messages:
        ...             await send(message)
        ...     body = b"".join(message.get("body", b"") for message in messages)
        ...     assert TestClient(middleware(app)).get("/").content == body
        >>> test_the_middleware_loses_nothing()
    """
    for name in extensions:
        if name not in HTTP_EXTENSIONS:
            raise UnknownOption("extensions", name, HTTP_EXTENSIONS)
    parts = _Parts(
        statuses=strategy_of(statuses),
        headers=st.lists(header_pairs(), max_size=3) if headers is None else headers,
        pieces=pieces_of(st.binary(max_size=100) if bodies is None else bodies),
        debug=_debug() if _DEBUG in extensions else st.just([]),
        hints=_hints([name for name in (_EARLY_HINT, _PUSH) if name in extensions]),
        trailers=st.lists(header_pairs(), max_size=2) if _TRAILERS in extensions else st.just([]),
    )
    return _response(parts)


@dataclass(frozen=True)
class _Parts:
    """The strategies that a response is put together of; made once, because that takes longer than drawing."""

    statuses: SearchStrategy[int]
    headers: SearchStrategy[Headers]
    pieces: SearchStrategy[list[bytes]]
    debug: SearchStrategy[Messages]
    hints: SearchStrategy[Messages]
    trailers: SearchStrategy[Headers]


@st.composite
def _response(draw: DrawFn, parts: _Parts) -> Messages:
    status, trailers = draw(parts.statuses), draw(parts.trailers)
    messages = [*draw(parts.debug), _start(draw, status, draw(parts.headers), trailers)]
    pieces = draw(parts.pieces)
    if status in _WITHOUT_BODY:
        pieces = [b"" for _ in pieces]
    for part in body(draw, "http.response.body", pieces):
        messages += [*draw(parts.hints), part]
    return messages + _all_trailers(draw, trailers)


def _start(draw: DrawFn, status: int, headers: Headers, trailers: Headers) -> Message:
    """The beginning; an app that sends trailers names them before (extensions.rst: HTTP Trailers)."""
    named = [(b"trailer", b", ".join(name for name, _ in trailers))] if trailers else []
    carries = {"status": status, "headers": [*headers, *named], "trailers": bool(trailers)}
    return drawn(draw, "http.response.start", carries, missing={"headers": [], "trailers": False})


def body(draw: DrawFn, message_type: str, pieces: Sequence[bytes]) -> Messages:
    """The messages of a whole body.

    Args:
        draw: of the strategy that they are for.
        message_type: their type.
        pieces: what they carry.
    """
    more = [True] * (len(pieces) - 1) + [False]
    carries = [{"body": piece, "more_body": follows} for piece, follows in zip(pieces, more, strict=True)]
    return [drawn(draw, message_type, each, missing={"body": b"", "more_body": False}) for each in carries]


def _all_trailers(draw: DrawFn, trailers: Headers) -> Messages:
    """The trailers in one message, or each in one of its own."""
    parts = [[pair] for pair in trailers] if draw(FLAG) else [trailers]
    if not trailers:
        return []
    more = [True] * (len(parts) - 1) + [False]
    carries = [{"headers": part, "more_trailers": follows} for part, follows in zip(parts, more, strict=True)]
    return [drawn(draw, _TRAILERS, each, missing={"more_trailers": False}) for each in carries]


def _debug() -> SearchStrategy[Messages]:
    info = st.dictionaries(texts(), st.one_of(st.none(), st.integers(0, 9), texts()), max_size=2)
    return st.lists(message(_DEBUG, {"info": info}), max_size=1)


def _hints(names: Sequence[str]) -> SearchStrategy[Messages]:
    """What tells of other resources, before a piece of the body."""
    if not names:
        return st.just([])
    link = any_path().map(lambda path: f"<{path}>; rel=preload".encode("ascii", "ignore"))
    carries: dict[str, dict[str, Any]] = {
        _EARLY_HINT: {"links": st.lists(link, min_size=1, max_size=2)},
        _PUSH: {"path": any_path(), "headers": st.lists(header_pairs(), max_size=1)},
    }
    return st.lists(st.one_of([message(name, carries[name]) for name in names]), max_size=1)
