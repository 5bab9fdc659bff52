"""The rules about the status and the body of a response, and about what its extensions carry."""

from __future__ import annotations

import os
from typing import Final

from .header_rules import HEADS
from .rules import Content, ContentRule, Facts, Fields, as_nothing
from .tables import HTTPState

# The head of a response.


def _no_status(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    return None if 100 <= content["status"] <= 999 else {"status": content["status"]}


def _interim_status(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    return {"status": content["status"]} if 100 <= content["status"] <= 199 else None


def _unknown_class(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    return {"status": content["status"]} if 600 <= content["status"] <= 999 else None


def _length_of_nothing(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    return {"values": content["headers"].lengths} if content["status"] == 204 and content["headers"].lengths else None


# Its body.


def _too_long(content: Content, facts: Facts, _more: bool) -> Fields | None:
    declared, size = _declared_and_sent(content, facts)
    return {"declared": declared, "size": size} if declared is not None and size > declared else None


def _too_short(content: Content, facts: Facts, more: bool) -> Fields | None:
    declared, size = _declared_and_sent(content, facts)
    return {"declared": declared, "size": size} if declared is not None and size < declared and not more else None


def _declared_and_sent(content: Content, facts: Facts) -> tuple[int | None, int]:
    """The length that counts, None for none, and how many bytes have been sent with this message."""
    declared = facts.framing.declared if facts.framing.counts else None
    return declared, facts.body_sent + len(content["body"])


def _no_body_allowed(content: Content, facts: Facts, _more: bool) -> Fields | None:
    allowed = facts.scope.get("method") == "HEAD" or not facts.framing.has_no_body
    return None if allowed or not content["body"] else {"size": len(content["body"])}


def _cut(content: Content, facts: Facts, _more: bool) -> Content:
    declared = 0 if facts.framing.has_no_body else facts.framing.declared
    return content if declared is None else {**content, "body": content["body"][: max(0, declared - facts.body_sent)]}


def _file_of_another_length(content: Content, facts: Facts, _more: bool) -> Fields | None:
    if not facts.framing.counts:
        return None
    try:
        size = os.path.getsize(content["path"])
    except OSError:  # the app finds that when the file is opened
        return None
    return None if size == facts.framing.declared else {"declared": facts.framing.declared, "size": size}


# Extensions.


def _relative_path(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    return None if os.path.isabs(content["path"]) else {"path": content["path"]}


def _links_not_bytes(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    return None if all(isinstance(link, bytes) for link in content["links"]) else {"links": content["links"]}


def _no_file(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    file = content["file"]
    try:
        number = file if isinstance(file, int) else file.fileno()
    except (AttributeError, OSError):  # of no file at all, and of one in memory
        number = None
    return None if type(number) is int and number >= 0 else {"file": file}


def _before_start(_content: Content, facts: Facts, _more: bool) -> Fields | None:
    return {} if facts.state is HTTPState.REQUESTED else None


def _after_start(_content: Content, facts: Facts, _more: bool) -> Fields | None:
    return None if facts.state is HTTPState.REQUESTED else {}


_BODY: Final = ("http.response.body",)
_DENIAL: Final = ("websocket.http.response.body",)

RESPONSE_RULES: Final = (
    ContentRule(
        "no-status",
        'The "status" of "{type}" is {status}, and must be one of HTTP: three digits.',
        "RFC 9110 section 15",
        "RFC",
        HEADS,
        _no_status,
    ),
    ContentRule(
        "interim-status",
        'The "status" of "{type}" is {status}, which only announces a response, and must be a final one.',
        "RFC 9110 section 15.2",
        "RFC",
        HEADS,
        _interim_status,
    ),
    ContentRule(
        "unknown-status-class",
        'The "status" of "{type}" is {status}, and HTTP has none above 599.',
        "RFC 9110 section 15",
        "RFC",
        HEADS,
        _unknown_class,
    ),
    ContentRule(
        "length-of-nothing",
        'The headers of "{type}" have a content-length, {values!r}, which a response of 204 cannot have.',
        "RFC 9110 section 8.6",
        "RFC",
        HEADS,
        _length_of_nothing,
    ),
    ContentRule(
        "body-too-long",
        'The body has {size} bytes with this "{type}", and content-length says {declared}.',
        "RFC 9110 section 8.6",
        "RFC",
        _BODY,
        _too_long,
        _cut,
    ),
    ContentRule(
        "body-too-short",
        'The body has {size} bytes with its last "{type}", and content-length says {declared}.',
        "RFC 9110 section 8.6",
        "RFC",
        _BODY,
        _too_short,
    ),
    ContentRule(
        "denial-of-other-length",
        'The denial has {size} bytes with this "{type}", and content-length says {declared}.',
        "RFC 9110 section 8.6",
        "RFC",
        _DENIAL,
        lambda content, facts, more: _too_long(content, facts, more) or _too_short(content, facts, more),
        _cut,
    ),
    ContentRule(
        "body-not-allowed",
        'This "{type}" has {size} bytes, and a response of this status has no body.',
        "RFC 9110 section 6.4.1",
        "RFC",
        (*_BODY, *_DENIAL),
        _no_body_allowed,
        _cut,
    ),
    ContentRule(
        "file-of-another-length",
        "The file of a path send has {size} bytes, and content-length says {declared}.",
        "extensions.rst: Path Send",
        "MUST",
        ("http.response.pathsend",),
        _file_of_another_length,
    ),
    ContentRule(
        "relative-path",
        "The path {path!r} of a path send must be absolute.",
        "extensions.rst: Path Send",
        "MUST",
        ("http.response.pathsend",),
        _relative_path,
    ),
    ContentRule(
        "links-not-bytes",
        "The links {links!r} of an early hint must be bytes.",
        "extensions.rst: Early Hints",
        "TYPE",
        ("http.response.early_hint",),
        _links_not_bytes,
    ),
    ContentRule(
        "no-file",
        "The file {file!r} of a zero copy send must be an open file, or the number of a descriptor.",
        "extensions.rst: Zero Copy Send",
        "TYPE",
        ("http.response.zerocopysend",),
        _no_file,
        as_nothing,
    ),
    ContentRule(
        "before-start",
        'Received "{type}" before "http.response.start".',
        "extensions.rst: Early Hints",
        "MUST",
        ("http.response.early_hint", "http.response.push"),
        _before_start,
    ),
    ContentRule(
        "debug-after-start",
        'Received "{type}" after "http.response.start".',
        "extensions.rst: Debug",
        "MUST",
        ("http.response.debug",),
        _after_start,
    ),
)
