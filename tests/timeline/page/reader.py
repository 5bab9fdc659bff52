"""What somebody who reads the page of a timeline sees and does."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import ConsoleMessage, Error, Page, Request


class Reader:
    """A page, and what is wrong with it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.set_default_timeout(20_000)
        page.on("console", self._on_console)
        page.on("pageerror", self._on_error)
        page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        self.complaints.append(f"{message.type}: {message.text}")

    def _on_error(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _on_request(self, request: Request) -> None:
        """The page itself is one, and the empty picture that keeps a browser from asking for an icon."""
        if request.url.split("#")[0] != self.url and not request.url.startswith("data:"):
            self.complaints.append(f"request: {request.url}")

    def open(self, url: str) -> None:
        """Goes to the file, and waits until it is drawn: it learns the size of its window in its first frame."""
        self.url = url.split("#")[0]
        self.page.goto(url)
        self.settle()

    def press(self, *keys: str) -> None:
        """One key after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def click(self, selector: str, **options: Any) -> None:
        """On what a selector finds."""
        self.page.locator(selector).click(**options)

    def search(self, text: str) -> None:
        """Types into the field, and waits until the rows are drawn that it leaves."""
        self.page.fill("#query", text)
        self.settle()

    def settle(self) -> None:
        """Until all is drawn that was asked for."""
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def texts(self, selector: str) -> list[str]:
        """Of all that a selector finds."""
        return [" ".join(text.split()) for text in self.page.locator(selector).all_inner_texts()]

    @property
    def rows(self) -> list[str]:
        """The texts of the events that are in the document."""
        self.settle()
        return self.texts("#events .row.event .text")

    @property
    def hash(self) -> str:
        """The part of the address that keeps the view."""
        return str(self.page.evaluate("location.hash"))

    @property
    def selected(self) -> str:
        """The text of the selected event."""
        return self.page.locator("#events [aria-selected=true] .text").inner_text()

    @property
    def has_details(self) -> bool:
        """Whether the panel is open."""
        return self.page.locator("#details").is_visible()

    @property
    def focused(self) -> str:
        """The id of the element that has the focus."""
        return str(self.page.evaluate("document.activeElement.id"))

    def row(self, text: str) -> str:
        """A selector of the row of the first event with this text."""
        return f"#events .row.event[aria-label^={json.dumps(text + ',')}] >> nth=0"

    def shapes(self, text: str) -> list[str]:
        """The classes of what is drawn in the row of an event, without lifelines."""
        found = self.page.locator(f"{self.row(text)} >> svg.diagram > *:not(.lifeline)")
        return [str(found.nth(index).get_attribute("class")) for index in range(found.count())]
