"""The saved form: that it can be read again, and what is said where it is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asgi_lockstep import TestClient, UsageError
from asgi_lockstep.timeline import Timeline
from helpers import answers, body, start
from timeline.made import small


def saved(path: Path) -> Timeline:
    """The timeline of a request, saved."""
    client = TestClient(answers(start(200, (b"set-cookie", b"session=abc")), body(b"\xff")))
    client.get("/notes")
    client.timeline.save(path, title="notes")
    return client.timeline


def test_a_timeline_is_read_as_it_was_saved(tmp_path: Path) -> None:
    """Events, exchanges and heading; times to the microsecond."""
    timeline = saved(tmp_path / "x.jsonl")
    loaded = Timeline.load(tmp_path / "x.jsonl")
    assert [event.as_dict() for event in loaded] == [event.as_dict() for event in timeline]
    assert loaded.exchanges == timeline.exchanges
    assert (loaded.title, loaded.began, loaded.clock, loaded.lost) == ("notes", timeline.began, "real", 0)


def test_what_is_saved_has_no_secrets(tmp_path: Path) -> None:
    """They are not known any more afterwards."""
    timeline = saved(tmp_path / "x.jsonl")
    assert "abc" not in (tmp_path / "x.jsonl").read_text()
    loaded = Timeline.load(tmp_path / "x.jsonl")
    assert loaded.with_secrets() is loaded
    timeline.with_secrets().save(tmp_path / "y.jsonl")
    assert "session=abc" in (tmp_path / "y.jsonl").read_text()


def test_each_line_is_an_object_of_json() -> None:
    """The heading first, then exchanges, then events."""
    lines = [json.loads(line) for line in small().lines()]
    assert lines[0]["format"] == "asgi-lockstep timeline"
    assert ["event" in line for line in lines[1:]] == sorted("event" in line for line in lines[1:])


def test_what_later_versions_add_is_passed_over(tmp_path: Path) -> None:
    """A file outlives the version that has written it."""
    lines = [json.loads(line) for line in small().lines()]
    later = tmp_path / "later.jsonl"
    later.write_text("".join(f"{json.dumps({**line, 'colour': 'red'})}\n" for line in lines))
    assert Timeline.load(later) == small()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", 'x.jsonl is empty. Write a timeline with client.timeline.save("timeline.jsonl").'),
        (
            '{"format": "har"}\n',
            "Line 1 of x.jsonl is none of a timeline (ValueError: its \"format\" is 'har'). "
            'Write one with client.timeline.save("timeline.jsonl").',
        ),
        (
            "[1]\n",
            "Line 1 of x.jsonl is none of a timeline (AttributeError: 'list' object has no attribute 'get'). "
            'Write one with client.timeline.save("timeline.jsonl").',
        ),
    ],
)
def test_a_file_that_is_none_is_said_so(tmp_path: Path, content: str, text: str) -> None:
    """Which line, and what is written instead."""
    (tmp_path / "x.jsonl").write_text(content)
    with pytest.raises(UsageError) as caught:
        Timeline.load(tmp_path / "x.jsonl")
    assert str(caught.value) == text


def test_a_form_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """With those that do."""
    with pytest.raises(UsageError) as caught:
        small().save(tmp_path / "x.pdf")
    assert str(caught.value) == (
        "A timeline cannot be saved as 'x.pdf'. Write one of: *.trace.json, *.html, *.har, *.svg, *.txt, *.jsonl."
    )


@pytest.mark.parametrize("end", [".trace.json", ".html", ".har", ".svg", ".txt", ".jsonl"])
def test_each_form_is_written(tmp_path: Path, end: str) -> None:
    """By the end of the name; the path is given back."""
    path = tmp_path / f"run{end}"
    assert small().save(path) == path
    assert path.stat().st_size > 1000
