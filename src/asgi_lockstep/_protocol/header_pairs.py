"""Header lines as an app sends them, read once: pairs of byte strings, with what the rules ask of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from .framing import CONTENT_LENGTH
from .kind_rules import HEADER_BUFFER, HEADER_TEXT_IN_ACCEPT, NOT_TWO_BYTE_STRINGS
from .rules import UNREADABLE, Finding

#: A name that no rule has anything against: a token (RFC 9110 section 5.6.2) in lower case.
_PLAIN_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")

#: A value of that sort: one line, without blanks around it (RFC 9110 section 5.5).
_PLAIN_VALUE: Final = re.compile(rb"(?:[^\0-\x20\x7f](?:[^\0-\x08\x0a-\x1f\x7f]*[^\0-\x20\x7f])?)?")

_CODING: Final = b"transfer-encoding"

#: How many lines are remembered that are plain; the responses of a suite have the same ones again and again.
_REMEMBERED: Final = 4096


class HeaderPairs(list[tuple[bytes, bytes]]):
    """The pairs, in their order."""

    __slots__ = ("lengths", "plain")

    #: Whether no rule about headers has anything against any of them, and the values of all content-lengths.
    plain: bool
    lengths: tuple[bytes, ...]

    def __init__(self) -> None:
        self.plain = True
        self.lengths = ()


_plain: set[tuple[bytes, bytes]] = set()


def read_pairs(message_type: str, value: Iterable[Any]) -> HeaderPairs | Finding:
    """The pairs of a message, or the first thing that is wrong with the kind of one of them.

    Where servers read what it is, the finding has all pairs as they do.
    """
    pairs, found = HeaderPairs(), None
    for pair in value:
        try:
            name, content = pair
        except (TypeError, ValueError):
            return Finding(NOT_TWO_BYTE_STRINGS, message_type, {"value": pair})
        if type(name) is not bytes or type(content) is not bytes:
            odd = _of_another_kind(message_type, pair, name, content)
            if odd.instead is UNREADABLE:
                return odd
            found, (name, content) = found or odd, odd.instead
        line = (name, content)
        if line not in _plain and not _is_plain(line):
            pairs.plain = False
        if len(name) == 14 and name.lower() == CONTENT_LENGTH:
            pairs.lengths = (*pairs.lengths, content)
        pairs.append(line)
    if found is not None:
        return Finding(found.rule, message_type, found.fields, pairs)
    return pairs


def _is_plain(line: tuple[bytes, bytes]) -> bool:
    name, value = line
    if not (_PLAIN_NAME.fullmatch(name) and _PLAIN_VALUE.fullmatch(value)):
        return False
    if (name == CONTENT_LENGTH and not value.isdigit()) or (name == _CODING and value != b"chunked"):
        return False
    if len(_plain) >= _REMEMBERED:
        _plain.clear()
    _plain.add(line)
    return True


def _of_another_kind(message_type: str, pair: Any, name: Any, content: Any) -> Finding:
    """The finding that a header is not of two byte strings, with what servers make of it where they read it."""
    kinds, fields = (type(name), type(content)), {"value": pair}
    if issubclass(kinds[0], bytes | bytearray) and issubclass(kinds[1], bytes | bytearray | memoryview):
        return Finding(HEADER_BUFFER, message_type, fields, (bytes(name), bytes(content)))
    if message_type == "websocket.accept" and all(issubclass(kind, bytes | str) for kind in kinds):
        return Finding(HEADER_TEXT_IN_ACCEPT, message_type, fields, (_encoded(name), _encoded(content)))
    return Finding(NOT_TWO_BYTE_STRINGS, message_type, fields)


def _encoded(text: str | bytes) -> bytes:
    return text.encode("latin-1", "replace") if isinstance(text, str) else bytes(text)
