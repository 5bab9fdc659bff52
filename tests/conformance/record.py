"""All cases under all stacks, written to `recorded/`: run `make conformance-record`, or name some stacks and cases."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from conformance.case import Case
from conformance.cases import ALL
from conformance.recorder import Recorder
from conformance.stacks import STACKS, Stack

RECORDED = Path(__file__).parent / "recorded"

Outcomes = dict[str, dict[str, Any]]


def record(stack: Stack, cases: Sequence[Case]) -> tuple[Outcomes, list[str]]:
    """What comes of the cases, and which of them came out differently in a second round, in reversed order.

    A third run decides about those.
    """
    with tempfile.TemporaryDirectory() as folder, Recorder(stack, Path(folder)) as recorder:
        first = {case.name: recorder.outcome(case) for case in cases}
        second = {case.name: recorder.outcome(case) for case in reversed(cases)}
        unstable = [case for case in cases if first[case.name] != second[case.name]]
        for case in unstable:
            third = recorder.outcome(case)
            first[case.name] = third if third == second[case.name] else first[case.name]
    return first, [case.name for case in unstable]


def write(path: Path, stack: Stack, outcomes: Mapping[str, Any], unstable: Sequence[str]) -> None:
    """One line for each case, sorted."""
    lines = [f"{json.dumps(name)}: {json.dumps(outcome, sort_keys=True)}" for name, outcome in sorted(outcomes.items())]
    head = f'{{"versions": {json.dumps(stack.versions)},\n"unstable": {json.dumps(sorted(unstable))},\n"cases": {{\n'
    path.write_text(head + ",\n".join(lines) + "\n}}\n", encoding="utf-8")


def read(path: Path) -> Outcomes:
    """The outcomes of a file, by the names of the cases."""
    outcomes: Outcomes = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return outcomes


def main() -> None:
    """Record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", action="append", choices=sorted(STACKS), help="only this one (can be repeated)")
    parser.add_argument("--case", default="", help="only cases whose names have this in it; what was recorded is kept")
    options = parser.parse_args()
    chosen = [case for case in ALL if options.case in case.name]

    def work(name: str) -> None:
        path = RECORDED / f"{name}.json"
        outcomes, unstable = record(STACKS[name], chosen)
        known = {case.name for case in ALL}
        kept = {key: value for key, value in read(path).items() if key in known} if options.case else {}
        write(path, STACKS[name], {**kept, **outcomes}, unstable)
        print(f"{name}: {len(outcomes)} cases, of which unstable: {unstable}")

    with ThreadPoolExecutor() as pool:
        list(pool.map(work, options.stack or sorted(STACKS)))


if __name__ == "__main__":
    main()
