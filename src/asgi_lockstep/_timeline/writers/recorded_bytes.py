"""Header lines and bodies, as they stand in messages of a timeline: text, or `{"base64": ...}` where they are none."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: A name and its value, as text.
HeaderLine = tuple[str, str]


def as_bytes(value: Any) -> bytes:
    """The bytes that `value` of a message or scope stands for; a key that is absent or None has none."""
    if isinstance(value, Mapping):
        return base64.b64decode(value.get("base64", ""))
    return str(value or "").encode(errors="replace")


def as_text(value: Any) -> str:
    """The text that `value` of a message or scope stands for; where bytes are no UTF-8, each is a character of its own.

    That is what HTTP has always done with bytes in headers, and what browsers show.
    """
    return as_bytes(value).decode("latin-1") if isinstance(value, Mapping) else str(value or "")


def header_lines(headers: Any) -> list[HeaderLine]:
    """The header lines of a scope or a message, in their order."""
    return [(as_text(name), as_text(value)) for name, value in headers or ()]


def values_of(lines: Iterable[HeaderLine], name: str) -> list[str]:
    """The values of all lines called `name`, which is given in lower case."""
    return [value for key, value in lines if key.lower() == name]


def value_of(lines: Iterable[HeaderLine], name: str) -> str:
    """The value of the first line called `name`, `""` if there is none."""
    return next(iter(values_of(lines, name)), "")


def content_length(lines: Iterable[HeaderLine]) -> int | None:
    """How long a body is that these header lines announce, in bytes; None where they don't say."""
    value = value_of(lines, "content-length")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else None


@dataclass(frozen=True)
class Body:
    """A body, or one frame: its beginning as far as the timeline has kept it, and how many bytes it really had."""

    data: bytes = b""
    size: int = 0

    @property
    def cut(self) -> bool:
        """Whether some of it is missing."""
        return len(self.data) < self.size

    @property
    def comment(self) -> str:
        """What to say of a body of which some is missing."""
        return f"the first {len(self.data)} of {self.size} bytes"


def body_of(messages: Iterable[Mapping[str, Any]], key: str = "body") -> Body:
    """The body of which each message carries a piece under `key`; what follows a piece that is cut is left out."""
    data, size, whole = b"", 0, True
    for message in messages:
        piece = as_bytes(message.get(key))
        length = max(len(piece), message.get(f"{key}_length") or 0)
        data += piece if whole else b""
        size += length
        whole = whole and len(piece) == length
    return Body(data, size)
