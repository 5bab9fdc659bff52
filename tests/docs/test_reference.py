"""The reference of the site has every name and every option."""

from __future__ import annotations

import inspect
import re

import asgi_lockstep
import asgi_lockstep.live
import asgi_lockstep.strategies
from asgi_lockstep import AsyncTestClient, TestClient, errors
from asgi_lockstep._client.more_options import MoreOptions
from asgi_lockstep._client.options import _PER_REQUEST
from doc_commands import ROOT

REFERENCE = ROOT / "docs" / "reference"
ALL = "\n".join(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").rglob("*.md")))

#: The first cells of the tables of options.
CELLS = re.findall(r"^\| ([^|]*) \|", (REFERENCE / "options.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
NAMED = set(re.findall(r"`(\w+)`", " ".join(CELLS)))


def test_every_public_name_has_a_place() -> None:
    """As `::: asgi_lockstep.Name`, or among the `members` of its module."""
    shown = set(re.findall(r"^ +- (\w+)$|^::: [\w.]+\.(\w+)$", ALL, flags=re.MULTILINE))
    public = {*asgi_lockstep.__all__, *asgi_lockstep.live.__all__, *asgi_lockstep.strategies.__all__}
    assert public - {name for pair in shown for name in pair} == set()


def test_every_option_is_in_a_table() -> None:
    """Those of both constructors, and those of one request."""
    of_clients = {*inspect.signature(TestClient).parameters, *inspect.signature(AsyncTestClient).parameters}
    options = (of_clients | MoreOptions.__annotations__.keys() | {*_PER_REQUEST}) - {"more_options"}
    assert options - NAMED == set()


def test_the_tree_of_errors_is_that_of_the_module() -> None:
    """Which draws it in its docstring."""
    tree = str(errors.__doc__).partition("\n\n")[2].strip()
    assert tree in (REFERENCE / "errors.md").read_text(encoding="utf-8")
