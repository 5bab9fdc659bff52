"""Pictures of the page of an example, for the documentation: light and dark, on a desk and on a phone.

    PYTHONPATH=tests python tools/page_pictures.py FOLDER [TIMELINE.html]

Without a page it takes that of the small timeline of the tests, opened at its first failure. Needs Chromium.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from asgi_lockstep._timeline.writers.html import as_html
from asgi_lockstep._timeline.writers.svg import as_svg
from timeline.made import small
from timeline.page.chromium import MISSING, chromium, executable

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
SCHEMES = ("light", "dark")


def take(browser: Browser, url: str, folder: Path) -> None:
    """Two pictures for each size and scheme: as the page opens, and with the details of its first failure."""
    for scheme in SCHEMES:
        for name, (width, height) in SIZES.items():
            page = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
                reduced_motion="reduce",
                device_scale_factor=2,
            )
            page.goto(url)
            page.screenshot(path=folder / f"timeline-{name}-{scheme}.png")
            page.keyboard.press("e")
            page.keyboard.press("Enter")
            page.screenshot(path=folder / f"timeline-{name}-{scheme}-details.png")
            page.close()


def main() -> int:
    """Writes the pictures, and the drawing of the same timeline."""
    if len(sys.argv) < 2 or executable() is None:
        print(__doc__ if len(sys.argv) < 2 else MISSING)
        return 1
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "timeline.svg").write_text(as_svg(small()), encoding="utf-8")
    with tempfile.TemporaryDirectory() as other, chromium() as browser:
        page = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(other) / "timeline.html"
        if len(sys.argv) <= 2:
            page.write_text(as_html(small()), encoding="utf-8")
        take(browser, page.resolve().as_uri(), folder)
    print(f"written to {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
