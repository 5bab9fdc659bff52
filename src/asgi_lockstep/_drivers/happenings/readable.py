"""What JSON can hold of a value, whatever it is: for values that apps have made."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any


def readable(value: Any) -> Any:
    """`value` in what JSON can hold; whatever else it is, in the words of its `repr`."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _text_of(bytes(value))
    if isinstance(value, Mapping):
        return {str(key): readable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [readable(inner) for inner in value]
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    try:
        return repr(value)
    except Exception as broken:  # anybody may have written it
        return f"<{type(value).__name__}, whose repr raises {type(broken).__name__}>"


def _text_of(content: bytes) -> Any:
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass
    if len(content) >= 1024:  # it may have been cut in the middle of a character
        try:
            return content[: len(content) - 3].decode() if _is_cut(content) else _base64(content)
        except UnicodeDecodeError:
            pass
    return _base64(content)


def _is_cut(content: bytes) -> bool:
    """Whether all that is no text in it is the beginning of one character at its end."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.end == len(content) and error.reason == "unexpected end of data"
    return False


def _base64(content: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(content).decode()}
