"""The rules about the kinds of values: which kind each key must be of stands in `shapes.py`."""

from __future__ import annotations

from typing import Final

from .rules import Rule

WRONG_KIND: Final = Rule(
    "wrong-kind",
    'The "{key}" of "{type}" is {value!r}, and must be {kind}.',
    "asgi.rst: Strings and Unicode",
    "TYPE",
)
NOT_PAIRS: Final = Rule(
    "not-pairs", 'The "{key}" of "{type}" are {value!r}, and must be pairs.', "www.rst: Response Start", "TYPE"
)
NOT_TWO_BYTE_STRINGS: Final = Rule(
    "not-two-byte-strings",
    'A header of "{type}" is {value!r}, and must be two byte strings.',
    "www.rst: Response Start",
    "TYPE",
)
NOT_ONE_OF_TWO: Final = Rule(
    "not-one-of-two", '"{type}" needs either "{one}" or "{other}", and not both.', "www.rst: Send"
)

# Values that servers take, although they are of another kind.

BUFFER: Final = Rule(
    "buffer",
    'The "{key}" of "{type}" is a {kind}, and must be bytes.',
    "asgi.rst: Strings and Unicode",
    "TYPE",
)
HEADER_BUFFER: Final = Rule(
    "header-buffer",
    'A header of "{type}" is {value!r}, and must be two byte strings.',
    "asgi.rst: Strings and Unicode",
    "TYPE",
)
HEADER_TEXT_IN_ACCEPT: Final = Rule(
    "header-text-in-accept",
    'A header of "{type}" is {value!r}, and must be two byte strings.',
    "www.rst: Accept",
    "TYPE",
)
BODY_NONE: Final = Rule(
    "body-none", 'The "{key}" of "{type}" is None, and must be bytes.', "www.rst: Response Body", "TYPE"
)
STATUS_FLOAT: Final = Rule(
    "status-float", 'The "{key}" of "{type}" is {value!r}, and must be int.', "www.rst: Response Start", "TYPE"
)
BOTH_OF_TWO: Final = Rule(
    "both-of-two", '"{type}" has both "{one}" and "{other}", and needs one of them.', "www.rst: Send"
)

#: All that are about kinds.
KIND_RULES: Final = (
    WRONG_KIND,
    NOT_PAIRS,
    NOT_TWO_BYTE_STRINGS,
    NOT_ONE_OF_TWO,
    BUFFER,
    HEADER_BUFFER,
    HEADER_TEXT_IN_ACCEPT,
    BODY_NONE,
    STATUS_FLOAT,
    BOTH_OF_TWO,
)
