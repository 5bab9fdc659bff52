"""The rows of the sequence diagram: lifelines, arrows, bars, marks of jumps and headings."""

from __future__ import annotations

from typing import Any

import pytest

from timeline.page.conftest import Open
from timeline.page.reader import Reader


def ends(reader: Reader, text: str) -> tuple[float, float]:
    """The x of both ends of the arrow of an event."""
    line = reader.page.locator(f"{reader.row(text)} >> line.arrow")
    return float(line.get_attribute("x1") or 0), float(line.get_attribute("x2") or 0)


def middles(reader: Reader) -> dict[str, float]:
    """The x of each lifeline, by its name."""
    script = """(heads) => heads.map((head) => {
        const box = head.getBoundingClientRect();
        const drawing = document.querySelector("svg.diagram").getBoundingClientRect();
        return [head.title, box.x + box.width / 2 - drawing.x];
    })"""
    return dict(reader.page.locator("#heads .head").evaluate_all(script))


def near(value: float, wanted: float) -> bool:
    """An arrow ends some pixels before its lifeline."""
    return abs(value - wanted) <= 8


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("test: enter", "test", "client"),
        ("app receives lifespan.startup", "client", "app"),
        ("app sends lifespan.startup.complete", "app", "client"),
        ("Task-7 starts: count_logins()", "app", "Task-7"),
    ],
)
def test_an_arrow_goes_from_whom_a_message_is_to_whom_it_reaches(
    open_page: Open, text: str, start: str, end: str
) -> None:
    """The test acts on the client, the client on the app and the app on the client and on its tasks."""
    reader = open_page()
    x = middles(reader)
    first, last = ends(reader, text)
    assert (near(first, x[start]), near(last, x[end])) == (True, True)


def test_what_a_task_sends_comes_from_its_lifeline(open_page: Open) -> None:
    """Past the app to the client."""
    reader = open_page(hash="#exchange=3")
    reader.press("End")
    x = middles(reader)
    first, last = ends(reader, "app sends websocket.send, 4 bytes")
    assert (near(first, x["Task-9"]), near(last, x["client"])) == (True, True)


def test_an_error_goes_from_the_client_to_the_test(open_page: Open) -> None:
    """Dashed, and the row says that it is a failure."""
    reader = open_page(hash="#kind=fails")
    row = reader.page.locator("#events .row.event")
    assert row.get_attribute("class") == "row event kind-fails failure selected"
    assert "4px, 3px" in row.locator("line.arrow").evaluate("(line) => getComputedStyle(line).strokeDasharray")


def test_a_refused_message_is_crossed_out(open_page: Open) -> None:
    """Its arrow is dashed, with a cross over its middle."""
    reader = open_page(hash="#kind=refused")
    drawn = reader.page.locator("#events .row.event svg.diagram > *:not(.lifeline):not(.bar):not(.hatch)")
    assert drawn.evaluate_all("(shapes) => shapes.map((shape) => shape.getAttribute('class'))") == [
        "arrow",
        "tip",
        "cross",
    ]


def test_the_app_waits_until_its_next_event(open_page: Open) -> None:
    """A bar from the middle of one row to the middle of the other, hatched."""
    reader = open_page(hash="#exchange=3")
    bars = {}
    for text in ("app waits in receive()", "test: send_text 'hi'", "app receives websocket.receive, 'hi'"):
        parts = reader.page.locator(f"{reader.row(text)} >> rect.of-waits").evaluate_all(
            "(bars) => bars.map((bar) => [bar.getAttribute('x'), bar.getAttribute('y'), bar.getAttribute('height')])"
        )
        bars[text] = [[float(y), float(height)] for x, y, height in parts if float(x) > 210]
    assert bars == {
        "app waits in receive()": [[13.5, 13.5]],
        "test: send_text 'hi'": [[0, 27]],
        "app receives websocket.receive, 'hi'": [[0, 13.5]],
    }


def test_the_test_waits_until_the_last_event_before_it_does_something_again(open_page: Open) -> None:
    """A bar on the lifeline of the test."""
    reader = open_page()
    assert reader.shapes("test: enter") == ["bar of-test", "arrow", "tip", "origin"]
    assert reader.shapes("app sends lifespan.startup.complete") == ["bar of-test", "arrow", "tip"]


def test_time_that_jumps_is_marked_between_rows(open_page: Open) -> None:
    """Before the event at which the app's clock had moved."""
    reader = open_page(hash="#exchange=3")
    reader.press("End")
    rows = reader.texts("#events .row .text, #events .row .heading")
    at = rows.index("1 h passes")
    assert rows[at - 1 : at + 2] == ["test: sleep 3600", "1 h passes", "app sends websocket.send, 4 bytes"]


def test_a_jump_is_marked_before_the_next_row_if_its_own_is_not_shown(open_page: Open) -> None:
    """Time has passed whatever is filtered."""
    reader = open_page(hash="#kind=test")
    rows = reader.texts("#events .row .text, #events .row .heading")
    at = rows.index("1 h passes")
    assert rows[at + 1] == "test: close 1000"


def test_steps_have_headings(open_page: Open) -> None:
    """One wherever another begins; an inner one with the outer before it."""
    reader = open_page(hash="#kind=test")
    assert reader.texts("#events .row.step .heading") == [
        "log in",
        "read\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}search",
        "chat",
        "an hour later",
        "go wrong",
    ]


def test_the_lifeline_of_a_task_is_as_long_as_the_task(open_page: Open) -> None:
    """It has a lane of its own, which the next task uses again."""
    reader = open_page()
    lines: Any = {}
    for text in ("app receives http.request, 34 bytes", "Task-7 starts: count_logins()", "app returned"):
        found = reader.page.locator(f"{reader.row(text)} >> line.lifeline")
        lines[text] = found.count()
    assert lines == {"app receives http.request, 34 bytes": 3, "Task-7 starts: count_logins()": 4, "app returned": 4}
