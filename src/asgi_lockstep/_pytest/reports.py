"""What is written about tests (`--asgi-report=DIR`): what happened in each, and an index of the run.

Where pytest-xdist runs the tests, each worker writes the files of its tests, and what they are goes with the report of
the test to the process that writes the index.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from .index_page import FORMATS, IS_OURS, Row, index_page
from .sections import timelines_of

#: The folder of the files, in that of the run.
_FILES: Final = "timelines"

#: Under which name the report of a test carries what there is to say about it: from a worker of pytest-xdist, too.
_ROW: Final = "asgi_lockstep_row"

#: What the phases of a test have come to, and how long they took.
_PHASES: Final = pytest.StashKey[list[pytest.TestReport]]()

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_.]+")

#: How much of the name of a test a file name shows.
_SHOWN: Final = 80


class Writes:
    """The hook that writes the files of a test, when it has ended.

    Args:
        config: of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._folder = _folder(config)
        self._writes_all = config.getoption("asgi_report_tests") == "all"

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Write with the last report of a test, which knows all of it."""
        report: pytest.TestReport = yield
        phases = item.stash.setdefault(_PHASES, [])
        phases.append(report)
        if report.when == "teardown":
            del item.stash[_PHASES]
            outcome = outcome_of(phases)
            if self._writes_all or outcome in ("failed", "error"):
                seconds = sum(phase.duration for phase in phases)
                setattr(report, _ROW, [item.nodeid, outcome, seconds, self._write(item)])
        return report

    def _write(self, item: pytest.Item) -> list[str]:
        """The names of the files, without their suffixes: one for each client."""
        timelines = timelines_of(item)
        name = file_name(item.nodeid)
        names = [name if len(timelines) == 1 else f"{name}-{number}" for number in range(1, len(timelines) + 1)]
        (self._folder / _FILES).mkdir(parents=True, exist_ok=True)
        for own, timeline in zip(names, timelines, strict=True):
            for suffix in FORMATS:
                timeline.save(self._folder / _FILES / f"{own}{suffix}", title=item.nodeid)
        return [f"{_FILES}/{own}" for own in names]


class Reports:
    """The hooks of the process that writes the index: the only one, or that to which all workers report.

    Args:
        config: of the run.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._folder = _folder(config)
        self._rows: list[Row] = []
        self._writes_all = config.getoption("asgi_report_tests") == "all"
        self._count = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Remove what an earlier run has written, before any worker writes; and nothing else.

        Raises:
            pytest.UsageError: there is an index.html in the folder that is not ours; the text says what to do.
        """
        index = self._folder / "index.html"
        if index.exists() and IS_OURS not in index.read_text(encoding="utf-8", errors="replace"):
            raise pytest.UsageError(
                f"--asgi-report={self._folder}: the index.html there is none of asgi-lockstep, and would be "
                "overwritten. Give a folder of its own."
            )
        if index.exists():
            for suffix in FORMATS:
                for old in (self._folder / _FILES).glob(f"*{suffix}"):
                    old.unlink()
            with suppress(OSError):  # somebody has put something else there
                (self._folder / _FILES).rmdir()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._write(is_whole=False)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase of a test has ended, here or on a worker."""
        self._count += report.when == "setup"
        row = getattr(report, _ROW, None)
        if row is not None:
            self._rows.append(Row(*row))

    def pytest_sessionfinish(self) -> None:
        """Write the index."""
        self._write(is_whole=True)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where it is."""
        terminalreporter.write_line(f"asgi report: {self._folder / 'index.html'}")

    def _write(self, *, is_whole: bool) -> None:
        page = index_page(sorted(self._rows), self._count, self._writes_all, is_whole)
        (self._folder / "index.html").write_text(page, encoding="utf-8")


def _folder(config: pytest.Config) -> Path:
    given: Any = config.getoption("asgi_report")
    return Path(given)


def outcome_of(phases: list[pytest.TestReport]) -> str:
    """What a test has come to: passed, failed, error, skipped, xfailed or xpassed."""
    for phase in phases:
        if phase.failed:
            return "failed" if phase.when == "call" else "error"
        if hasattr(phase, "wasxfail"):
            return "xfailed" if phase.skipped else "xpassed"
        if phase.skipped:
            return "skipped"
    return "passed"


def file_name(test: str) -> str:
    """A name that any system takes, and that no other test has, also where names differ in capitals alone."""
    digest = hashlib.sha256(test.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    path, _, name = test.partition("::")
    shown = _UNSAFE.sub("-", f"{path.rpartition('/')[2]}-{name}")[:_SHOWN].strip("-.")
    return f"{shown}-{digest}"
