"""The page on a desk and on a phone, in the light and in the dark, for everyone."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from timeline.page.conftest import Open
from timeline.page.reader import Reader

SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
LOOKS = [(scheme, size) for scheme in ("light", "dark") for size in SIZES]


def violations(reader: Reader) -> list[str]:
    """What axe-core finds: the rule, and the elements."""
    found = Axe().run(reader.page).response["violations"]
    return [f"{rule['id']}: {[node['html'][:120] for node in rule['nodes']]}" for rule in found]


def overflow(reader: Reader) -> Any:
    """How much wider the document is than the window."""
    return reader.page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_nothing_is_in_anyones_way(open_page: Open, scheme: str, size: str) -> None:
    """The page, its details, a search, its filters and its help: axe finds nothing, and nothing is too wide."""
    reader = open_page(viewport=SIZES[size], color_scheme=scheme)
    assert overflow(reader) == 0
    reader.press("e", "Enter")
    assert (violations(reader), overflow(reader)) == ([], 0)
    reader.press("Escape")
    if size == "phone":
        reader.click("#more")
    reader.click("[data-kind=sends]")
    reader.search("http")
    assert (violations(reader), overflow(reader)) == ([], 0)
    reader.click("#help-button")
    assert (violations(reader), overflow(reader)) == ([], 0)


@pytest.mark.parametrize(
    ("width", "height"), [(320, 640), (640, 400), (641, 900), (844, 390), (1000, 700), (2560, 1440)]
)
def test_a_window_of_any_size_has_room_for_rows(open_page: Open, width: int, height: int) -> None:
    """A small phone, one on its side, a page at 200 %, a large screen: nothing is too wide, and rows can be read."""
    reader = open_page(viewport={"width": width, "height": height})
    box = reader.page.locator("#events").bounding_box()
    assert box is not None
    assert (overflow(reader), box["height"] > 200) == (0, True)
    reader.press("e", "Enter")
    assert overflow(reader) == 0


def test_the_scheme_is_that_of_the_system_until_it_is_changed(open_page: Open) -> None:
    """The button changes it, and the page remembers it."""
    reader = open_page(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = reader.page.evaluate(ground)
    reader.click("#theme")
    light = reader.page.evaluate(ground)
    reader.page.reload()
    assert (dark, light, reader.page.evaluate(ground)) == ("rgb(20, 23, 26)", "rgb(247, 247, 245)", light)


def test_details_are_a_sheet_from_below_on_a_phone(open_page: Open) -> None:
    """As wide as the window, and the row that it is about can be seen above it."""
    reader = open_page(viewport=SIZES["phone"], has_touch=True)
    row = reader.page.locator(reader.row("app sends http.response.body, 89 bytes"))
    row.tap()
    box = reader.page.locator("#details").bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 390, 844)
    above = row.bounding_box()
    assert above is not None
    assert 150 < above["y"] < above["y"] + above["height"] <= box["y"] + 1


def test_details_stand_beside_the_rows_on_a_desk(open_page: Open) -> None:
    """Neither covers the other."""
    reader = open_page()
    reader.click(reader.row("test: enter"))
    rows = reader.page.locator("#events").bounding_box()
    details = reader.page.locator("#details").bounding_box()
    assert rows is not None
    assert details is not None
    assert rows["x"] + rows["width"] <= details["x"]


def test_nothing_moves_where_it_is_not_wanted(open_page: Open) -> None:
    """`prefers-reduced-motion` is respected."""
    names = []
    for motion in ("reduce", "no-preference"):
        reader = open_page(viewport=SIZES["phone"], reduced_motion=motion)
        reader.press("j", "Enter")
        names.append(reader.page.evaluate("getComputedStyle(document.querySelector('#details')).animationName"))
    assert names == ["none", "rise"]


def test_failures_are_told_without_colours(open_page: Open) -> None:
    """They have a sign, and a word for those who are read to."""
    reader = open_page()
    reader.press("e")
    row = reader.page.locator("#events .row.selected")
    assert row.locator(".badge").inner_text() == "!"
    assert (row.get_attribute("aria-label") or "").startswith("failure, app sends http.response.body: refused, ")
