"""`--timeline` and `asgi-lockstep report`: which files are written. What is in them is tested with timelines."""

from __future__ import annotations

import json

import pytest

from asgi_lockstep import TestClient
from asgi_lockstep.timeline import Timeline
from cli.apps import STATUSES
from cli.runs import CommandLine, Ran
from helpers import answers, body, start

SUFFIXES = ".jsonl, .html, .har, .txt, .svg, .trace.json"


@pytest.fixture
def timelines(command_line: CommandLine) -> CommandLine:
    """The command line beside an app, and the timeline of a request to another one."""
    command_line.write(statuses=STATUSES)
    client = TestClient(answers(start(204), body()))
    client.get("/saved")
    client.timeline.save(command_line.folder / "run.jsonl", title="a run")
    return command_line


@pytest.mark.parametrize(("path", "status"), [("/200", 0), ("/404", 4), ("/raises", 1)])
def test_the_timeline_of_a_command_is_saved(timelines: CommandLine, path: str, status: int) -> None:
    """Also where the app fails: that is what it is for."""
    ran = timelines("request", "statuses:app", path, "--no-lifespan", "--timeline", "out.jsonl")
    assert ran.status == status
    assert ran.err.startswith("saved the timeline: out.jsonl\n")
    saved = Timeline.load(timelines.folder / "out.jsonl")
    assert [str(event) for event in saved.of_kind("test")] == [
        "test: enter the client",
        f"test: GET {path}",
        "test: leave the client",
    ]
    assert {event.place and event.place.file for event in saved.of_kind("test")} == {"asgi-lockstep"}


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
    assert (timelines.folder / "run.svg").read_text().startswith("<svg ")
    assert "traceEvents" in json.loads((timelines.folder / "run.trace.json").read_text())


def test_a_report_without_a_file_is_printed(timelines: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """As text, in colours on a terminal."""
    timeline = Timeline.load(timelines.folder / "run.jsonl")
    assert timelines("report", "run.jsonl") == Ran(0, timeline.text(120))
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "90")
    assert timelines("report", "run.jsonl") == Ran(0, timeline.text(90, colour=True))


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
    assert timelines("report", "other.jsonl", "-o", "x.svg") == Ran(
        2,
        "",
        "Error: Line 1 of other.jsonl is none of a timeline (JSONDecodeError: Expecting value: line 1 column 1 "
        '(char 0)). Write one with client.timeline.save("timeline.jsonl").\n',
    )
