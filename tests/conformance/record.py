"""All cases under all stacks, written to `recorded/`: run `make conformance-record`, or name some stacks and cases."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from conformance.case import Case
from conformance.cases import ALL
from conformance.consensus import RECORDED
from conformance.recorder import Recorder
from conformance.stacks import STACKS, Stack

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


def main() -> None:
    """Record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack", action="append", choices=sorted(STACKS), help="only this one (can be repeated)")
    parser.add_argument("--case", action="append", help="only cases with this in their name; the others are kept")
    options = parser.parse_args()
    installed = [name for name, stack in sorted(STACKS.items()) if stack.installed]
    chosen = [case for case in ALL if any(part in case.name for part in options.case or [""])]

    with ThreadPoolExecutor() as pool:
        for line in pool.map(partial(_work, chosen), options.stack or installed):
            print(line)


def _work(cases: Sequence[Case], name: str) -> str:
    """Record the cases under one stack, and keep those that it has of others."""
    path = RECORDED / f"{name}.json"
    outcomes, unstable = record(STACKS[name], cases)
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"cases": {}, "unstable": []}
    others = {case.name for case in ALL} - outcomes.keys()
    kept = {case: outcome for case, outcome in before["cases"].items() if case in others}
    write(path, STACKS[name], {**kept, **outcomes}, [*unstable, *others.intersection(before["unstable"])])
    return f"{name}: {len(outcomes)} cases, of which {len(unstable)} came out differently a second time: {unstable}"


if __name__ == "__main__":
    main()
