"""The page opens by itself: no network, no errors, and nothing of the data runs."""

from __future__ import annotations

import pytest

from asgi_lockstep._timeline.writers.html import as_html
from timeline.made import many, small
from timeline.page.conftest import Open
from timeline.story import Story

HOSTILE = '</script><img src=x onerror="document.title=1"><!-- &lt; \u2028 </style>'


def hostile() -> Story:
    """A story in which each text that an app or a test has a say in tries to be markup."""
    story = Story(HOSTILE)
    story.exchange(1, "http", f"GET /{HOSTILE}", path=HOSTILE, headers=[[HOSTILE, HOSTILE]])
    story.step = HOSTILE
    message = {"type": "http.response.body", "headers": [[HOSTILE, HOSTILE]], "body": HOSTILE}
    place = {"file": HOSTILE, "line": 1, "function": HOSTILE, "source": HOSTILE}
    story.tell("sends", 1, HOSTILE, message, place=place, task=HOSTILE, details=HOSTILE)
    return story


def test_the_title_and_what_is_counted_stand_above(open_page: Open) -> None:
    """Events, exchanges, the clock, the beginning, and what was lost."""
    reader = open_page()
    assert reader.page.title() == "test_notes_are_shared"
    assert reader.texts("h1, #facts span, #failures") == [
        "test_notes_are_shared",
        "49 events",
        "6 exchanges",
        "virtual clock",
        "2026-11-26 21:00:00 UTC",
        "3 earlier lost",
        "3 failures",
    ]


@pytest.mark.parametrize("count", [0, 1, 500])
def test_a_timeline_of_any_length_opens(open_page: Open, count: int) -> None:
    """Without errors, and with its count."""
    reader = open_page(many(count) if count else Story("nothing").timeline())
    assert reader.texts("#count") == [f"{count} event{'' if count == 1 else 's'}"]


def test_a_timeline_without_events_says_so(open_page: Open) -> None:
    """Keys and clicks find nothing, and do no harm."""
    reader = open_page(Story("nothing").timeline())
    reader.press("j", "Enter", "e", "+", "End")
    assert (reader.texts("#empty"), reader.has_details) == (["No event is like that."], False)


def test_markup_in_the_data_is_text(open_page: Open) -> None:
    """No element comes of it, nothing runs, and it is read as it was."""
    reader = open_page(hostile().timeline())
    reader.click("#events .row.event")
    reader.page.locator("summary").click()
    assert reader.page.title() == HOSTILE
    assert reader.page.locator("img").count() == 0
    assert reader.page.locator(".row.event .text").text_content() == HOSTILE
    assert reader.page.locator("#details h2").text_content() == HOSTILE
    assert reader.page.locator("#details .headers th").first.text_content() == HOSTILE
    assert reader.page.locator("#details .headers td").last.text_content() == HOSTILE
    assert HOSTILE in (reader.page.locator("#details").text_content() or "")


def test_a_search_for_signs_of_regular_expressions_is_text(open_page: Open) -> None:
    """What is typed is looked for as it is."""
    reader = open_page()
    reader.search("receive() (.*")
    assert reader.rows == []
    reader.search("in send()")
    assert reader.rows == ["app waits in send()"]


def test_the_policy_forbids_every_connection(open_page: Open) -> None:
    """A script that came into the page by some way could not send anything away."""
    reader = open_page()
    blocked = reader.page.evaluate("() => fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => String(error))")
    assert blocked.startswith("TypeError: Failed to fetch")
    assert any("Content Security Policy" in complaint for complaint in reader.complaints)
    reader.complaints.clear()


def test_the_policy_forbids_scripts_that_came_with_the_data(open_page: Open) -> None:
    """Only the script of the page runs, by its hash."""
    reader = open_page()
    reader.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'changed'";
            document.body.append(script);
        }"""
    )
    assert reader.page.title() == "test_notes_are_shared"
    assert any("Content Security Policy" in complaint for complaint in reader.complaints)
    reader.complaints.clear()


def test_the_page_is_the_same_each_time() -> None:
    """So that it can be compared and cached."""
    assert as_html(small()) == as_html(small())
