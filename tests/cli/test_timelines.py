"""`--timeline` and `asgi-lockstep report`: which files are written. What is in them is tested with timelines."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from asgi_lockstep import TestClient, UsageError
from cli.apps import STATUSES
from cli.runs import CommandLine, Ran

SUFFIXES = ".jsonl, .html, .har, .txt, .svg, .trace.json"


class Timeline:
    """Stands in for a timeline: saves its name."""

    def __init__(self, name: str) -> None:
        self.name = name

    @classmethod
    def load(cls, path: Path) -> Timeline:
        """The timeline of a file."""
        text = path.read_text()
        if text == "no timeline":
            raise UsageError(f"{path} is no timeline.")
        return cls(text)

    def text(self, width: int, colour: bool) -> str:
        """The name, with what it is printed for."""
        return f"{self.name}, {width} wide, {'coloured' if colour else 'plain'}"

    def save(self, path: Path) -> Path:
        """Write the name."""
        path.write_text(f"{self.name} as {path.name}")
        return path


@pytest.fixture
def timelines(command_line: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line, with clients and files that have such timelines."""
    module: Any = ModuleType("asgi_lockstep._timeline.timeline")
    module.Timeline = Timeline
    monkeypatch.setitem(sys.modules, "asgi_lockstep._timeline", ModuleType("asgi_lockstep._timeline"))
    monkeypatch.setitem(sys.modules, "asgi_lockstep._timeline.timeline", module)
    monkeypatch.setattr(TestClient, "timeline", Timeline("that of the client"), raising=False)
    command_line.write(statuses=STATUSES)
    (command_line.folder / "run.jsonl").write_text("that of the file")
    return command_line


@pytest.mark.parametrize(("path", "status"), [("/200", 0), ("/404", 4), ("/raises", 1)])
def test_the_timeline_of_a_command_is_saved(timelines: CommandLine, path: str, status: int) -> None:
    """Also where the app fails: that is what it is for."""
    ran = timelines("request", "statuses:app", path, "--no-lifespan", "--timeline", "out.html")
    assert ran.status == status
    assert ran.err.startswith("saved the timeline: out.html\n")
    assert (timelines.folder / "out.html").read_text() == "that of the client as out.html"


@pytest.mark.parametrize("command", ["request", "sse", "ws", "check"])
def test_a_file_of_no_known_kind_is_refused_before_anything_runs(timelines: CommandLine, command: str) -> None:
    """In every command that has the option."""
    ran = timelines(command, "statuses:app", "/200", "--timeline", "out.pdf")
    assert (ran.status, ran.err.splitlines()[-1]) == (
        2,
        f"Error: Invalid value for '--timeline': 'out.pdf' has none of the suffixes {SUFFIXES}.",
    )


def test_a_report_is_written_in_each_form_that_is_asked_for(timelines: CommandLine) -> None:
    """By the suffix."""
    ran = timelines("report", "run.jsonl", "-o", "run.svg", "--output", "run.trace.json")
    assert ran == Ran(0, "", "saved the timeline: run.svg\nsaved the timeline: run.trace.json\n")
    assert (timelines.folder / "run.svg").read_text() == "that of the file as run.svg"
    assert (timelines.folder / "run.trace.json").read_text() == "that of the file as run.trace.json"


def test_a_report_without_a_file_is_printed(timelines: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As text, in colours on a terminal."""
    assert timelines("report", "run.jsonl") == Ran(0, "that of the file, 120 wide, plain\n")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "90")
    assert timelines("report", "run.jsonl") == Ran(0, "that of the file, 90 wide, coloured\n")


def test_a_report_of_no_known_kind_is_refused(timelines: CommandLine) -> None:
    """With the kinds that there are."""
    ran = timelines("report", "run.jsonl", "-o", "run.pdf")
    assert (ran.status, ran.err.splitlines()[-1]) == (
        2,
        f"Error: Invalid value for '-o' / '--output': 'run.pdf' has none of the suffixes {SUFFIXES}.",
    )


def test_a_file_that_is_no_timeline_is_said_so(timelines: CommandLine) -> None:
    """In the words of the timeline."""
    (timelines.folder / "other.jsonl").write_text("no timeline")
    assert timelines("report", "other.jsonl", "-o", "x.svg") == Ran(2, "", "Error: other.jsonl is no timeline.\n")
