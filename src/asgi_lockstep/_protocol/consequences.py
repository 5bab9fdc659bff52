"""What real servers do with an app that breaks a rule.

Observed over real sockets, in the versions that `tests/conformance/recorded/` names; a row is a fact about servers, and
no opinion of ours. `tests/conformance/test_consequences.py` compares the rows with the recordings.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum
from functools import cache
from typing import Final

#: The servers, each with its usual parts, in the order of the rows.
SERVERS: Final = ("uvicorn", "uvicorn with httptools", "hypercorn", "daphne", "granian")


class Consequence(Enum):
    """What a server does, in words that follow its name."""

    RAISES = "raises out of send()"
    FAILS = "gives the client no usable answer"
    TRUNCATES = "cuts the answer off"
    HANGS = "leaves the client waiting"
    GOES_ON = "goes on"


_LETTERS: Final = {word.name[0]: word for word in Consequence}

#: What counts as a refusal: the app is told, or the client has no answer.
_REFUSALS: Final = frozenset((Consequence.RAISES, Consequence.FAILS, Consequence.TRUNCATES, Consequence.HANGS))

#: A letter for each server: the first of the name of what it does.
_ROWS: Final[Mapping[str, str]] = {
    "no-message": "RRRRR",
    "other-protocol": "RRRRR",
    "unknown-type": "RRRRR",
    "not-offered": "RRRRR",
    "not-allowed": "RRRRG",
    "send-after-close": "RRRRG",
    "close-twice": "RRGGG",
    "start-twice": "RRRRR",
    "body-before-start": "RRRRR",
    "body-after-response": "RRRGR",
    "trailers-not-declared": "RRRGR",
    "wrong-kind": "RRGRR",
    "not-pairs": "RRRRR",
    "not-two-byte-strings": "GRRRR",
    "not-one-of-two": "RGRGR",
    "buffer": "GGGRG",
    "header-buffer": "GGGRG",
    "header-text-in-accept": "GRRGG",
    "body-nothing": "GGRRG",
    "status-float": "RGGGR",
    "both-of-two": "GGGRR",
    "close-code-none": "GGRGG",
    "failure-not-text": "GGGGG",
    "no-status": "RRRFF",
    "interim-status": "RFRFF",
    "unknown-status-class": "RRGGG",
    "not-one-line": "RRRGR",
    "pseudo-header": "RRRRR",
    "pseudo-header-in-accept": "RFRGG",
    "no-header-name": "RRRRR",
    "control-character": "GRGGR",
    "upper-case-name": "GGGGG",
    "outer-blanks": "RGGGG",
    "length-no-number": "RRRFF",
    "length-with-sign": "RFRFF",
    "length-list": "GRGGG",
    "lengths-differ": "RFRFG",
    "length-twice": "GGGGG",
    "length-of-nothing": "GGGGG",
    "unknown-coding": "RFRGF",
    "body-too-long": "RRRGG",
    "body-too-short": "RRRHH",
    "body-not-allowed": "RRGGG",
    "denial-of-other-length": "RTRHH",
    "no-unicode": "RRRRG",
    "subprotocol-not-offered": "RGRRG",
    "subprotocol-as-header": "GGRGG",
    "no-close-code": "RRRRG",
    "close-code-never-sent": "GRGRG",
    "reserved-close-code": "GRGRG",
    "long-close-reason": "GRGGG",
    "return-value": "GGGGG",
    "flag-not-bool": "GGGGR",
    "no-last-body": "GGGHF",
    "no-close": "GGGGG",
}

#: The rules about what none of these servers offers: whether a server that did could go on. They say so themselves.
NOBODY_OFFERS: Final[Mapping[str, bool]] = {
    "body-after-body": False,
    "trailers-before-end": False,
    "trailers-after-response": False,
    "file-of-another-length": True,
    "relative-path": False,
    "links-not-bytes": False,
    "no-file": False,
    "before-start": True,
    "debug-after-start": False,
}

#: What each server does, by the name of the rule.
CONSEQUENCES: Final[Mapping[str, Mapping[str, Consequence]]] = {
    name: dict(zip(SERVERS, (_LETTERS[letter] for letter in row), strict=True)) for name, row in _ROWS.items()
}

#: The names of all rules.
NAMES: Final = (*CONSEQUENCES, *NOBODY_OFFERS)


def most_refuse(rule: str) -> bool:
    """Whether most servers refuse what breaks `rule`, or their clients get no answer."""
    if rule in NOBODY_OFFERS:
        return not NOBODY_OFFERS[rule]
    return _most_do(rule, _REFUSALS)


@cache
def fails_quietly(rule: str) -> bool:
    """Whether most servers do not tell the app, and their clients get no answer all the same."""
    return rule not in NOBODY_OFFERS and most_refuse(rule) and not _most_do(rule, {Consequence.RAISES})


def _most_do(rule: str, these: Collection[Consequence]) -> bool:
    return 2 * sum(consequence in these for consequence in CONSEQUENCES[rule].values()) > len(SERVERS)


def told(rule: str) -> str:
    """What uvicorn and hypercorn do, in a sentence for texts."""
    if rule in NOBODY_OFFERS:
        return "uvicorn and hypercorn do not offer it."
    first, second = (CONSEQUENCES[rule][server] for server in ("uvicorn", "hypercorn"))
    return f"uvicorn {first.value}, " + ("and so does hypercorn." if first is second else f"hypercorn {second.value}.")
