"""The rules about what the messages of a websocket say."""

from __future__ import annotations

from typing import Final

from .rules import Content, ContentRule, Facts, Fields


def is_unicode(text: str) -> bool:
    """Whether `text` can be encoded as UTF-8, which a surrogate on its own cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_unicode(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    text = content["text"]
    return None if text is None or is_unicode(text) else {"text": text}


def _not_offered(content: Content, facts: Facts, _more: bool) -> Fields | None:
    chosen, offered = content["subprotocol"], facts.scope.get("subprotocols") or []
    return None if chosen is None or chosen in offered else {"chosen": chosen, "offered": offered}


def _subprotocol_header(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    line = next((line for line in content["headers"] if line[0].lower() == b"sec-websocket-protocol"), None)
    return None if line is None else {"header": line}


def _no_code(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    code = content["code"]
    return None if code is None or 0 <= code <= 0xFFFF else {"code": code}


#: The codes that a close frame cannot have: they stand for the absence of one (RFC 6455 section 7.4.1).
_NEVER_SENT: Final = frozenset((1005, 1006, 1015))


def _never_sent(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    return {"code": content["code"]} if content["code"] in _NEVER_SENT else None


def is_close_code(code: int) -> bool:
    """Whether an app may close with `code`, or a specification has given it a meaning (RFC 6455 section 7.4)."""
    return (1000 <= code <= 1014 and code not in (1004, *_NEVER_SENT)) or 3000 <= code <= 4999


def _reserved(content: Content, facts: Facts, more: bool) -> Fields | None:
    code = content["code"]
    if code is None or is_close_code(code) or code in _NEVER_SENT or _no_code(content, facts, more) is not None:
        return None
    return {"code": code}


#: A close frame is a control frame, of 125 bytes at most, two of which are the code (RFC 6455 section 5.5).
REASON_LIMIT: Final = 123


def _long_reason(content: Content, _facts: Facts, _more: bool) -> Fields | None:
    reason = content["reason"]
    size = len(reason.encode(errors="surrogatepass")) if isinstance(reason, str) else 0
    return {"size": size, "limit": REASON_LIMIT} if size > REASON_LIMIT else None


WEBSOCKET_RULES: Final = (
    ContentRule(
        "no-unicode",
        'The "text" {text!r} of "{type}" has surrogates, and must be Unicode text.',
        "www.rst: Send",
        "TYPE",
        ("websocket.send",),
        _no_unicode,
    ),
    ContentRule(
        "subprotocol-not-offered",
        'The "subprotocol" {chosen!r} of "{type}" is none of those that the client offers, {offered!r}.',
        "RFC 6455 section 4.2.2",
        "RFC",
        ("websocket.accept",),
        _not_offered,
    ),
    ContentRule(
        "subprotocol-as-header",
        'A header of "{type}" is {header!r}: the subprotocol has a key of its own.',
        "www.rst: Accept",
        "MUST",
        ("websocket.accept",),
        _subprotocol_header,
    ),
    ContentRule(
        "no-close-code",
        'The "code" of "{type}" is {code}, and must fit into two bytes.',
        "RFC 6455 section 5.5.1",
        "RFC",
        ("websocket.close",),
        _no_code,
    ),
    ContentRule(
        "close-code-never-sent",
        'The "code" of "{type}" is {code}, which stands for a close without a code, and is never sent.',
        "RFC 6455 section 7.4.1",
        "RFC",
        ("websocket.close",),
        _never_sent,
    ),
    ContentRule(
        "reserved-close-code",
        'The "code" of "{type}" is {code}; an app has 1000 to 1014, and 3000 to 4999.',
        "RFC 6455 section 7.4.2",
        "RFC",
        ("websocket.close",),
        _reserved,
    ),
    ContentRule(
        "long-close-reason",
        'The "reason" of "{type}" has {size} bytes, and a close frame has room for {limit}.',
        "RFC 6455 section 5.5",
        "RFC",
        ("websocket.close",),
        _long_reason,
        lambda content, _facts, _more: {**content, "reason": ""},
    ),
)
