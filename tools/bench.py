"""`make bench`: what each operation of each test client costs, and whether our targets are met.

    python tools/bench.py [--json PATH] [--quick]

One process. The candidates take turns in rounds, so that whatever else the machine does hits all of them alike; each
turn opens a client, runs one operation unmeasured, measures a batch, and closes the client, so that no candidate is
measured while threads or loops of another are alive. (The loops of async candidates stay, stopped.) A sample is the
mean of a batch, garbage collection included; the table shows the median of the samples.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.metadata
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from bench_cases import CHUNK, FLOOR, GREETING, JSON_BODY, OURS, STARLETTE, AsyncHTTP, Candidate, candidates

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("asgi-lockstep", "anyio", "async-asgi-testclient", "falcon", "httpx2", "starlette", "trio", "uvloop")


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Args:
        title: the text in the table.
        operation: the method of the candidates.
        subject: what the operation is done with.
        expected: what it answers; checked, outside of the measurement.
        target: how many times faster than Starlette's client ours has to be, or 0 if nothing was promised.
    """

    title: str
    operation: str
    subject: Literal["entered", "not entered", "session", "none"]
    expected: object
    target: int = 0


def cases(chunks: int) -> list[Case]:
    """Every case; `chunks` is the length of the streamed response."""
    return [
        Case("GET, entered", "get", "entered", GREETING, target=10),
        Case("GET, not entered", "get", "not entered", GREETING),
        Case("POST of 1 MB JSON, entered", "post", "entered", str(len(JSON_BODY)).encode()),
        Case("with client: one GET", "enter_and_get", "none", GREETING),
        Case("websocket round trip", "round_trip", "session", "hi", target=30),
        Case("websocket connect + close", "connect", "entered", None),
        Case(f"streaming, {chunks:,} chunks", "stream", "entered", chunks * len(CHUNK), target=20),
    ]


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Args:
        rounds: how many turns each candidate has in each case.
        seconds: how long all of them take together; a candidate that has used more than its share sits out rounds.
        at_least: the smallest number of turns, however long they take.
        chunks: the length of the streamed response.
    """

    rounds: int
    seconds: float
    at_least: int
    chunks: int


FULL = Plan(rounds=20, seconds=1.0, at_least=3, chunks=10_000)
QUICK = Plan(rounds=6, seconds=0.1, at_least=2, chunks=1_000)


@dataclass
class Cell:
    """What was measured of one candidate in one case."""

    who: Any
    case: Case
    batch: int = 1
    samples: list[float] = field(default_factory=list)
    spent: float = 0.0
    checked: bool = False
    #: Whether a streamed response arrived in fewer pieces than the app sent.
    merged: bool = False

    @property
    def median(self) -> float:
        """In microseconds per operation."""
        return statistics.median(self.samples) * 1e6

    def check(self, result: Any) -> None:
        """Compare the answer with what the app sent."""
        self.checked = True
        answer = getattr(result, "content", result)
        if isinstance(answer, tuple):
            pieces, answer = answer
            self.merged = pieces * len(CHUNK) < answer
        if answer != self.case.expected:
            raise AssertionError(f"{self.who.label}, {self.case.title}: {answer!r} instead of {self.case.expected!r}")


Row = dict[str, Cell]


class Bench:
    """Measures.

    Args:
        runners: one asyncio loop for each async candidate, by label.
    """

    def __init__(self, plan: Plan, runners: Mapping[str, asyncio.Runner]) -> None:
        self.plan = plan
        self.runners = runners

    def row(self, case: Case, everyone: Iterable[Candidate]) -> Row:
        """All rounds of one case; a candidate that cannot do it has no cell."""
        row = {who.label: Cell(who, case) for who in everyone if hasattr(who, case.operation)}
        for cell in row.values():
            self.warm_up(cell)
        for number in range(self.plan.rounds):
            for cell in row.values():
                missing = self.plan.at_least - len(cell.samples)
                share = self.plan.seconds * number / self.plan.rounds
                if cell.spent <= share or missing >= self.plan.rounds - number:
                    self.turn(cell)
        return row

    def warm_up(self, cell: Cell) -> None:
        """Run it for a moment, and choose how many operations make a batch."""
        slot = self.plan.seconds / self.plan.rounds
        while cell.spent < slot / 2:
            self.turn(cell)
            cell.batch = max(1, round(slot / min(cell.samples) / 4))
        cell.batch = max(1, round(slot / min(cell.samples)))
        cell.samples.clear()
        cell.spent = 0.0

    def turn(self, cell: Cell) -> None:
        """One batch, which makes one sample."""
        if isinstance(cell.who, AsyncHTTP):
            seconds = self.runners[cell.who.label].run(_async_turn(cell))
        else:
            seconds = _sync_turn(cell)
        cell.spent += seconds
        cell.samples.append(seconds / cell.batch)


def _sync_turn(cell: Cell) -> float:
    operation = getattr(cell.who, cell.case.operation)
    with cell.who.ready(cell.case.subject) as subject:
        if cell.batch > 1 or not cell.checked:
            cell.check(operation(subject))
        begin = time.perf_counter()
        for _ in range(cell.batch):
            operation(subject)
        return time.perf_counter() - begin


async def _async_turn(cell: Cell) -> float:
    operation = getattr(cell.who, cell.case.operation)
    async with cell.who.ready(cell.case.subject) as subject:
        if cell.batch > 1 or not cell.checked:
            cell.check(await operation(subject))
        begin = time.perf_counter()
        for _ in range(cell.batch):
            await operation(subject)
        return time.perf_counter() - begin


# The report.


def lines(title: str, labels: Sequence[str], table: Mapping[str, Mapping[str, str | float]]) -> Iterator[str]:
    """A text table: texts as they are, numbers with one decimal."""
    yield f"{title:28}" + "".join(f"{label:>13}" for label in labels)
    for name, row in table.items():
        texts = {label: value if isinstance(value, str) else f"{value:.1f}" for label, value in row.items()}
        yield f"{name:28}" + "".join(f"{texts.get(label, '-'):>13}" for label in labels)
    yield ""


def medians(rows: Mapping[Case, Row], chunks: int) -> dict[str, dict[str, str]]:
    """The first table, with a line more for what one chunk costs."""
    texts = {}
    for case, row in rows.items():
        texts[case.title] = {label: f"{cell.median:,.1f}{'*' * cell.merged}" for label, cell in row.items()}
        if case.operation == "stream":
            texts["- per chunk"] = {label: f"{cell.median / chunks:,.2f}" for label, cell in row.items()}
    return texts


def ratios(rows: Mapping[Case, Row], above: str, below: str) -> dict[str, dict[str, float]]:
    """How many times as long one takes as the other, for each of OURS, where both can do the case."""
    found = {
        case.title: {
            own: row[above or own].median / row[below or own].median
            for own in OURS
            if {own, above or own, below or own} <= row.keys()
        }
        for case, row in rows.items()
    }
    return {title: row for title, row in found.items() if row}


def package_versions() -> dict[str, str | None]:
    """What has a say in the numbers."""
    found: dict[str, str | None] = dict.fromkeys(PACKAGES)
    for name in PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def machine_load() -> float:
    """How many processes wanted a CPU in the last minute; 0 where the system does not tell."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0


def check_target(case: Case, reached: float) -> dict[str, Any]:
    """One promise, and whether it is kept."""
    return {"case": case.title, "at_least": case.target, "is": reached, "ok": reached >= case.target}


def report(rows: Mapping[Case, Row], plan: Plan, labels: Sequence[str], load: Sequence[float]) -> dict[str, Any]:
    """Print everything, and return it as data."""
    by_ours, by_floor = ratios(rows, STARLETTE, ""), ratios(rows, "", FLOOR)
    targets = [check_target(case, by_ours[case.title][OURS[0]]) for case in rows if case.target]
    print(
        *lines("median, in µs", labels, medians(rows, plan.chunks)),
        *lines("starlette / ours", OURS, by_ours),
        *lines("ours / floor", OURS, by_floor),
        "* arrived in fewer pieces than the app sent: the client merges or buffers the response",
        "httpx2 ASGI and the floor run no lifespan; async-asgi and falcon do not have httpx2's interface",
        f"load of the machine, before and after: {load}; with much more than 0 and 1, ratios to threads say little",
        "",
        sep="\n",
    )
    for target in targets:
        verdict = "ok" if target["ok"] else "MISSED"
        print("target: {case}: at least {at_least}x, is {is:.1f}x: {}".format(verdict, **target))
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "packages": package_versions(),
        "plan": asdict(plan),
        "load": load,
        "unit": "microseconds",
        "cases": {case.title: {label: _data(cell) for label, cell in row.items()} for case, row in rows.items()},
        "starlette_by_ours": by_ours,
        "ours_by_floor": by_floor,
        "targets": targets,
    }


def _data(cell: Cell) -> dict[str, object]:
    return {
        "median": round(cell.median, 3),
        "fastest": round(min(cell.samples) * 1e6, 3),
        "samples": len(cell.samples),
        "operations_per_sample": cell.batch,
        "merged": cell.merged,
    }


def main() -> int:
    """Measure, report, and return 1 if a target was missed."""
    parser = argparse.ArgumentParser(description="Compare what ASGI test clients cost.")
    parser.add_argument("--json", type=Path, default=ROOT / ".bench" / "latest.json", help="where the numbers go")
    parser.add_argument("--quick", action="store_true", help="a rough look, in a few seconds")
    options = parser.parse_args()
    plan = QUICK if options.quick else FULL
    everyone = candidates(plan.chunks)
    load = [machine_load()]
    with contextlib.ExitStack() as stack:
        runners = {who.label: stack.enter_context(asyncio.Runner()) for who in everyone if isinstance(who, AsyncHTTP)}
        bench = Bench(plan, runners)
        rows = {case: bench.row(case, everyone) for case in cases(plan.chunks)}
    load.append(machine_load())
    data = report(rows, plan, [who.label for who in everyone], load)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(data, indent=2) + "\n")
    return 0 if all(target["ok"] for target in data["targets"]) else 1


if __name__ == "__main__":
    sys.exit(main())
