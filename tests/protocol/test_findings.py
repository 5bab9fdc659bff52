"""The sentence of a finding, which has an end that people find."""

from __future__ import annotations

from helpers import body, start
from protocol.exchanges import http, refusal, said, websocket

MAY_BEGIN = 'it may send "http.response.debug" or "http.response.start" now.'


def test_a_long_value_is_shown_by_its_beginning_and_its_end() -> None:
    """Which value it is stands at one, and what is wrong with it often at the other; between them, how long it is."""
    value = 3000 * b"v" + b"\n"
    shown = f"(b'x-long', b'{106 * 'v'} ... {56 * 'v'}\\n') (3018 characters)"
    assert said(refusal(http(b""), start(200, (b"x-long", value)))) == (
        f'A header of "http.response.start" is {shown}, and must have no CR, LF or NUL: it would break the response. '
        f"The app broke ASGI in GET /items (no response yet): {MAY_BEGIN}"
    )


def test_a_value_that_is_not_long_is_shown_as_a_whole() -> None:
    """As it is written in code."""
    assert said(refusal(http(b"", start()), body("x" * 170))).startswith(  # type: ignore[arg-type]
        f'The "body" of "http.response.body" is \'{170 * "x"}\', and must be bytes.'
    )


def test_what_is_no_message_is_shortened_too() -> None:
    """An app that sends its body as it is gets a text, and not the body."""
    assert said(refusal(http(b""), 5000 * b"x")).startswith(  # type: ignore[arg-type]
        f"send() was given b'{118 * 'x'} ... {59 * 'x'}' (5003 characters), which is not a message with a type."
    )


def test_a_number_is_not_shortened() -> None:
    """Only what is written in code is: sentences show sizes as they are."""
    error = refusal(websocket({"type": "websocket.accept"}), {"type": "websocket.close", "reason": 500 * "a"})
    assert said(error).startswith(
        'The "reason" of "websocket.close" has 500 bytes, and a close frame has room for 123. The app broke ASGI'
    )
