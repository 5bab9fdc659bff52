"""All rules about what a message says, and which messages need a closer look.

A new one is a row in `header_rules.py`, `response_rules.py` or `websocket_rules.py`, and above it the function that
finds it. Nearly all messages break none of them, which is seen at a glance: by the screen of their type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from .header_rules import HEADER_RULES
from .response_rules import RESPONSE_RULES
from .rules import Content, ContentRule, Facts
from .websocket_rules import WEBSOCKET_RULES

#: In this order a message is looked at that needs a closer look.
CONTENT_RULES: Final[tuple[ContentRule, ...]] = (
    *RESPONSE_RULES[:3],
    *HEADER_RULES,
    *RESPONSE_RULES[3:],
    *WEBSOCKET_RULES,
)


def _of_head(content: Content, _facts: Facts, _more: bool) -> bool:
    headers = content["headers"]
    if not headers.plain or not 200 <= content["status"] <= 599:
        return False
    return not headers.lengths or (len(headers.lengths) == 1 and content["status"] != 204)


def _of_body(content: Content, facts: Facts, more: bool) -> bool:
    framing = facts.framing
    if framing.has_no_body:
        return not content["body"]
    if framing.declared is None:
        return True
    size = facts.body_sent + len(content["body"])
    return size <= framing.declared if more else size == framing.declared


def _of_trailers(content: Content, _facts: Facts, _more: bool) -> bool:
    plain: bool = content["headers"].plain
    return plain


def _of_accept(content: Content, _facts: Facts, _more: bool) -> bool:
    return not content["headers"] and content["subprotocol"] is None


def _of_close(content: Content, _facts: Facts, _more: bool) -> bool:
    return content["code"] == 1000 and not content["reason"]


#: For a type of message, what says that none of the rules about it has anything to say; a strict beginning of asking
#: them all, as `tests/protocol/test_screens.py` shows.
SCREENS: Final[Mapping[str, Callable[[Content, Any, bool], bool]]] = {
    "http.response.start": _of_head,
    "http.response.body": _of_body,
    "http.response.trailers": _of_trailers,
    "websocket.accept": _of_accept,
    "websocket.close": _of_close,
    "websocket.http.response.start": _of_head,
    "websocket.http.response.body": _of_body,
}
