"""What real servers do with an app that breaks a rule.

Observed over real sockets, in the versions that `tests/conformance/recorded/` names; a row is a fact about servers, and
no opinion of ours. `tests/conformance/test_consequences.py` compares the rows with the recordings.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

#: The servers, each with its usual parts, in the order of the rows.
SERVERS: Final = ("uvicorn", "uvicorn with httptools", "hypercorn", "daphne", "granian")


class Consequence(Enum):
    """What a server does, in words that follow its name."""

    RAISES = "raises out of send()"
    FAILS = "gives the client no usable answer"
    TRUNCATES = "cuts the answer off"
    HANGS = "leaves the client waiting"
    LOGS = "logs an error and goes on"
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
    "not-allowed": "RRRRR",
    "after-close": "GGGGG",
    "start-twice": "RRRRR",
    "body-before-start": "RRRRR",
    "body-after-response": "RRRGR",
    "body-after-body": "RRRGR",
    "trailers-before-end": "RRRGR",
    "trailers-after-response": "RRRGR",
    "trailers-not-declared": "RRRGR",
    "wrong-kind": "RRRRR",
    "not-pairs": "RRRRR",
    "not-two-byte-strings": "RRRRR",
    "not-one-of-two": "RGRGR",
    "buffer": "GGGGG",
    "header-buffer": "GGGGG",
    "header-text-in-accept": "GRRGG",
    "body-none": "GGGGG",
    "status-float": "GGGGG",
    "both-of-two": "GGGRR",
    "no-status": "RRRFF",
    "interim-status": "RFRFF",
    "unknown-status-class": "RRGGG",
    "not-one-line": "RRRGR",
    "pseudo-header": "RRRHR",
    "no-header-name": "RRRHR",
    "control-character": "RRRGG",
    "upper-case-name": "GGGGG",
    "outer-blanks": "GGGGG",
    "length-no-number": "RRRFF",
    "lengths-differ": "RRRFF",
    "length-twice": "GGGGG",
    "length-of-nothing": "GGGGG",
    "body-too-long": "RRRTT",
    "body-too-short": "RRRHT",
    "body-not-allowed": "RRGGG",
    "file-of-another-length": "RRRRT",
    "relative-path": "RRRRF",
    "links-not-bytes": "RRRRR",
    "no-file": "RRRRR",
    "before-start": "GGGGG",
    "debug-after-start": "GGGGG",
    "no-unicode": "RRRRR",
    "subprotocol-not-offered": "RGRHG",
    "subprotocol-as-header": "GGGGG",
    "no-close-code": "RRRRR",
    "close-code-never-sent": "GRGRG",
    "reserved-close-code": "GRGRG",
    "long-close-reason": "RRRRG",
    "return-value": "LLGGG",
}

#: What each server does, by the name of the rule.
CONSEQUENCES: Final[Mapping[str, Mapping[str, Consequence]]] = {
    name: dict(zip(SERVERS, (_LETTERS[letter] for letter in row), strict=True)) for name, row in _ROWS.items()
}


def most_refuse(rule: str) -> bool:
    """Whether most servers refuse what breaks `rule`, or their clients get no answer."""
    refusals = [consequence for consequence in CONSEQUENCES[rule].values() if consequence in _REFUSALS]
    return 2 * len(refusals) > len(SERVERS)


def told(rule: str) -> str:
    """What uvicorn and hypercorn do, in a sentence for texts."""
    first, second = (CONSEQUENCES[rule][server] for server in ("uvicorn", "hypercorn"))
    return f"uvicorn {first.value}, " + ("and so does hypercorn." if first is second else f"hypercorn {second.value}.")
