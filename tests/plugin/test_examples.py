"""The tests of `examples/` under the options of the plugin, as a user gives them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Warnings are errors; an own folder for what pytest makes, since others run at the same time.
_PYTEST = (sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider", "examples")


def last_line(folder: Path, *args: str) -> str:
    """What a run comes to, in the words of pytest."""
    command = [*_PYTEST, f"--basetemp={folder / 'made'}", *args]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    return ran.stdout.splitlines()[-1].partition(" in ")[0]


@pytest.mark.parametrize("server", ["uvicorn", "hypercorn"])
def test_under_a_server(tmp_path: Path, server: str) -> None:
    """What needs lockstep is skipped, and everything else passes."""
    assert last_line(tmp_path, f"--asgi-live={server}") == "32 passed, 19 skipped"


def test_on_four_workers_with_a_report_of_each(tmp_path: Path) -> None:
    """Under every rule of the specification; there is one index for the reports of all workers."""
    report = tmp_path / "report"
    options = (f"--asgi-report={report}", "--asgi-report-tests=all", "--asgi-rules=spec")
    assert last_line(tmp_path, "-n", "4", *options) == "51 passed"
    index = (report / "index.html").read_text(encoding="utf-8")
    pages = sorted((report / "timelines").glob("*.html"))
    assert len(pages) == 51
    assert [page.name for page in pages if page.name not in index] == []
    for archive in (report / "timelines").glob("*.har"):
        assert json.loads(archive.read_text(encoding="utf-8"))["log"]["version"] == "1.2"


def test_with_the_app_on_a_thread_of_its_own(tmp_path: Path) -> None:
    """As with Starlette's client."""
    assert last_line(tmp_path, "--asgi-driver=free") == "51 passed"
