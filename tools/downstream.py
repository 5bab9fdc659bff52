"""`make downstream`: the suites of Starlette, new and old, FastAPI and others, with their own client and with ours.

    python tools/downstream.py [--suite NAME ...] [--all] [-k EXPRESSION]

Each suite runs as it is and once more with `-p asgi_lockstep.starlette`. A test which passes only with their client is
a regression, unless `docs/differences.md` names it (at most five for a suite) in a line such as

    - `starlette: tests/test_x.py::test_name` why we differ.

which counts for all the parameters of that test. A test that is named although it passes is an error too. Everything
it needs and writes is in `.downstream`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from downstream_setup import LOGS, ROOT, SUITES, prepare, python, relative, source

DIFFERENCES: Final = ROOT / "docs" / "differences.md"

OPTIONS: Final = (
    *("-q", "-ra", "--color=no", "-p", "no:cacheprovider", "-p", "no:sugar"),
    *("-o", "faulthandler_timeout=60", "--timeout=60"),
)
#: Seconds: for a whole run, and without any progress. A test that holds a lock can outlive pytest-timeout.
LIMIT, STALL = 25 * 60.0, 3 * 60.0
MOST_DIFFERENCES: Final = 5
#: Characters of a failure. It is cut after the paths of this machine were taken out: half of one would stay.
MOST_SHOWN: Final = 700
_NAMED = re.compile(rf"^- `({'|'.join(map(re.escape, SUITES))}): ([^`\s]+)`\s+\S", re.MULTILINE)


def shown(text: str) -> str:
    """The text without what is only true of this machine."""
    known = {str(ROOT): ".", sys.base_prefix: "<python>", tempfile.gettempdir(): "<temp>", str(Path.home()): "~"}
    for path, name in known.items():
        text = text.replace(path, name)
    return text


# The runs


@dataclass
class Run:
    """One run of a suite.

    Args:
        log: what pytest printed.
        outcomes: test id -> "passed", "failed", "skipped", "xfailed", or "started" if it never ended.
        messages: test id -> its first failure, in one line.
        trouble: why the run is not complete, or empty.
    """

    log: Path
    outcomes: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    trouble: str = ""

    def passed(self, test: str) -> bool:
        """Whether it did what its suite expects of it."""
        return self.outcomes.get(test) in {"passed", "xfailed"}

    def skipped(self, test: str) -> bool:
        return self.outcomes.get(test) == "skipped"

    def message(self, test: str) -> str:
        return self.messages.get(test) or self.outcomes.get(test, "did not run")

    def read(self, report: Path) -> None:
        for line in report.read_text(encoding="utf-8").splitlines() if report.exists() else ():
            entry = json.loads(line)
            # A failure after the test counts, and so does one before it.
            if self.outcomes.get(entry["id"]) != "failed":
                self.outcomes[entry["id"]] = entry["outcome"]
            if "message" in entry:
                self.messages.setdefault(entry["id"], entry["message"])


def run(suite: str, client: str, expression: str | None) -> Run:
    """Run the suite with "theirs" or with "ours"."""
    report = LOGS / f"{suite}-{client}.jsonl"
    result = Run(LOGS / f"{suite}-{client}.txt")
    plugins = ["-p", "downstream_report", *(["-p", "asgi_lockstep.starlette"] if client == "ours" else [])]
    chosen = ["-k", expression] if expression else []
    command = [str(python(suite)), "-m", "pytest", *plugins, *OPTIONS, *chosen, *SUITES[suite].tests]
    print(f"{suite}, {client}: {relative(result.log)}", flush=True)
    report.unlink(missing_ok=True)
    started = time.monotonic()
    with result.log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, cwd=source(suite), env=environment(report), stdout=output, stderr=subprocess.STDOUT
        )
        result.trouble = watch(process, report)
    result.seconds = time.monotonic() - started
    result.read(report)
    return result


def environment(report: Path) -> Mapping[str, str]:
    """What the tests see: nothing that changes how pytest runs, and the plugin which writes the report."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    return {**kept, "PYTHONPATH": str(ROOT / "tools"), "ASGI_LOCKSTEP_REPORT": str(report)}


def watch(process: subprocess.Popen[bytes], report: Path) -> str:
    """Wait for the run, but not for one that hangs; returns what went wrong with the run as a whole."""
    started = moved = time.monotonic()
    size = 0
    while (code := process.poll()) is None:
        time.sleep(0.5)
        now = time.monotonic()
        if (grown := report.stat().st_size if report.exists() else 0) != size:
            size, moved = grown, now
        if now - started > LIMIT or now - moved > STALL:
            process.kill()
            process.wait()
            return "it took too long" if now - started > LIMIT else "it hung"
    # 0 and 1: all passed or some failed; 5: -k left none.
    return "" if code in {0, 1, 5} else f"pytest ended with exit code {code}"


# The comparison


@dataclass
class Comparison:
    """The two runs of a suite."""

    suite: str
    theirs: Run
    ours: Run

    def tests(self, theirs: bool, ours: bool) -> list[str]:
        """The ids of the tests that pass with just these clients; those which both skip are left out."""
        ids = sorted({*self.theirs.outcomes, *self.ours.outcomes})
        chosen = [test for test in ids if (self.theirs.passed(test), self.ours.passed(test)) == (theirs, ours)]
        return [test for test in chosen if not self.theirs.skipped(test) or not self.ours.skipped(test)]

    def row(self) -> tuple[str, ...]:
        counts = [len(self.tests(*which)) for which in ((True, True), (True, False), (False, True), (False, False))]
        return (self.suite, *map(str, counts), f"{self.theirs.seconds:.0f}", f"{self.ours.seconds:.0f}")


HEADER = ("suite", "passed with both", "only with theirs", "only with ours", "failed with both", "s theirs", "s ours")


def table(comparisons: Sequence[Comparison]) -> str:
    rows = [HEADER, *(comparison.row() for comparison in comparisons)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def named_differences() -> set[tuple[str, str]]:
    """Suite and test id without parameters, of each test that `docs/differences.md` names."""
    return set(_NAMED.findall(DIFFERENCES.read_text(encoding="utf-8"))) if DIFFERENCES.exists() else set()


def without_parameters(test: str) -> str:
    return test.partition("[")[0]


def problems(comparisons: Sequence[Comparison], named: set[tuple[str, str]], complete: bool) -> list[str]:
    """What is wrong besides regressions: runs that did not end, and names that should not be there."""
    counts = Counter(suite for suite, _ in named)
    found = [
        f"More than {MOST_DIFFERENCES} differences are named." for count in counts.values() if count > MOST_DIFFERENCES
    ]
    for comparison in comparisons:
        for client in (comparison.theirs, comparison.ours):
            if client.trouble:
                tail = client.log.read_text(encoding="utf-8", errors="replace").splitlines()[-40:]
                found.append("\n".join([f"{relative(client.log)}: {client.trouble}.", *tail]))
        differing = {without_parameters(test) for test in comparison.tests(theirs=True, ours=False)}
        seen = {without_parameters(test) for test in comparison.ours.outcomes}
        for suite, test in sorted(named):
            if suite == comparison.suite and test not in differing and (complete or test in seen):
                found.append(f"{suite}: {test} is named as a difference, but it is none.")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="The test suites of Starlette, FastAPI and others with our client.")
    parser.add_argument("--suite", choices=[*SUITES], nargs="+", help="only these")
    parser.add_argument("--all", action="store_true", help="also those that take long")
    parser.add_argument("-k", dest="expression", help="only the tests that match, as in pytest")
    options = parser.parse_args()
    suites = options.suite or [name for name, suite in SUITES.items() if suite.is_quick or options.all]
    for environment in dict.fromkeys(SUITES[suite].environment for suite in suites):
        prepare(environment)
    comparisons = [
        Comparison(suite, run(suite, "theirs", options.expression), run(suite, "ours", options.expression))
        for suite in suites
    ]
    return tell(comparisons, named_differences(), complete=options.expression is None)


def tell(comparisons: Sequence[Comparison], named: set[tuple[str, str]], complete: bool) -> int:
    """Print the result; returns the exit code."""
    print(f"\n{table(comparisons)}\n")
    passed = failed = 0
    for comparison in comparisons:
        passed += len(comparison.tests(theirs=True, ours=True))
        for test in comparison.tests(theirs=True, ours=False):
            is_named = (comparison.suite, without_parameters(test)) in named
            passed, failed = passed + is_named, failed + (not is_named)
            told = "difference" if is_named else "REGRESSION"
            print(shown(f"{told} {comparison.suite}: {test}\n    {comparison.ours.message(test)}")[:MOST_SHOWN])
    found = problems(comparisons, named, complete)
    for problem in found:
        print(shown(problem))
    print(f"downstream: {passed} passed, {failed} failed")
    return 1 if failed or found else 0


if __name__ == "__main__":
    sys.exit(main())
