"""What an app may send over a websocket and in its lifespan: lists of messages, from the first to the last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from .._types import Message
from ..errors import UnknownOption
from .http_messages import body
from .values import CLOSED_BY_APP, header_pairs, message, pieces_of, reasons, texts

Messages = list[Message]

DENIAL: Final = "websocket.http.response"


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
    sent = st.lists(frames, max_size=5)
    return st.builds(lambda first, middle, last: [first, *middle, last], accept, sent, _close())


def _close() -> SearchStrategy[Message]:
    carries = {"code": st.sampled_from(CLOSED_BY_APP), "reason": st.one_of(st.none(), reasons())}
    return message("websocket.close", carries, missing=["code", "reason"])


def _denial() -> SearchStrategy[Messages]:
    status = st.sampled_from([403, 401, 404, 429, 500])
    headers = {"status": status, "headers": st.lists(header_pairs(), max_size=2)}
    start = message(f"{DENIAL}.start", headers, missing=["headers"])
    return st.builds(lambda first, rest: [first, *rest], start, _denial_body(pieces_of(st.binary(max_size=40))))


@st.composite
def _denial_body(draw: DrawFn, pieces: SearchStrategy[list[bytes]]) -> Messages:
    return body(draw, f"{DENIAL}.body", draw(pieces))


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
