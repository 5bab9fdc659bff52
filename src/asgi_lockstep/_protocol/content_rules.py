"""The rules about what a message says, beyond the kinds of its values.

A new one is a row here and, above it, the function that finds it: it is given the content of a message (each key of its
shape, read and complete) and the facts of its exchange, changes neither, and returns the fields that the words of the
row show, or None where all is well.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .rules import Content, Facts, Rule

#: What the words of a rule show of a message that breaks it.
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ContentRule(Rule):
    """A rule about the content of messages.

    Args:
        messages: the types of the messages that it is about.
        find: returns the fields of a finding, or None.
    """

    messages: tuple[str, ...]
    find: Callable[[Content, Any], Fields | None]


def is_unicode(text: str) -> bool:
    """Whether `text` can be encoded as UTF-8, which a surrogate on its own cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _relative_path(content: Content, _: Facts) -> Fields | None:
    return None if os.path.isabs(content["path"]) else {"path": content["path"]}


def _links_not_bytes(content: Content, _: Facts) -> Fields | None:
    return None if all(isinstance(link, bytes) for link in content["links"]) else {"links": content["links"]}


def _no_file(content: Content, _: Facts) -> Fields | None:
    file = content["file"]
    try:
        number = file if isinstance(file, int) else file.fileno()
    except (AttributeError, OSError):  # of no file at all, and of one in memory
        number = None
    return None if type(number) is int and number >= 0 else {"file": file}


def _no_unicode(content: Content, _: Facts) -> Fields | None:
    text = content["text"]
    return None if text is None or is_unicode(text) else {"text": text}


def _not_offered(content: Content, facts: Facts) -> Fields | None:
    chosen, offered = content["subprotocol"], facts.scope.get("subprotocols") or []
    return None if not chosen or chosen in offered else {"chosen": chosen, "offered": offered}


#: In this order a message is looked at.
CONTENT_RULES: Final = (
    ContentRule(
        "relative-path",
        "The path {path!r} of a path send must be absolute.",
        "extensions.rst: Path Send",
        ("http.response.pathsend",),
        _relative_path,
    ),
    ContentRule(
        "links-not-bytes",
        "The links {links!r} of an early hint must be bytes.",
        "extensions.rst: Early Hints",
        ("http.response.early_hint",),
        _links_not_bytes,
    ),
    ContentRule(
        "no-file",
        "The file {file!r} of a zero copy send must be an open file, or the number of a descriptor.",
        "extensions.rst: Zero Copy Send",
        ("http.response.zerocopysend",),
        _no_file,
    ),
    ContentRule(
        "no-unicode",
        'The "text" {text!r} of "{type}" has surrogates, and must be Unicode text.',
        "www.rst: Send",
        ("websocket.send",),
        _no_unicode,
    ),
    ContentRule(
        "subprotocol-not-offered",
        'The "subprotocol" {chosen!r} of "{type}" is none of those that the client offers, {offered!r}.',
        "www.rst: Accept",
        ("websocket.accept",),
        _not_offered,
    ),
)
