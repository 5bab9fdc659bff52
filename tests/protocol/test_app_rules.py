"""Which of our rules looks after each rule of the specification that binds an app; and why some have none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from asgi_lockstep._protocol.catalogue import RULES

#: Rules of ours that are no rows: an app that is none, and one that ends without a whole response.
ERRORS: Final = frozenset(("NotAnASGIApp", "NoResponse", "IncompleteResponse"))

#: By the number of the rule of ASGI: what it asks of an app in a few words, and the rules of ours that notice it.
CHECKED: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "CORE-01": ("an async callable of scope, receive and send; it returns nothing", ("NotAnASGIApp", "return-value")),
    "CORE-09": ("send() gets one event", ("no-message",)),
    "CORE-10": ("an event is a dict with a type", ("no-message",)),
    "CORE-11": ("the kinds of values in events", ("wrong-kind", "not-pairs", "not-two-byte-strings")),
    "CORE-12": ("types belong to the protocol of the scope", ("other-protocol", "unknown-type")),
    "CORE-21": ("messages of extensions only if they are offered", ("not-offered",)),
    "CORE-23": ("byte strings are bytes, texts are str", ("buffer", "header-buffer", "header-text-in-accept")),
    "HW-01": ("a response starts with its type", ("unknown-type",)),
    "HW-02": (
        "a status is an int",
        ("wrong-kind", "status-float", "no-status", "interim-status", "unknown-status-class"),
    ),
    "HW-03": (
        "headers are pairs of byte strings",
        ("not-pairs", "not-two-byte-strings", "not-one-line", "no-header-name"),
    ),
    "HW-04": ("names of headers in lower case", ("upper-case-name",)),
    "HW-06": ("no pseudo headers", ("pseudo-header",)),
    "HW-10": ("trailers are announced by a bool", ("flag-not-bool", "trailers-not-declared")),
    "HW-11": ("a body has its type", ("unknown-type",)),
    "HW-12": ("a body is bytes", ("wrong-kind", "buffer", "body-nothing", "body-too-long", "body-too-short")),
    "HW-13": (
        "more_body is a bool, and False ends the response",
        ("flag-not-bool", "IncompleteResponse", "no-last-body"),
    ),
    "HO-01": ("the start before the body", ("body-before-start",)),
    "HO-02": ("a start is followed by a body", ("IncompleteResponse", "no-last-body")),
    "HO-03": ("one start", ("start-twice",)),
    "WR-02": ("connect is answered", ("not-allowed", "NoResponse")),
    "WW-01": ("a subprotocol is text, and one that was offered", ("wrong-kind", "subprotocol-not-offered")),
    "WW-02": ("headers of an accept are pairs in lower case", ("header-text-in-accept", "upper-case-name")),
    "WW-03": ("neither subprotocol nor pseudo headers in them", ("subprotocol-as-header", "pseudo-header-in-accept")),
    "WW-04": ("one of text and bytes", ("not-one-of-two", "both-of-two", "no-unicode")),
    "WW-05": ("a close code is an int", ("wrong-kind", "close-code-none", "no-close-code", "reserved-close-code")),
    "WW-06": ("a reason is text", ("wrong-kind", "long-close-reason")),
    "WO-01": ("a message only after the accept", ("not-allowed",)),
    "WO-02": ("one accept", ("not-allowed",)),
    "LO-01": ("startup and shutdown are answered once, in this order", ("not-allowed",)),
    "EX-DEN-02": ("a denial in place of an accept", ("not-allowed",)),
    "EX-DEN-03": ("nothing after a denial", ("not-allowed",)),
    "EX-DEN-04": ("a denial is as a response", ("wrong-kind", "denial-of-other-length")),
    "EX-PUSH-02": ("a push after the start", ("before-start", "not-allowed")),
    "EX-PUSH-03": ("its path and headers", ("wrong-kind", "upper-case-name", "pseudo-header")),
    "EX-ZC-02": ("a zero copy send in the body", ("not-allowed",)),
    "EX-ZC-03": ("its file", ("no-file", "wrong-kind")),
    "EX-PATH-02": ("a path send after the start, once", ("not-allowed",)),
    "EX-PATH-03": ("its path is absolute", ("relative-path", "wrong-kind")),
    "EX-PATH-04": ("the head fits the file", ("file-of-another-length",)),
    "EX-HINT-02": ("a hint after the start", ("before-start", "not-allowed")),
    "EX-HINT-03": ("its links are bytes", ("links-not-bytes", "wrong-kind")),
    "EX-TR-02": ("trailers after the body, if they were announced", ("trailers-not-declared", "trailers-before-end")),
    "EX-TR-03": ("their headers", ("not-two-byte-strings", "upper-case-name", "pseudo-header")),
    "EX-DBG-02": ("debug information before the start", ("debug-after-start",)),
    "EX-DBG-03": ("it is a dict", ("wrong-kind",)),
}

#: What no client can see of an app, or what is nobody's mistake.
NOT_SEEN: Final[Mapping[str, str]] = {
    "CORE-13": "an app may go without a protocol in any way; the lifespan says what came of it",
    "CORE-15": "what an app makes of an event is its own business; vary= sends it odd ones",
    "CORE-16": "a promise to apps, and not one of them; vary= adds keys",
    "CORE-22": "a middleware may own its scope: nobody can tell a copy that was changed",
    "CORE-25": "the app runs where the client runs it",
    "CORE-26": "a promise of servers: grace=",
    "HS-20": "two cookie headers are a request like any other: vary= and tests send them",
    "HR-05": "an app may answer before it has read the body",
    "HR-06": "nothing is opened before the request",
    "HR-08": "what an app expects shows when it is disconnected",
    "HO-06": "a permission",
    "WR-09": "as HR-08",
    "WO-05": "every key of the newest version is known, and an older server takes no notice",
    "LO-02": "an app that ends its lifespan early is one whose shutdown was quick",
    "EX-ZC-04": "a descriptor that is left open is the system's to count",
    "EX-TR-05": "a header that only tells; a client goes by what it gets",
}


def test_each_rule_that_is_named_is_there() -> None:
    """A row of ours, or an error of its own."""
    known = {rule.id for rule in RULES} | ERRORS
    assert sorted({name for _, names in CHECKED.values() for name in names} - known) == []


def test_each_rule_of_ours_looks_after_one_of_the_specification() -> None:
    """Or after one of HTTP and of websockets, on which it stands."""
    used = {name for _, names in CHECKED.values() for name in names}
    assert sorted(rule.id for rule in RULES if rule.id not in used and not rule.section.startswith("RFC ")) == [
        "body-after-body",
        "body-after-response",
        "close-twice",
        "failure-not-text",
        "no-close",
        "send-after-close",
        "trailers-after-response",
        "unknown-coding",
    ]


def test_all_rules_that_bind_an_app_are_accounted_for() -> None:
    """61 of the 164 of the specification."""
    assert not CHECKED.keys() & NOT_SEEN.keys()
    assert len(CHECKED) + len(NOT_SEEN) == 61
