"""What an app may send in one exchange: lists of messages, in order, from the first to the last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from .._types import Message
from ..errors import UnknownOption
from .requests import Headers, any_path
from .values import CLOSED_BY_APP, header_pairs, message, pieces_of, reasons, strategy_of, texts

Messages = list[Message]

#: What can be sent without a file: those of path send and zero copy send are about files that the caller has.
HTTP_EXTENSIONS: Final = (
    "http.response.debug",
    "http.response.early_hint",
    "http.response.push",
    "http.response.trailers",
)
DENIAL: Final = "websocket.http.response"

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
    own_headers = st.lists(header_pairs(), max_size=3) if headers is None else headers
    own_bodies = st.binary(max_size=100) if bodies is None else bodies
    return _http_app_messages(strategy_of(statuses), own_headers, own_bodies, extensions)


@st.composite
def _http_app_messages(
    draw: DrawFn,
    statuses: SearchStrategy[int],
    headers: SearchStrategy[Headers],
    bodies: SearchStrategy[bytes],
    extensions: Sequence[str],
) -> Messages:
    status, own = draw(statuses), draw(headers)
    trailers: Headers = []
    if "http.response.trailers" in extensions:
        trailers = draw(st.lists(header_pairs(), max_size=2))
    head = {"headers": [*own, (b"trailer", b", ".join(name for name, _ in trailers))] if trailers else own}
    missing = [key for key in head if not head[key]]
    messages = draw(_before_start(extensions))
    messages.append(
        draw(_start("http.response.start", status, {**head, "trailers": bool(trailers)}, missing, bool(trailers)))
    )
    between = st.lists(_hint(extensions), max_size=1) if _has_hints(extensions) else st.just([])
    for part in draw(_body("http.response.body", status, bodies)):
        messages += [*draw(between), part]
    if trailers:
        messages += draw(_trailers(trailers))
    return messages


def _start(
    message_type: str, status: int, carries: dict[str, Any], missing: Sequence[str], has_trailers: bool = False
) -> SearchStrategy[Message]:
    left_out = [*missing] if has_trailers else [*missing, "trailers"]
    return message(message_type, {"status": status, **carries}, missing=left_out)


def _body(message_type: str, status: int, bodies: SearchStrategy[bytes]) -> SearchStrategy[Messages]:
    """The messages of a whole body."""
    own = st.just(b"") if status in _WITHOUT_BODY else bodies
    return pieces_of(own).flatmap(lambda pieces: st.tuples(*_parts(message_type, pieces)).map(list))


def _parts(message_type: str, pieces: Sequence[bytes]) -> list[SearchStrategy[Message]]:
    last = len(pieces) - 1
    return [
        message(
            message_type,
            {"body": piece, "more_body": number < last},
            missing=[*([] if piece else ["body"]), *(["more_body"] if number == last else [])],
        )
        for number, piece in enumerate(pieces)
    ]


def _before_start(extensions: Sequence[str]) -> SearchStrategy[Messages]:
    if "http.response.debug" not in extensions:
        return st.builds(list[Message])
    info = st.dictionaries(texts(), st.one_of(st.none(), st.integers(0, 9), texts()), max_size=2)
    return st.lists(message("http.response.debug", {"info": info}), max_size=1)


def _has_hints(extensions: Sequence[str]) -> bool:
    return any(name in extensions for name in ("http.response.early_hint", "http.response.push"))


def _hint(extensions: Sequence[str]) -> SearchStrategy[Message]:
    link = any_path().map(lambda path: f"<{path}>; rel=preload".encode("ascii", "ignore"))
    hints: dict[str, dict[str, Any]] = {
        "http.response.early_hint": {"links": st.lists(link, min_size=1, max_size=2)},
        "http.response.push": {"path": any_path(), "headers": st.lists(header_pairs(), max_size=1)},
    }
    return st.one_of([message(name, carries) for name, carries in hints.items() if name in extensions])


def _trailers(trailers: Headers) -> SearchStrategy[Messages]:
    """The trailers in one message, or each in one of its own."""
    each = st.tuples(*(_some_trailers([pair], True) for pair in trailers[:-1]), _some_trailers(trailers[-1:], False))
    return st.one_of(_some_trailers(trailers, False).map(lambda whole: [whole]), each.map(list))


def _some_trailers(trailers: Headers, more: bool) -> SearchStrategy[Message]:
    carries = {"headers": trailers, "more_trailers": more}
    return message("http.response.trailers", carries, missing=[] if more else ["more_trailers"])


def websocket_app_messages(
    *,
    subprotocols: Sequence[str] = (),
    text: SearchStrategy[str] | None = None,
    binary: SearchStrategy[bytes] | None = None,
    accepts: bool | None = None,
    extensions: Sequence[str] = (),
) -> SearchStrategy[Messages]:
    """What an app may send over one websocket (www.rst: Accept, Send, Close).

    Args:
        subprotocols: what the client offers; the app may accept one of them.
        text, binary: strategies for what text and binary frames carry; `st.nothing()` for no such frames.
        accepts: whether the app accepts the handshake; None for both.
        extensions: `["websocket.http.response"]` lets the app refuse with a response as well.

    Returns:
        Strategy for lists of messages, which end with `websocket.close`, or a refusal.

    Raises:
        UnknownOption: there is no such extension.

    Example:
        >>> from hypothesis import given
        >>> @given(websocket_app_messages(accepts=False))
        ... def test_a_refusal_is_one_message(messages):
        ...     assert [message["type"] for message in messages] == ["websocket.close"]
        >>> test_a_refusal_is_one_message()
    """
    for name in extensions:
        if name != DENIAL:
            raise UnknownOption("extensions", name, (DENIAL,))
    refusals = [_close().map(lambda close: [close])] + ([_denial()] if extensions else [])
    session = _session(
        subprotocols, texts() if text is None else text, st.binary(max_size=40) if binary is None else binary
    )
    if accepts is None:
        return st.one_of(session, *refusals)
    return session if accepts else st.one_of(refusals)


def _session(
    subprotocols: Sequence[str], text: SearchStrategy[str], binary: SearchStrategy[bytes]
) -> SearchStrategy[Messages]:
    accept = message(
        "websocket.accept",
        {"subprotocol": st.sampled_from([None, *subprotocols]), "headers": st.lists(header_pairs(), max_size=2)},
        missing=["subprotocol", "headers"],
    )
    frames = st.one_of(
        message("websocket.send", {"text": text, "bytes": None}, missing=["bytes"]),
        message("websocket.send", {"bytes": binary, "text": None}, missing=["text"]),
    )
    sent = st.just([]) if frames.is_empty else st.lists(frames, max_size=5)
    return st.builds(lambda first, middle, last: [first, *middle, last], accept, sent, _close())


def _close() -> SearchStrategy[Message]:
    carries = {"code": st.sampled_from(CLOSED_BY_APP), "reason": st.one_of(st.none(), reasons())}
    return message("websocket.close", carries, missing=["code", "reason"])


def _denial() -> SearchStrategy[Messages]:
    status = st.sampled_from([403, 401, 404, 429, 500])
    headers = {"status": status, "headers": st.lists(header_pairs(), max_size=2)}
    start = message(f"{DENIAL}.start", headers, missing=["headers"])
    return st.builds(lambda first, rest: [first, *rest], start, _body(f"{DENIAL}.body", 403, st.binary(max_size=40)))


def lifespan_app_messages(*, fails: bool | None = None) -> SearchStrategy[Messages]:
    """What an app may send in its lifespan (lifespan.rst: Startup Complete ... Shutdown Failed).

    Args:
        fails: whether its startup or its shutdown fails; None for both.

    Returns:
        Strategy for lists of messages: one for each event that the app receives, up to a failure.

    Example:
        >>> from hypothesis import given
        >>> @given(lifespan_app_messages(fails=False))
        ... def test_a_lifespan_that_succeeds(messages):
        ...     assert [m["type"] for m in messages] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
        >>> test_a_lifespan_that_succeeds()
    """
    started, stopped = message("lifespan.startup.complete", {}), message("lifespan.shutdown.complete", {})
    not_started, not_stopped = (
        message(f"lifespan.{phase}.failed", {"message": texts()}, missing=["message"])
        for phase in ("startup", "shutdown")
    )
    good = [st.tuples(started, stopped)]
    bad = [st.tuples(not_started), st.tuples(started, not_stopped)]
    chosen: list[Any] = [*good, *bad] if fails is None else bad if fails else good
    return st.one_of(chosen).map(list)
