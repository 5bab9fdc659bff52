"""A pytest plugin that writes what became of each test, one JSON object a line, while the run goes on.

    ASGI_LOCKSTEP_REPORT=PATH python -m pytest -p downstream_report

A JUnit file is written when a run ends, so one that hangs or crashes has none; of this one everything but the last test
is there. It also has pytest's own test ids, which a JUnit file has not. `downstream.py` reads it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

import pytest

#: The environment variable with the path of the file.
VARIABLE: Final = "ASGI_LOCKSTEP_REPORT"


def pytest_configure() -> None:
    """Start with an empty file."""
    Path(os.environ[VARIABLE]).write_text("", encoding="utf-8")


def pytest_runtest_logstart(nodeid: str) -> None:
    """Write that a test runs, so that the one that never ended is known."""
    _write({"id": nodeid, "outcome": "started"})


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write the outcome of a test, and each failure before or after it."""
    if report.failed:
        _write({"id": report.nodeid, "outcome": "failed", "message": failure(report.longrepr)})
    elif report.skipped:
        _write({"id": report.nodeid, "outcome": "xfailed" if hasattr(report, "wasxfail") else "skipped"})
    elif report.when == "call":
        _write({"id": report.nodeid, "outcome": "passed"})


def failure(representation: Any) -> str:
    """In one line: the exception, where it was raised, and the exception that it began with if that is another."""
    crash = getattr(representation, "reprcrash", None)
    if crash is None:
        return _first_line(str(representation))
    told = f"{_first_line(crash.message)} ({crash.path}:{crash.lineno})"
    chain = [at for _, at, _ in getattr(representation, "chain", ()) if at is not None]
    if len(chain) > 1:
        told += f" <- {_first_line(chain[0].message)} ({chain[0].path}:{chain[0].lineno})"
    return told


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "no message")


def _write(entry: dict[str, str]) -> None:
    # Opened for each line: what has been written is there whatever becomes of the process.
    with Path(os.environ[VARIABLE]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
