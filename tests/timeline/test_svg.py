"""The picture of a timeline."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from asgi_lockstep._timeline.timeline import Timeline
from asgi_lockstep._timeline.writers.svg import as_svg
from timeline.made import many, small
from timeline.story import Story

SVG = "{http://www.w3.org/2000/svg}"


def drawn(timeline: Timeline) -> ET.Element:
    """The picture, parsed."""
    return ET.fromstring(as_svg(timeline))


def texts(root: ET.Element) -> list[str]:
    """All texts, from top to bottom."""
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def test_each_event_has_a_row_in_order() -> None:
    """Below the title and the lifelines; steps and jumps have rows of their own."""
    assert texts(drawn(small()))[:12] == [
        "test_notes_are_shared",
        "test",
        "client",
        "app",
        "test: enter",
        "app receives lifespan.startup",
        "INFO board: opened the database",
        "app sends lifespan.startup.complete",
        "app waits in receive()",
        "log in",
        "test: POST /login",
        "app receives http.request, 34 bytes",
    ]


def test_a_jump_of_time_has_a_row() -> None:
    """With how long it was."""
    found = texts(drawn(small()))
    assert found[found.index("1 h passes") - 1] == "test: sleep 3600"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.25, "0.25 s"), (59, "59 s"), (60, "1 min"), (3725, "1 h 2 min 5 s"), (172800, "2 d")]
)
def test_durations_are_written_as_people_say_them(seconds: float, text: str) -> None:
    """Without units that are zero."""
    story = Story("jump")
    story.tell("sends", None, "app sends", jump=seconds)
    assert f"{text} passes" in texts(drawn(story.timeline()))


def test_a_refused_message_is_crossed_out() -> None:
    """And written in bold, so that no colour is needed."""
    root = drawn(small())
    (group,) = (group for group in root.iter(f"{SVG}g") if group.get("class") == "refused")
    assert [shape.get("class") for shape in group] == ["line", "tip", "cross", None]


def test_bars_are_drawn_for_those_who_wait() -> None:
    """The test and the app."""
    classes = Counter(shape.get("class") for shape in drawn(small()).iter(f"{SVG}rect"))
    assert classes == {"ground": 1, "bar-test": 10, "bar-waits": 5}


def test_markup_and_what_xml_cannot_carry_is_text() -> None:
    """It parses, whatever an app has sent."""
    text = '</text><script>alert("&")</script>\x00\x1b\ud800 end'
    story = Story(text)
    story.exchange(1, "http", text)
    story.step = text
    story.tell("logs", 1, text)
    assert set(texts(drawn(story.timeline()))) >= {'</text><script>alert("&")</script>\ufffd\ufffd\ufffd end'}


def test_long_texts_are_cut() -> None:
    """A picture can not be scrolled."""
    story = Story("long")
    story.tell("logs", None, "x" * 100)
    assert texts(drawn(story.timeline()))[-1] == "x" * 71 + "\N{HORIZONTAL ELLIPSIS}"


def test_a_request_is_named_where_it_begins_and_where_there_is_room() -> None:
    """Not again in each row, not twice in one row, and cut where it would be too long."""
    story = Story("requests")
    story.exchange(1, "http", "GET /" + "n" * 100)
    story.tell("receives", 1, "app receives http.request")
    story.tell("ends", 1, "app returned")
    story.exchange(2, "http", "GET /")
    story.tell("test", 2, "test: GET /")
    story.tell("raises", 1, "x" * 70)
    assert texts(drawn(story.timeline()))[4:] == [
        "app receives http.requestGET /" + "n" * 39 + "\N{HORIZONTAL ELLIPSIS}",
        "app returned",
        "test: GET /",
        "x" * 70,
    ]


def test_it_is_light_or_dark_like_its_page() -> None:
    """By one media query, which also works in a picture of a README; nothing is fetched."""
    text = as_svg(small())
    assert text.count("@media (prefers-color-scheme: dark)") == 1
    assert [part for part in ("href", "url(", "<script", "@import") if part in text] == []


def test_it_is_as_high_as_its_events() -> None:
    """Each row has 24 pixels, below the names of the lifelines."""
    assert [drawn(many(count)).get("height") for count in (1, 7)] == [str(64 + 24 * 2 + 12), str(64 + 24 * 8 + 12)]


def test_nothing_is_a_picture_too() -> None:
    """With its three lifelines."""
    assert texts(drawn(Story("nothing").timeline())) == ["nothing", "test", "client", "app"]
