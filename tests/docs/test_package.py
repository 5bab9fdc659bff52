"""What a new user asks the package itself: its version, and how it is used."""

from __future__ import annotations

import tomllib
from pathlib import Path

import asgi_lockstep

ROOT = Path(__file__).parents[2]


def test_the_version_is_that_of_the_distribution() -> None:
    """It is written twice, so that asking for it costs nothing: to look it up takes 2 ms."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert asgi_lockstep.__version__ == project["version"]


def test_help_begins_with_a_test() -> None:
    """Which runs with the other examples; how the code is laid out comes last."""
    assert asgi_lockstep.__doc__ is not None
    paragraphs = asgi_lockstep.__doc__.split("\n\n")
    assert paragraphs[0] == "A test client for ASGI applications that runs the app in lockstep with the test."
    assert "def test_hello() -> None:" in paragraphs[2]
    assert paragraphs[-2].startswith("For whoever reads the code, its general layout")


def test_the_pages_that_help_names_are_there() -> None:
    """Under these names."""
    assert asgi_lockstep.__doc__ is not None
    named = {word.strip(",.:") for word in asgi_lockstep.__doc__.split() if word.startswith("docs/")}
    pages = {name for name in named if name.endswith(".md")}
    assert pages == {"docs/migrating.md", "docs/waiting.md", "docs/differences.md", "docs/rules.md"}
    assert all((ROOT / name).is_file() for name in pages)
