"""What docs/live.md shows is what is raised; tests/docs runs its examples."""

from __future__ import annotations

from pathlib import Path

from asgi_lockstep.live import ServerTimedOut

PAGE = (Path(__file__).parents[2] / "docs" / "live.md").read_text(encoding="utf-8")


def test_the_error_is_shown_as_it_is() -> None:
    """Its text, made of the same fields."""
    line = "GET /report, at shop/reports.py:31 in report: await queue.get()"
    assert f"asgi_lockstep.live.ServerTimedOut: {ServerTimedOut('uvicorn', 'stop', 10, [line], [])}\n" in PAGE
