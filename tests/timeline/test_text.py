"""A timeline as lines for a terminal."""

from __future__ import annotations

import re

import pytest

from asgi_lockstep.timeline import Timeline
from timeline.standing import ENDPOINT, TEST_LINE, Story

STORY = (
    Story()
    .http()
    .event("test", "test: GET /notes", place=TEST_LINE, step="look")
    .sends("http.response.start", status=200)
    .event("raises", "app raises ValueError: no", details="Traceback\n  a line\nValueError: no", step="")
    .event("fails", "test gets AppTimeout: too long", details="AppTimeout: too long", exchange=None)
    .event("ends", "app returned", jump=3600.0, loop_time=3600.5)
)


def test_the_text_of_a_timeline() -> None:
    """When, which request, what, and where; what is behind a failure, below it."""
    assert STORY.timeline(lost=12, clock="virtual").text() == (
        "test_notes\n"
        "            (12 earlier events are not kept)\n"
        "            -- look --\n"
        "     0.0 ms  test: GET /notes  [tests/test_notes.py:12 in test_notes]\n"
        "            -- after that --\n"
        "     1.0 ms  GET /notes: app sends http.response.start\n"
        "     2.0 ms  GET /notes: app raises ValueError: no\n"
        "            | Traceback\n"
        "            |   a line\n"
        "            | ValueError: no\n"
        "     3.0 ms  test gets AppTimeout: too long\n"
        "            ... 1 h pass ...\n"
        " 3,600.5 s   GET /notes: app returned\n"
    )


def test_what_the_test_has_got_is_not_shown_twice() -> None:
    """Of what the app has raised, and the test has got, the test shows all."""
    story = Story().http().event("raises", "app raises ValueError: no", details="Traceback\nValueError: no")
    story.event("fails", "test gets ValueError: no", details="ValueError: no", exchange=None)
    assert [line[13:] for line in story.timeline(title="").text().splitlines()] == [
        "GET /notes: app raises ValueError: no",
        "test gets ValueError: no",
    ]


def test_lines_end_where_the_terminal_ends() -> None:
    """What has happened is not cut for that, unless it would take more than two lines."""
    lines = STORY.timeline().text(width=40).splitlines()
    assert max(map(len, lines)) <= 40
    assert lines[5:7] == ["     1.0 ms  GET /notes: app sends", "              http.response.start"]
    story = Story().http().event("refused", "app is refused http.response.body: what the rule says about it is long")
    assert story.timeline(title="").text(width=40).splitlines() == [
        "     0.0 ms  GET /notes: app is refused",
        "              http.response.body: wha...",
    ]


def test_a_place_is_kept_where_there_is_room_for_it() -> None:
    """Without its function, and after that in a line of its own: what has happened is not cut for it."""
    line = STORY.timeline().text(width=66).splitlines()[2]
    assert line == "     0.0 ms  test: GET /notes  [tests/test_notes.py:12]"
    lines = STORY.timeline().text(width=54).splitlines()[2:4]
    assert lines == ["     0.0 ms  test: GET /notes", "              [tests/test_notes.py:12 in test_notes]"]


def test_the_place_of_what_a_library_has_sent_is_that_of_the_endpoint_and_called_so() -> None:
    """It is no line that has sent anything."""
    story = (
        Story().http().lines(TEST_LINE, ENDPOINT).event("sends", "app sends http.response.start 200", place=ENDPOINT)
    )
    assert story.timeline(title="").text() == (
        "     0.0 ms  GET /notes: app sends http.response.start 200  [endpoint app.py:8 in notes]\n"
    )


def test_colours_change_nothing_but_colours() -> None:
    """Each line has its style, by kind."""
    pytest.importorskip("rich")
    plain = STORY.timeline().text(width=80).splitlines()
    coloured = STORY.timeline().text(width=80, colour=True).splitlines()
    assert [re.sub(r"\x1b\[[\d;]*m", "", line) for line in coloured] == plain
    assert next(line for line in coloured if "raises ValueError" in line).startswith("\x1b[31m")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.25, "0.25 s"), (90, "1.5 min"), (7200, "2 h"), (86400 * 30, "30 d")],
)
def test_a_jump_is_told_in_the_unit_that_suits_it(seconds: float, words: str) -> None:
    """An hour is no number of seconds."""
    timeline = Story().http().event("ends", "app returned", jump=seconds).timeline()
    assert timeline.text().splitlines()[1] == f"            ... {words} pass ..."


def test_a_timeline_without_events_is_its_title() -> None:
    """Nothing has happened."""
    assert (Timeline([]).text(), Timeline([]).titled("x").text()) == ("", "x\n")
