"""What most servers agree on: of each field of each case the value of at least three of the five, if there is one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from conformance.cases import ALL

RECORDED: Final = Path(__file__).parent / "recorded"

#: How many servers make a consensus.
ENOUGH: Final = 3

#: What a client gets of an app. Refused is one that the server answers for, or whose connection it ends: which of the
#: two is no matter, because a client in process has no connection.
WORKS, REFUSED, HANGS = "works", "refused", "hangs"

#: What only says something where the app works.
_OF_AN_ANSWER: Final = ("body", "headers", "denial")

_SPLIT: Final = object()

Outcome = Mapping[str, Any]


def class_of(result: str) -> str:
    """What it means to a client: the app works, is refused, or hangs."""
    if result in (WORKS, REFUSED, HANGS):
        return result
    if result.startswith("hang"):
        return HANGS
    refused = result in ("closed", "malformed", "400", "500", "exits") or result.startswith(("truncated", "malformed"))
    return REFUSED if refused else WORKS


class NotRecorded(LookupError):
    """A case is new or renamed, and was not run under every server yet."""

    def __init__(self, name: str, stacks: Sequence[str]) -> None:
        super().__init__(
            f"The case {name!r} was not recorded under {', '.join(stacks)}. Run: "
            f"PYTHONPATH=tests python -m conformance.record --case {name}"
        )


@cache
def recorded() -> Mapping[str, Mapping[str, Outcome]]:
    """The outcomes of each stack, by the names of the cases."""
    files = sorted(RECORDED.glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8"))["cases"] for path in files}


@cache
def consensus() -> Mapping[str, Outcome]:
    """What is agreed on, by the names of the cases; a field that is split is not there."""
    return {case.name: agreed(recorded_of(case.name)) for case in ALL}


def recorded_of(name: str) -> list[Outcome]:
    """The outcomes of a case under each stack.

    Raises:
        NotRecorded: one of them has not run it.
    """
    missing = [stack for stack, cases in recorded().items() if name not in cases]
    if missing:
        raise NotRecorded(name, missing)
    return [cases[name] for cases in recorded().values()]


def agreed(outcomes: Iterable[Outcome]) -> Outcome:
    """The fields on which enough of the outcomes agree; if only on its meaning, `result` has that."""
    outcomes = [*outcomes]
    fields = sorted({field for outcome in outcomes for field in outcome})
    found = {field: _most([outcome.get(field) for outcome in outcomes]) for field in fields}
    if found["result"] is _SPLIT:
        found["result"] = _most([class_of(outcome["result"]) for outcome in outcomes])
    return {field: value for field, value in found.items() if value is not _SPLIT}


def _most(values: list[Any]) -> Any:
    """The value that enough of them have, or `_SPLIT`."""
    for value in values:
        if sum(_same(value, other) for other in values) >= ENOUGH:
            return value
    return _SPLIT


def _same(one: Any, other: Any) -> bool:
    """Equal, and 1 is not True."""
    return bool(one == other) and type(one) is type(other)


def differences(outcome: Outcome, agreed_on: Outcome) -> dict[str, tuple[Any, Any]]:
    """Where an outcome differs: by field, what is agreed on and what it has.

    Fields that one of them does not have are not compared, nor what goes with an answer where there is none.
    """
    left_out = set() if class_of(agreed_on.get("result", WORKS)) == WORKS else set(_OF_AN_ANSWER)
    if class_of(outcome.get("result", WORKS)) != WORKS:
        left_out |= set(_OF_AN_ANSWER)
    shared = [field for field in agreed_on if field in outcome and field not in left_out]
    return {
        field: (agreed_on[field], outcome[field])
        for field in shared
        if not _agrees(field, agreed_on[field], outcome[field])
    }


def _agrees(field: str, expected: Any, found: Any) -> bool:
    if field != "result" or _same(expected, found):
        return _same(expected, found)
    meaning = class_of(expected)
    return meaning == class_of(found) and (meaning != WORKS or expected == WORKS)


def kind(different: Mapping[str, tuple[Any, Any]]) -> str:
    """What a difference means: `false pass`, `false alarm`, `only the app`, or `other`."""
    if "result" in different:
        expected, found = map(class_of, different["result"])
        if expected != found and WORKS in (expected, found):
            return "false pass" if found == WORKS else "false alarm"
        return "other"
    return "only the app" if all(field.startswith("app.") for field in different) else "other"
