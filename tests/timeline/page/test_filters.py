"""Search and filters, and the address that keeps them."""

from __future__ import annotations

import pytest

from timeline.page.conftest import Open


def test_a_search_leaves_the_events_that_have_all_words(open_page: Open) -> None:
    """Upper case and lower case are the same, and what was found is marked."""
    reader = open_page()
    reader.search("APP websocket.SEND")
    assert reader.rows == ["app sends websocket.send, 29 characters", "app sends websocket.send, 4 bytes"]
    assert reader.texts("#events mark") == ["app", "websocket.send", "app", "websocket.send"]
    assert reader.texts("#count") == ["2 of 49 events"]


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        ("x-request-id", ["app sends http.response.start, status 200"]),
        ('"admin": false', ["app sends http.response.body, 89 bytes"]),
        ("pings()", ["Task-9 starts: pings()"]),
        ("~~~~~^^^^^^^^", ["ERROR board: could not delete note 99", "! app raises KeyError: 99"]),
        ("nowhere to be found", []),
    ],
)
def test_a_search_looks_through_all_that_is_known(open_page: Open, words: str, rows: list[str]) -> None:
    """Headers, bodies, texts and tracebacks."""
    reader = open_page()
    reader.search(words)
    assert reader.rows == rows


def test_kinds_can_be_chosen(open_page: Open) -> None:
    """One after the other is added; pressed again, one goes."""
    reader = open_page()
    reader.click("[data-kind=raises]")
    reader.click("[data-kind=refused]")
    both = reader.rows
    reader.click("[data-kind=raises]")
    assert (both, reader.rows) == (
        ["! app sends http.response.body: refused", "! app raises KeyError: 99"],
        ["! app sends http.response.body: refused"],
    )
    assert reader.hash == "#kind=refused"


def test_an_exchange_can_be_chosen(open_page: Open) -> None:
    """By its request."""
    reader = open_page()
    reader.page.select_option("#exchange", label="#5 GET /slow")
    assert (len(reader.rows), reader.rows[0], reader.hash) == (4, "test: GET /slow", "#exchange=5")


def test_a_step_can_be_chosen_with_those_within_it(open_page: Open) -> None:
    """The outer one has all of the inner one."""
    reader = open_page()
    assert reader.texts("#step option") == [
        "all steps",
        "log in",
        "read",
        "read \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} search",
        "chat",
        "an hour later",
        "go wrong",
    ]
    reader.page.select_option("#step", "read")
    assert (len(reader.rows), reader.texts("#count")) == (6, ["6 of 49 events"])


def test_a_link_keeps_the_view(open_page: Open) -> None:
    """What was searched, chosen and opened is there again where the address is opened."""
    reader = open_page()
    reader.click("[data-kind=sends]")
    reader.page.select_option("#exchange", "1")
    reader.search("http")
    reader.click(reader.row("app sends http.response.body, 89 bytes"))
    link = reader.hash
    assert link == "#q=http&kind=sends&exchange=1&event=10"
    other = open_page(hash=link)
    assert other.rows == ["app sends http.response.start, status 200", "app sends http.response.body, 89 bytes"]
    assert (other.page.input_value("#query"), other.page.input_value("#exchange")) == ("http", "1")
    assert (other.has_details, other.selected) == (True, "app sends http.response.body, 89 bytes")


def test_an_address_that_changes_changes_the_view(open_page: Open) -> None:
    """As when somebody edits it by hand."""
    reader = open_page()
    reader.page.evaluate("location.hash = '#kind=fails'")
    reader.page.wait_for_function("document.querySelector('#count').textContent === '1 of 49 events'")
    assert len(reader.rows) == 1


def test_what_an_address_has_and_the_timeline_has_not_is_left_out(open_page: Open) -> None:
    """A link of another timeline does no harm."""
    reader = open_page(hash="#kind=nothing,waits&exchange=99&event=12345&clock=sidereal")
    assert reader.hash == "#kind=waits"


def test_everything_is_shown_again(open_page: Open) -> None:
    """By one button, which is there only where something is hidden."""
    reader = open_page(hash="#q=http&kind=sends&exchange=1&step=log+in")
    reader.click("#clear")
    assert (reader.texts("#count"), reader.hash, reader.page.locator("#clear").is_visible()) == (
        ["49 events"],
        "",
        False,
    )


def test_filters_fold_on_a_phone(open_page: Open) -> None:
    """A button shows them, and says whether they are shown."""
    reader = open_page(viewport={"width": 390, "height": 844})
    assert not reader.page.locator("#exchange").is_visible()
    reader.click("#more")
    assert reader.page.locator("#exchange").is_visible()
    assert reader.page.locator("#more").get_attribute("aria-expanded") == "true"
