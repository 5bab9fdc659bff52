"""How often our client, and each server, differs from the consensus: `make conformance`.

With `--list`, where ours differs, as JSON lines: case, field, consensus, ours.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from conformance.case import Case
from conformance.cases import ALL
from conformance.consensus import WORKS, class_of, consensus, differences, kind, recorded
from conformance.in_process import alarm, outcome
from matrix import SYNC, Driver, backend_of

#: The codes of a websocket that ends because something went wrong.
ABNORMAL_CODES = (1002, 1006, 1007, 1009, 1011)

KINDS = ("false pass", "false alarm", "only the app", "other")


def on_driver(function: Callable[[Driver, Case], Any], case: Case) -> Any:
    """What `function` says of a case, on the first driver."""
    name = next(iter(SYNC))
    with Driver(name, backend_of(name), SYNC[name]) as driver:
        return function(driver, case)


def all_differences(outcomes: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, tuple[Any, Any]]]:
    """The cases that differ, and how."""
    found = {name: differences(outcome, consensus()[name]) for name, outcome in outcomes.items()}
    return {name: different for name, different in found.items() if different}


def passes(outcome: Mapping[str, Any]) -> bool:
    """Whether neither the app of a server nor its client is told of anything."""
    works = class_of(outcome["result"]) == WORKS and outcome.get("close") not in ABNORMAL_CODES
    return works and outcome["app.end"] != "raised" and not outcome["app.raised"]


def row(name: str, outcomes: Mapping[str, Mapping[str, Any]], silent: int) -> str:
    """The line of one server or client, with how many violating apps pass there without a word."""
    different = all_differences(outcomes)
    kinds = Counter(kind(each) for each in different.values())
    conforming = sum(case.conforms for case in ALL if case.name in different)
    cells = [
        name,
        f"{len(different)} of {len(outcomes)}",
        *(str(kinds[each]) for each in KINDS),
        str(conforming),
        str(silent),
    ]
    return f"| {' | '.join(cells)} |"


def table() -> str:
    """Everything that `make conformance` prints."""
    head = ["", "differs", *KINDS, "conforming apps that differ", "violating apps that pass without a word"]
    alarms = {case.name: on_driver(alarm, case) for case in ALL}
    violating = [case.name for case in ALL if not case.conforms]
    silent = [name for name in violating if not alarms[name]]
    lines = [f"| {' | '.join(head)} |", "| --- " * len(head) + "|"]
    lines.append(row("asgi-lockstep", {case.name: on_driver(outcome, case) for case in ALL}, len(silent)))
    for stack, cases in recorded().items():
        lines.append(row(stack, cases, sum(passes(cases[name]) for name in violating)))
    false = [f"{case.name} ({alarms[case.name]})" for case in ALL if case.conforms and alarms[case.name]]
    lines += [
        "",
        f"Violating apps that pass without a word by default: {len(silent)} of {len(violating)}.",
        *_indented(silent),
    ]
    count = len(ALL) - len(violating)
    lines += ["", f"Conforming apps for which a call raises by default: {len(false)} of {count}.", *_indented(false)]
    return "\n".join(lines)


def _indented(names: list[str]) -> list[str]:
    return [f"    {name}" for name in names]


def main() -> None:
    """Print the figures, or where ours differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="where ours differs, as JSON lines")
    options = parser.parse_args()
    logging.disable()
    if not options.list:
        print(table())
        return
    for name, different in all_differences({case.name: on_driver(outcome, case) for case in ALL}).items():
        for field, (expected, found) in different.items():
            print(json.dumps([name, kind(different), field, expected, found]))


if __name__ == "__main__":
    main()
