"""The keyboard does all that a mouse can do, and says where it is."""

from __future__ import annotations

from timeline.page.conftest import Open

REFUSED = "! app sends http.response.body: refused"
RAISED = "! app raises KeyError: 99"
DEADLOCK = (
    "! test gets Deadlock: GET /slow can never be answered: the app waits for something that nobody does any more."
)


def test_keys_go_from_row_to_row(open_page: Open) -> None:
    """By arrows and by letters; rows that are no events are passed over."""
    reader = open_page()
    reader.page.focus("#events")
    seen = []
    for key in ("ArrowDown", "j", "ArrowUp", "k", "End", "Home"):
        reader.press(key)
        seen.append(reader.selected)
    assert seen == [
        "app receives lifespan.startup",
        "INFO board: opened the database",
        "app receives lifespan.startup",
        "test: enter",
        "app returned",
        "test: enter",
    ]


def test_the_list_says_which_row_is_active(open_page: Open) -> None:
    """By the id of an option, which is in the document and can be seen."""
    reader = open_page()
    reader.page.focus("#events")
    reader.press("End")
    active = reader.page.locator("#events").get_attribute("aria-activedescendant")
    row = reader.page.locator(f"#{active}")
    assert (active, row.get_attribute("role"), row.get_attribute("aria-selected")) == ("event-49", "option", "true")
    assert (row.get_attribute("aria-posinset"), row.get_attribute("aria-setsize")) == ("49", "49")
    assert row.is_visible()


def test_a_row_is_told_in_one_sentence(open_page: Open) -> None:
    """With what the drawing shows: the request, the task, the step, the jump and the time."""
    reader = open_page(hash="#exchange=3")
    label = reader.page.locator(reader.row("app sends websocket.send, 4 bytes")).get_attribute("aria-label")
    assert label == (
        "app sends websocket.send, 4 bytes, websocket /chat, in Task-9, step an hour later, "
        "after 1 h of virtual time, at 13.8 ms"
    )


def test_enter_opens_the_details_and_escape_closes_them(open_page: Open) -> None:
    """The focus goes there and comes back."""
    reader = open_page()
    reader.page.focus("#events")
    reader.press("j", "Enter")
    opened = (reader.has_details, reader.focused)
    reader.press("Escape")
    assert (opened, reader.has_details, reader.focused) == ((True, "details"), False, "events")


def test_open_details_follow_the_selection(open_page: Open) -> None:
    """So that one can read event after event."""
    reader = open_page()
    reader.page.focus("#events")
    reader.press("Enter", "j", "j")
    assert reader.texts("#details h2") == ["INFO board: opened the database"]
    assert (reader.hash, reader.focused) == ("#event=3", "details")


def test_a_slash_goes_to_the_search_and_escape_back(open_page: Open) -> None:
    """Letters that are typed there are no commands."""
    reader = open_page()
    reader.press("/", "j", "e", "?")
    typed = (reader.focused, reader.page.input_value("#query"))
    reader.press("Escape")
    assert (typed, reader.focused) == (("query", "je?"), "events")


def test_escape_shows_everything_again_when_nothing_is_open(open_page: Open) -> None:
    """The last thing that it undoes."""
    reader = open_page(hash="#kind=fails")
    reader.page.focus("#events")
    reader.press("Escape")
    assert reader.texts("#count") == ["49 events"]


def test_e_goes_to_the_next_failure_and_round(open_page: Open) -> None:
    """From anywhere; the button above does the same."""
    reader = open_page()
    seen = []
    for _ in range(4):
        reader.press("e")
        seen.append(reader.selected)
    reader.click("#failures")
    assert [*seen, reader.selected] == [REFUSED, RAISED, DEADLOCK, REFUSED, RAISED]
    assert reader.focused == "events"


def test_help_is_a_dialog(open_page: Open) -> None:
    """It has all keys, and closes by Escape."""
    reader = open_page()
    reader.press("?")
    assert reader.page.locator("#help").is_visible()
    assert reader.page.locator("#signs > div").count() == 11
    reader.press("Escape")
    assert not reader.page.locator("#help").is_visible()


def test_the_first_tab_skips_to_the_events(open_page: Open) -> None:
    """And leaves the address alone, which keeps the filters."""
    reader = open_page(hash="#kind=sends")
    reader.press("Tab")
    assert reader.focused == "skip"
    assert reader.page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    reader.press("Enter")
    assert (reader.focused, reader.hash) == ("events", "#kind=sends")


def test_the_focus_can_be_seen_everywhere(open_page: Open) -> None:
    """Each stop of Tab has an outline or a shadow."""
    reader = open_page(hash="#event=10")
    unseen, stops = [], []
    for _ in range(40):
        reader.press("Tab")
        style = "getComputedStyle(document.activeElement)"
        if reader.page.evaluate("document.activeElement === document.body"):
            break
        stops.append(reader.focused)
        if reader.page.evaluate(f"{style}.outlineStyle === 'none' && {style}.boxShadow === 'none'"):
            unseen.append(stops[-1])
    assert (unseen, {"exchanges", "query", "events", "theme"} - {*stops}) == ([], set())
