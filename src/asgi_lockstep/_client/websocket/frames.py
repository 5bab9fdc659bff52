"""What a test sends over a websocket, as the app receives it."""

from __future__ import annotations

import json
from types import NoneType
from typing import Any, Literal

from ..._protocol.websocket_rules import is_unicode
from ..._types import Message
from ...errors import UsageError
from ..values import check_one_of, check_type, refuse

#: In which frames JSON goes.
Mode = Literal["text", "binary"]

#: RFC 6455 section 7.4.2: those below are not used. Of some of the others an app hears without a close frame (1006).
_CLOSE_CODES = range(1000, 5000)

#: What a binary frame can be made of.
_BYTES = (bytes, bytearray, memoryview)


def any_message(message: Any) -> Message:
    """`message`, if it is one.

    Raises:
        TypeError: it is none; what to write instead stands in the text.
    """
    __tracebackhide__ = True
    if isinstance(message, dict) and isinstance(message.get("type"), str):
        return message
    raise TypeError(
        f"send() takes a message for the app, and was given {message!r}: write, for example, "
        'send({"type": "websocket.receive", "text": "hi"}), or call send_text(), send_bytes() or send_json().'
    )


def text_message(data: str) -> Message:
    """A client's text frame as the app receives it.

    Raises:
        TypeError, UsageError: it is no text, or has surrogates; what to call instead stands in the text.
    """
    __tracebackhide__ = True
    if not isinstance(data, str):
        raise _wrong_kind("send_text", "a str", data, "send_bytes" if isinstance(data, _BYTES) else "send_json")
    if not data.isascii() and not is_unicode(data):
        raise UsageError(f"{data!r} has surrogates, which no websocket can carry in a text frame: call send_bytes().")
    return {"type": "websocket.receive", "text": data}


def bytes_message(data: bytes) -> Message:
    """A client's binary frame as the app receives it.

    Raises:
        TypeError: it is not made of bytes; what to call instead stands in the text.
    """
    __tracebackhide__ = True
    if not isinstance(data, _BYTES):
        raise _wrong_kind("send_bytes", "bytes", data, "send_text" if isinstance(data, str) else "send_json")
    return {"type": "websocket.receive", "bytes": data}


def kind_of(mode: Mode) -> Literal["text", "bytes"]:
    """The kind of the frames in which JSON goes."""
    __tracebackhide__ = True
    check_one_of("mode", mode, ("text", "binary"))
    return "text" if mode == "text" else "bytes"


def json_message(data: Any, mode: Mode) -> Message:
    """`data` as JSON in a frame of either kind, compact and not ASCII-escaped."""
    __tracebackhide__ = True
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return text_message(text) if kind_of(mode) == "text" else bytes_message(text.encode("utf-8"))


def _wrong_kind(method: str, kind: str, data: object, instead: str) -> TypeError:
    return TypeError(f"{method}() takes {kind}, and was given {data!r}: call {instead}().")


def disconnect_message(code: Any, reason: str | None) -> Message:
    """A client's close as the app receives it.

    Raises:
        UsageError: it has no code, or no reason, that a websocket could carry.
    """
    __tracebackhide__ = True
    if not isinstance(code, int) or isinstance(code, bool) or code not in _CLOSE_CODES:
        raise refuse(f"code={code!r}", "a number from 1000 to 4999, for example 1000 for a normal end")
    check_type("reason", reason, (str, NoneType), "a str, or None")
    return {"type": "websocket.disconnect", "code": code, "reason": reason}
