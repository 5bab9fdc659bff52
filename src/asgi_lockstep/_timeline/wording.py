"""An event in a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

#: How much of a content is shown, in characters.
_SHOWN: Final = 60


#: What stands between an answer and the exception that the app handles as it gives it.
MEANWHILE: Final = ", while it handles "


def content_words(content: Any, length: int | None = None) -> str:
    """A content as it was sent: the beginning of it, and its length where that is not all.

    Args:
        content: text, or what is no text as `masking.readable()` has it.
        length: how long it was before it was cut; None if it was not.
    """
    if isinstance(content, Mapping):
        encoded = str(content.get("base64", ""))
        size = length or len(encoded) * 3 // 4 - encoded.count("=")
        return f"{size:,} bytes"
    text = str(content)
    if length is None and len(text) <= _SHOWN:
        return repr(text)
    return f"{text[:_SHOWN]!r}... ({length or len(text):,} in all)"


def _body(message: Mapping[str, Any]) -> str:
    body = message.get("body")
    more = ", more to come" if message.get("more_body") else ""
    return (f" {content_words(body, message.get('body_length'))}" if body else "") + more


def _frame(message: Mapping[str, Any]) -> str:
    key = "bytes" if message.get("text") is None else "text"
    content = message.get(key)
    binary = " in bytes" if key == "bytes" and isinstance(content, str) else ""
    return f" {content_words(content or '', message.get(f'{key}_length'))}{binary}"


def _close(message: Mapping[str, Any]) -> str:
    reason = message.get("reason")
    return f" {message.get('code', 1000)}{f' {reason!r}' if reason else ''}"


def _start(message: Mapping[str, Any]) -> str:
    lines = message.get("headers") or ()
    pairs = [line for line in lines if isinstance(line, (list, tuple)) and len(line) == 2]
    location = next((value for name, value in pairs if str(name).lower() == "location"), None)
    return f" {message.get('status')}{'' if location is None else f' to {location}'}"


def _accept(message: Mapping[str, Any]) -> str:
    subprotocol = message.get("subprotocol")
    return f" with subprotocol {subprotocol!r}" if subprotocol else ""


def _failure(message: Mapping[str, Any]) -> str:
    said = message.get("message")
    return f" {said!r}" if said else ""


_WORDS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "http.request": _body,
    "http.response.start": _start,
    "http.response.body": _body,
    "websocket.accept": _accept,
    "websocket.receive": _frame,
    "websocket.send": _frame,
    "websocket.disconnect": _close,
    "websocket.close": _close,
    "websocket.http.response.start": _start,
    "websocket.http.response.body": _body,
    "lifespan.startup.failed": _failure,
    "lifespan.shutdown.failed": _failure,
}


def message_words(message: Mapping[str, Any]) -> str:
    """A message: its type, and what matters most of it."""
    kind = str(message.get("type"))
    words = _WORDS.get(kind)
    return kind if words is None else f"{kind}{words(message)}"


def action_words(action: str, value: Any) -> str:
    """What the test does: the name of the method, and what it was given."""
    return f"test: {action}" if value is None else f"test: {action} {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, (str, Mapping)):
        return content_words(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
