"""The rules about header lines, of responses, accepts and trailers alike (RFC 9110 section 5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Final

from .framing import CONTENT_LENGTH
from .rules import Content, ContentRule, Facts, Fields

#: What no header can have, neither in its name nor in its value.
BREAKS_A_LINE: Final = re.compile(rb"[\r\n\0]")

#: What the name of a header is made of (RFC 9110 section 5.6.2).
_TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

Line = tuple[bytes, bytes]


def _first(content: Content, wrong: Callable[[Line], bool]) -> Fields | None:
    line = next(filter(wrong, content["headers"]), None)
    return None if line is None else {"header": line}


def _not_one_line(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    """A header with CR, LF or NUL (RFC 9110 section 5.5)."""
    return _first(content, lambda line: BREAKS_A_LINE.search(b"".join(line)) is not None)


def _pseudo_header(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    """A name that begins with a colon, as HTTP/2 has them (www.rst: Response Start)."""
    return _first(content, lambda line: line[0].startswith(b":"))


def _no_token(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    """A name that is none (RFC 9110 section 5.1), for another reason than those above."""
    return _first(content, lambda line: not _is_token(line[0]))


def _is_token(name: bytes) -> bool:
    ours = name.startswith(b":") or BREAKS_A_LINE.search(name) is not None
    return ours or _TOKEN.fullmatch(name) is not None


def _upper_case(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    """A name that is not in lower case (www.rst: Response Start)."""
    return _first(content, lambda line: line[0] != line[0].lower())


def _outer_blanks(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    """A value with blanks around it, which are no part of it (RFC 9110 section 5.5)."""
    return _first(content, lambda line: line[1] != stripped(line[1]))


def _control_character(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    """A value with another control character (RFC 9110 section 5.5)."""
    return _first(content, lambda line: _CONTROL.search(line[1]) is not None)


#: All but the tab, and those that break a line.
_CONTROL: Final = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


def _length_no_number(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    """A content-length that is no number of bytes (RFC 9110 section 8.6)."""
    return _first(content, lambda line: _is_length(line) and _LENGTH.fullmatch(stripped(line[1])) is None)


def _length_with_sign(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    """A content-length that is a number with a sign (RFC 9110 section 8.6)."""
    return _first(content, lambda line: _is_length(line) and stripped(line[1]).startswith(b"+"))


def _length_list(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    """The same content-length more than once in one line (RFC 9110 section 8.6)."""
    return _first(content, lambda line: _is_length(line) and b"," in line[1])


def _lengths_differ(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    """More than one content-length, and not the same (RFC 9110 section 8.6)."""
    values = content["headers"].lengths
    return {"values": values} if len(_all_of(values)) > 1 else None


def _length_twice(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    """The same content-length in more than one line (RFC 9110 section 8.6)."""
    values = content["headers"].lengths
    return {"values": values} if len(values) > 1 and len(_all_of(values)) == 1 else None


def _all_of(values: Iterable[bytes]) -> set[bytes]:
    return {stripped(value) for line in values for value in line.split(b",")}


#: A number, or a list of them; with a sign it is another mistake.
_LENGTH: Final = re.compile(rb"\+?\d+([ \t]*,[ \t]*\+?\d+)*")


def _unknown_coding(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    """A transfer coding that the server would have to apply (www.rst: Response Start)."""
    return _first(content, lambda line: line[0].lower() == b"transfer-encoding" and line[1].lower() != b"chunked")


def _is_length(line: Line) -> bool:
    return line[0].lower() == CONTENT_LENGTH


def stripped(value: bytes) -> bytes:
    """A header value without the blanks around it, which no client sees (RFC 9110 section 5.5)."""
    return value.strip(b" \t")


def _strip_values(content: Content, _facts: Facts, _more: bool) -> Content:
    """The content with header values as they arrive."""
    headers = content["headers"]
    headers[:] = [(name, stripped(value)) for name, value in headers]
    return content


def header_of_more_lines(headers: Iterable[Line]) -> Line | None:
    """The first of `headers` that would not be one line, or None (RFC 9110 section 5.5)."""
    if BREAKS_A_LINE.search(b"".join(chain.from_iterable(headers))) is None:
        return None
    return next(header for header in headers if BREAKS_A_LINE.search(b"".join(header)))


#: The heads of responses, and all messages that have headers.
HEADS: Final = ("http.response.start", "websocket.http.response.start")
HAVE_HEADERS: Final = (*HEADS, "http.response.trailers", "http.response.push", "websocket.accept")

_OF_RESPONSES: Final = tuple(name for name in HAVE_HEADERS if name != "websocket.accept")

HEADER_RULES: Final = (
    ContentRule(
        "not-one-line",
        'A header of "{type}" is {header!r}, and must have no CR, LF or NUL: it would break the response.',
        "www.rst: Response Start",
        "MUST",
        HAVE_HEADERS,
        _not_one_line,
    ),
    ContentRule(
        "pseudo-header",
        'A header of "{type}" is {header!r}, and no app sends those that begin with a colon.',
        "www.rst: Response Start",
        "MUST",
        _OF_RESPONSES,
        _pseudo_header,
    ),
    ContentRule(
        "pseudo-header-in-accept",
        'A header of "{type}" is {header!r}, and no app sends those that begin with a colon.',
        "www.rst: Response Start",
        "MUST",
        ("websocket.accept",),
        _pseudo_header,
    ),
    ContentRule(
        "no-header-name",
        'A header of "{type}" is {header!r}, and a name has letters, digits and hyphens, no blank or colon.',
        "RFC 9110 section 5.1",
        "RFC",
        HAVE_HEADERS,
        _no_token,
    ),
    ContentRule(
        "control-character",
        'A header of "{type}" is {header!r}, and must have no control characters.',
        "RFC 9110 section 5.5",
        "RFC",
        HAVE_HEADERS,
        _control_character,
    ),
    ContentRule(
        "upper-case-name",
        'A header of "{type}" is {header!r}, and its name must be in lower case.',
        "www.rst: Response Start",
        "MUST",
        HAVE_HEADERS,
        _upper_case,
    ),
    ContentRule(
        "outer-blanks",
        'A header of "{type}" is {header!r}, and blanks around a value are no part of it.',
        "RFC 9110 section 5.5",
        "RFC",
        HAVE_HEADERS,
        _outer_blanks,
        _strip_values,
    ),
    ContentRule(
        "length-no-number",
        'A header of "{type}" is {header!r}, and a content-length is a number of bytes.',
        "RFC 9110 section 8.6",
        "RFC",
        HEADS,
        _length_no_number,
    ),
    ContentRule(
        "length-with-sign",
        'A header of "{type}" is {header!r}, and a content-length has no sign.',
        "RFC 9110 section 8.6",
        "RFC",
        HEADS,
        _length_with_sign,
    ),
    ContentRule(
        "length-list",
        'A header of "{type}" is {header!r}, and a content-length is one number.',
        "RFC 9110 section 8.6",
        "RFC",
        HEADS,
        _length_list,
    ),
    ContentRule(
        "unknown-coding",
        'A header of "{type}" is {header!r}: a transfer coding is the business of the server.',
        "www.rst: Response Start",
        "MUST",
        HEADS,
        _unknown_coding,
    ),
    ContentRule(
        "lengths-differ",
        'The headers of "{type}" have more than one content-length, {values!r}.',
        "RFC 9110 section 8.6",
        "RFC",
        HEADS,
        _lengths_differ,
    ),
    ContentRule(
        "length-twice",
        'The headers of "{type}" have the same content-length more than once, {values!r}.',
        "RFC 9110 section 8.6",
        "RFC",
        HEADS,
        _length_twice,
    ),
)
