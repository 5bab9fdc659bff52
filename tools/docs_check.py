"""`make docs` runs this on the built site: nothing in it is loaded from elsewhere, every page is in the navigation, and
every link leads somewhere.

    python tools/docs_check.py site

A link to another site is no load: it is followed when somebody clicks on it.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

ROOT = Path(__file__).parent.parent

#: The attributes by which a tag has something loaded. A `link` with one of the last relations is only followed.
_LOADING = {"src", "srcset", "poster", "data", "background"}
_FOLLOWED = {"alternate", "author", "canonical", "license", "next", "prev"}

_ELSEWHERE = re.compile(r"\s*(https?:)?//", re.IGNORECASE)
_IN_STYLES = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)

#: The scripts of Zensical load these where a page has a diagram, a lightbox, a cell to run: by the class of an element.
_ON_DEMAND = re.compile(r'class="(?:[^"]* )?(mermaid|glightbox|pyodide)[ "]')


class Page(HTMLParser):
    """What a page loads, where it leads, and the places in it that can be led to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = {""}
        self.feed(text)
        self.loads += _IN_STYLES.findall(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
        found = {name: value for name, value in attrs if value is not None}
        self.places |= {found[name] for name in ("id", "name") if name in found}
        if tag == "link" and found.get("rel") not in _FOLLOWED:
            self.loads.append(found.get("href", ""))
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        self.loads += [value for name, value in found.items() if name in _LOADING]


def problems(site: Path) -> Iterator[str]:
    """Everything that is wrong with a built site, a line each."""
    texts = {path.resolve(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    pages = {path: Page(text) for path, text in texts.items()}
    for path, page in pages.items():
        name = path.relative_to(site.resolve())
        yield from (f"{name} loads {load}" for load in page.loads if _ELSEWHERE.match(load))
        yield from (f"{name} has Zensical load {kind}" for kind in _ON_DEMAND.findall(texts[path]))
        yield from (f"{name} leads to {link}: nothing there" for link in page.links if not _leads(link, path, pages))
    for path in site.rglob("*.css"):
        yield from (f"{path.name} loads {load}" for load in _IN_STYLES.findall(path.read_text(encoding="utf-8")))


def _leads(link: str, path: Path, pages: dict[Path, Page]) -> bool:
    """Links to other sites are not tried; the page for what is not found is shown at any address."""
    if _ELSEWHERE.match(link) or link.startswith(("mailto:", "javascript:")) or path.name == "404.html":
        return True
    address, place = urldefrag(link)
    target = (path.parent / unquote(address)).resolve() if address else path
    if target.is_dir():
        target /= "index.html"
    return target.exists() and (target not in pages or unquote(place) in pages[target].places)


def left_out(config: Path) -> Iterator[str]:
    """Pages that nobody finds: those that are in no line of the navigation."""
    project = tomllib.loads(config.read_text(encoding="utf-8"))["project"]
    docs = config.parent / project["docs_dir"]
    there = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    yield from (
        f"{page} is not in the navigation of {config.name}" for page in sorted(there - {*_named(project["nav"])})
    )


def _named(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
        return
    for entry in nav.values() if isinstance(nav, dict) else nav:
        yield from _named(entry)


def main(site: Path) -> int:
    """Say what is wrong; returns how many things that are."""
    found = [*left_out(ROOT / "zensical.toml"), *problems(site)]
    for line in found:
        print(line)
    pages = len(list(site.rglob("*.html")))
    print(f"{pages} pages: {len(found)} problems." if found else f"{pages} pages load nothing from elsewhere.")
    return len(found)


if __name__ == "__main__":
    sys.exit(1 if main(Path(sys.argv[1])) else 0)
