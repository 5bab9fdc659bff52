"""What docs/migrating.md says of the header of a run with the plugin."""

from __future__ import annotations

import re

import pytest

from inner_runs import run


def test_the_header_says_on_which_library_and_why(pytester: pytest.Pytester) -> None:
    """In one line, with the version."""
    found = run(pytester, "-p", "asgi_lockstep.starlette", test_nothing="def test_nothing(): pass")
    said = r"asgi-lockstep: .* hand out asgi_lockstep\.TestClient, on httpx2? [\d.]+, because .+"
    assert [bool(re.fullmatch(said, line)) for line in found.lines].count(True) == 1
