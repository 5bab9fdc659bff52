"""Timelines in files: which kinds there are, and how one is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .terminal import stderr

if TYPE_CHECKING:
    from .._timeline.timeline import Timeline

#: The kinds of files that a timeline can be saved as.
SUFFIXES = (".jsonl", ".html", ".har", ".txt", ".svg", ".trace.json")


def checked_path(_context: click.Context, _parameter: click.Parameter, given: Any) -> Any:
    """The callback of an option that names such files: the path, or the paths, if their suffixes are known."""
    for path in given if isinstance(given, tuple) else (given,):
        if path is not None and not path.name.endswith(SUFFIXES):
            raise click.BadParameter(f"{path.name!r} has none of the suffixes {', '.join(SUFFIXES)}.")
    return given


def load(path: Path) -> Timeline:
    """The timeline that was saved as `.jsonl`.

    Raises:
        UsageError: the file has something else.
    """
    from .._timeline.timeline import Timeline  # which one of the commands needs

    return Timeline.load(path)


def save_timeline_of(client: Any, path: Path) -> None:
    """Write the timeline of a client to a file."""
    save(client.timeline, path)


def save(timeline: Timeline, path: Path) -> None:
    """Write a timeline to a file, and say so."""
    timeline.save(path)
    stderr().text(f"saved the timeline: {path}")
