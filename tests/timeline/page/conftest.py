"""Pages of timelines in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from asgi_lockstep._timeline.timeline import Timeline
from asgi_lockstep._timeline.writers.html import as_html
from timeline.made import small
from timeline.page.chromium import MISSING, chromium, executable
from timeline.page.reader import Reader

Open = Callable[..., Reader]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file of tests, and not for longer: the tests of other files run event loops."""
    if executable() is None:
        pytest.skip(MISSING)
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the page of a timeline, of the small one if none is given; it may have no errors and ask for nothing."""
    readers = []

    def opened(timeline: Timeline | None = None, hash: str = "", **options: Any) -> Reader:  # noqa: A002
        path = tmp_path / "timeline.html"
        path.write_text(as_html(small() if timeline is None else timeline), encoding="utf-8")
        settings = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce", **options}
        readers.append(Reader(browser.new_context(**settings).new_page()))
        readers[-1].open(f"{path.as_uri()}{hash}")
        return readers[-1]

    yield opened
    for reader in readers:
        reader.page.context.close()
        assert reader.complaints == []
