"""Thousands of events: only what can be seen is in the document."""

from __future__ import annotations

import pytest

from timeline.made import many
from timeline.page.conftest import Open
from timeline.page.reader import Reader

#: How long it took until the details of a row were shown, from the time at which the page was asked for.
OPENED_AT = """() => new Promise((done) => {
    document.querySelector("#events .row.event").click();
    const look = () => document.querySelector("#details").hidden ? setTimeout(look) : done(performance.now());
    look();
})"""


def drawn(reader: Reader) -> tuple[int, int]:
    """How many events and exchanges are in the document."""
    return reader.page.locator("#events .row").count(), reader.page.locator("#exchanges .exchange").count()


@pytest.mark.parametrize("count", [500, 5000])
def test_a_long_timeline_draws_no_more_than_a_short_one(open_page: Open, count: int) -> None:
    """So it can be used at once; the time is said, and held to two seconds by tools/page_speed.py."""
    reader = open_page(many(count))
    took = reader.page.evaluate(OPENED_AT)
    print(f"{count} events: a row was opened {took:.0f} ms after the page was asked for")
    events, exchanges = drawn(reader)
    assert (events < 60, exchanges < 40) == (True, True)


def test_scrolling_draws_other_rows(open_page: Open) -> None:
    """As many as before, and the one that is selected stays for those who are read to."""
    reader = open_page(many(5000))
    reader.page.locator("#events").evaluate("(list) => { list.scrollTop = list.scrollHeight / 2; }")
    reader.page.wait_for_selector("#event-2500")
    assert drawn(reader)[0] < 60
    assert reader.page.locator("#event-1").count() == 1
    assert reader.page.locator("#event-2").count() == 0


def test_rows_stand_in_their_order_in_the_document(open_page: Open) -> None:
    """Also after scrolling up: that is the order in which they are read aloud."""
    reader = open_page(many(5000))
    for part in ("0.5", "0.49", "0.495", "0.1"):
        reader.page.locator("#events").evaluate(f"(list) => {{ list.scrollTop = list.scrollHeight * {part}; }}")
        reader.settle()
    places = reader.page.locator("#events .row").evaluate_all("(rows) => rows.map((row) => Number(row.dataset.index))")
    assert places == sorted(places)


def test_the_last_event_is_a_key_away(open_page: Open) -> None:
    """And so is the way back."""
    reader = open_page(many(5000))
    reader.page.focus("#events")
    reader.press("End")
    assert reader.page.locator("#event-5000").is_visible()
    reader.press("Home")
    assert reader.page.locator("#event-1").is_visible()


def test_a_link_into_the_middle_shows_its_event(open_page: Open) -> None:
    """With its exchange in the waterfall."""
    reader = open_page(many(5000), hash="#event=2500")
    assert reader.page.locator("#event-2500").is_visible()
    assert reader.page.locator("#exchange-358").is_visible()


def test_a_search_through_all_of_them_finds_one(open_page: Open) -> None:
    """By a header that only one has."""
    reader = open_page(many(5000))
    reader.search("x-number 357")
    assert reader.texts("#count") == ["1 of 5,000 events"]
