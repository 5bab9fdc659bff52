"""JSON lines: the form that can be read again."""

from __future__ import annotations

from ..timeline import Timeline


def as_lines(timeline: Timeline) -> str:
    """All of it, each line with its end."""
    return "".join(f"{line}\n" for line in timeline.lines())
