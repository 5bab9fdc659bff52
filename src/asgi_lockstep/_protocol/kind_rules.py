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
BODY_NOTHING: Final = Rule(
    "body-nothing", 'The "{key}" of "{type}" is {value!r}, and must be bytes.', "www.rst: Response Body", "TYPE"
)
STATUS_FLOAT: Final = Rule(
    "status-float", 'The "{key}" of "{type}" is {value!r}, and must be int.', "www.rst: Response Start", "TYPE"
)
CLOSE_CODE_NONE: Final = Rule(
    "close-code-none", 'The "{key}" of "{type}" is None, and must be int.', "www.rst: Close", "TYPE"
)
FAILURE_NOT_TEXT: Final = Rule(
    "failure-not-text", 'The "{key}" of "{type}" is {value!r}, and must be str.', "lifespan.rst: Startup Failed", "TYPE"
)
FLAG_NOT_BOOL: Final = Rule(
    "flag-not-bool", 'The "{key}" of "{type}" is {value!r}, and must be bool.', "www.rst: Response Body", "TYPE"
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
    BODY_NOTHING,
    STATUS_FLOAT,
    CLOSE_CODE_NONE,
    FAILURE_NOT_TEXT,
    FLAG_NOT_BOOL,
    BOTH_OF_TWO,
)
