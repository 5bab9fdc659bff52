"""Which case shows what servers do with an app that breaks a rule: by the name of the rule.

A rule that has none is about what no server does or offers: an extension, or trailers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from asgi_lockstep._protocol.consequences import Consequence
from conformance.consensus import HANGS, REFUSED, class_of

CASES: Final[Mapping[str, str]] = {
    "no-message": "message.int",
    "other-protocol": "message.websocket-accept",
    "unknown-type": "message.type-unknown",
    "not-offered": "extension.push",
    "not-allowed": "refuse.send-first",
    "send-after-close": "send.after-close",
    "close-twice": "close.twice",
    "start-twice": "order.double-start",
    "body-before-start": "order.body-first",
    "body-after-response": "order.body-after-complete",
    "trailers-not-declared": "extension.trailers-unasked",
    "wrong-kind": "status.str",
    "not-pairs": "headers.none",
    "not-two-byte-strings": "header.value-str",
    "not-one-of-two": "send.neither",
    "buffer": "body.bytearray",
    "header-buffer": "header.value-bytearray",
    "header-text-in-accept": "accept.headers-str",
    "body-nothing": "body.none",
    "status-float": "status.float",
    "both-of-two": "send.both",
    "close-code-none": "close.none",
    "failure-not-text": "lifespan.startup-failed-message-bytes",
    "no-status": "status.1000",
    "interim-status": "status.103",
    "unknown-status-class": "status.600",
    "not-one-line": "header.value-lf",
    "pseudo-header": "header.name-pseudo",
    "pseudo-header-in-accept": "accept.headers-pseudo",
    "no-header-name": "header.name-colon",
    "control-character": "header.value-bell",
    "upper-case-name": "header.name-upper",
    "outer-blanks": "header.value-leading-blank",
    "length-no-number": "length.word",
    "length-with-sign": "length.plus",
    "length-list": "length.list",
    "lengths-differ": "length.twice-different",
    "length-twice": "length.twice-the-same",
    "length-of-nothing": "bodiless.204-length-0",
    "unknown-coding": "length.transfer-encoding-gzip",
    "body-too-long": "length.long",
    "body-too-short": "length.short",
    "body-not-allowed": "bodiless.304-with-body",
    "denial-of-other-length": "denial.length-wrong",
    "no-unicode": "send.text-surrogate",
    "subprotocol-not-offered": "accept.subprotocol-not-offered",
    "subprotocol-as-header": "accept.headers-subprotocol",
    "no-close-code": "close.70000",
    "close-code-never-sent": "close.1006",
    "reserved-close-code": "close.999",
    "long-close-reason": "close.reason-too-long",
    "return-value": "order.returns-a-value",
    "flag-not-bool": "body.more-1",
    "no-last-body": "cut.start-only-204",
    "no-close": "end.app-returns",
}


def consequence(outcome: Mapping[str, Any]) -> Consequence:
    """What a server did, by what its client and the app saw."""
    result = outcome["result"]
    if outcome.get("app.raised") and result != "exits":
        return Consequence.RAISES
    if class_of(result) == HANGS:
        return Consequence.HANGS
    if class_of(result) == REFUSED and result != "exits":  # which is what a startup that failed asks for
        return Consequence.TRUNCATES if result.startswith("truncated") else Consequence.FAILS
    return Consequence.GOES_ON
