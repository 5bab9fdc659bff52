"""What `make docs` finds in a built site."""

from __future__ import annotations

from pathlib import Path

from tools.docs_check import left_out, problems


def check(folder: Path, **pages: str) -> list[str]:
    """The problems of a site of these pages."""
    for name, body in pages.items():
        (folder / f"{name}.html").write_text(body, encoding="utf-8")
    return sorted(problems(folder))


def test_what_is_loaded_from_elsewhere_is_a_problem(tmp_path: Path) -> None:
    """Scripts, pictures, styles, hints to connect, and what styles ask for."""
    body = """
        <link rel="preconnect" href="https://fonts.gstatic.com"> <link rel="stylesheet" href="//cdn.example/a.css">
        <script src="https://unpkg.com/a"></script> <img src="HTTP://example.com/a.png">
        <style>body { background: url(https://example.com/b.png) }</style>
    """
    (tmp_path / "a.css").write_text('@import "https://example.com/c.css";', encoding="utf-8")
    assert check(tmp_path, page=body) == [
        "a.css loads https://example.com/c.css",
        "page.html loads //cdn.example/a.css",
        "page.html loads HTTP://example.com/a.png",
        "page.html loads https://example.com/b.png",
        "page.html loads https://fonts.gstatic.com",
        "page.html loads https://unpkg.com/a",
    ]


def test_what_zensical_loads_for_a_diagram_is_a_problem(tmp_path: Path) -> None:
    """Its scripts fetch the library when they meet the class."""
    assert check(tmp_path, page='<pre class="mermaid"></pre>') == ["page.html has Zensical load mermaid"]


def test_a_link_that_somebody_may_follow_is_none(tmp_path: Path) -> None:
    """To another site, to the address of this one, and to a place in a page."""
    links = '<a href="https://asgi.example">ASGI</a> <a href="b.html#x">b</a>'
    assert check(tmp_path, a=f'{links} <link rel="canonical" href="https://docs.example">', b='<h1 id="x">b</h1>') == []


def test_a_link_to_nothing_is_a_problem(tmp_path: Path) -> None:
    """To a page, or to a place in one."""
    assert check(tmp_path, a='<a href="no.html">no</a> <a href="#no">no</a>') == [
        "a.html leads to #no: nothing there",
        "a.html leads to no.html: nothing there",
    ]


def test_a_page_that_nobody_finds_is_a_problem(tmp_path: Path) -> None:
    """It is in no section of the navigation, at any depth."""
    config = tmp_path / "zensical.toml"
    config.write_text(
        '[project]\ndocs_dir = "."\nnav = [{ "A" = "a.md" }, { "B" = [{ "C" = "b/c.md" }] }]\n', encoding="utf-8"
    )
    (tmp_path / "b").mkdir()
    for page in ("a.md", "b/c.md", "b/d.md"):
        (tmp_path / page).touch()
    assert [*left_out(config)] == ["b/d.md is not in the navigation of zensical.toml"]
