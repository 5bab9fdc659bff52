"""How soon the page of a long timeline can be used: from asking for it until a click on a row has opened its details.

    PYTHONPATH=tests python tools/page_speed.py [EVENTS]

Fails if the best of five runs with 5,000 events (or as many as asked for) takes 2 s or more. Needs Chromium.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from asgi_lockstep._timeline.writers.html import as_html
from timeline.made import many
from timeline.page.chromium import MISSING, chromium, executable

#: In milliseconds.
LIMIT = 2000
RUNS = 5

#: A real click would be delayed by the tool that makes it; `performance.now()` counts from the start of the navigation.
CLICK = """() => new Promise((done) => {
    const click = () => {
        const row = document.querySelector("#events .row.event");
        if (!row) return setTimeout(click);
        row.click();
        const isOpen = () => !document.querySelector("#details").hidden;
        requestAnimationFrame(() => setTimeout(() => done([performance.now(), isOpen()])));
    };
    click();
})"""


def opened_after(browser: Browser, path: Path) -> float:
    """Milliseconds until the details of a row were drawn."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(path.as_uri(), wait_until="commit")
    took, is_open = page.evaluate(CLICK)
    page.close()
    assert is_open
    return float(took)


def main() -> int:
    """Prints each run, and says by its exit code whether the best is fast enough: others may have had no processor."""
    if executable() is None:
        print(MISSING)
        return 1
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        path = Path(folder) / "timeline.html"
        path.write_text(as_html(many(count)), encoding="utf-8")
        times = [opened_after(browser, path) for _ in range(RUNS)]
        size = path.stat().st_size / 1e6
    print(f"{count} events, {size:.1f} MB: details open after {', '.join(f'{time:.0f}' for time in times)} ms")
    return 0 if min(times) < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
