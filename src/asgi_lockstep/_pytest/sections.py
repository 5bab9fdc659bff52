"""What a failing test shows of what has happened between it and its app: a section of its report."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import pytest

from _asgi_lockstep_plugin import BEGAN

from .._drivers.clock.real_time import real_time
from ..errors import MissingExtra
from .log_of_package import messages_since

if TYPE_CHECKING:
    from .._timeline.timeline import Timeline

TITLE: Final = "asgi timeline"

#: How many characters a line may have where nobody's terminal ends, as in the log of a CI job.
_WITHOUT_TERMINAL: Final = 160

#: Until when the reports of a test have shown what has happened.
_SHOWN: Final = pytest.StashKey[float]()


def timelines_of(item: pytest.Item, since: float | None = None) -> list[Timeline]:
    """What has happened in a test, by client; of every client of ours, whoever has made it.

    Args:
        item: the test.
        since: not before this moment of `real_time()`; None for all of the test.
    """
    from .._timeline.reading import clients_since  # most tests pass, and nobody reads what has happened in them

    return clients_since(item.stash.get(BEGAN, 0.0) if since is None else since)


def add_section(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add what has happened to the report of a failure, unless an earlier one of the same test has shown it."""
    count = int(item.config.getini("asgi_timeline"))
    if not count:
        return
    since = item.stash.get(_SHOWN, item.stash.get(BEGAN, 0.0))
    timelines = timelines_of(item, since)
    messages = [f"asgi_lockstep: {message}" for message in messages_since(since)]
    item.stash[_SHOWN] = real_time()
    if timelines or messages:
        text = _text(timelines, count, report.longreprtext, item.config)
        report.sections.append((TITLE, "\n".join([*text, *messages])))


def _text(timelines: Sequence[Timeline], count: int, failure: str, config: pytest.Config) -> list[str]:
    from .._timeline.hints import hints

    terminal = config.get_terminal_writer() if config.pluginmanager.hasplugin("terminalreporter") else None
    width = shutil.get_terminal_size().columns if terminal is None else terminal.fullwidth
    if not sys.stdout.isatty():
        width = max(width, _WITHOUT_TERMINAL)
    colour = terminal is not None and terminal.hasmarkup
    parts: list[str] = []
    for number, timeline in enumerate(timelines, 1):
        if len(timelines) > 1:
            parts.append(f"client {number} of {len(timelines)}:")
        if len(timeline) > count:
            parts.append(f"(the last {count} of {len(timeline) + timeline.lost:,} events)")
        shown = timeline.last(count)
        text = _coloured(shown, width, colour).rstrip("\n")
        parts += [text, *_diagnoses(shown, f"{failure}\n{text}"), *hints(timeline)]
    return parts


def _coloured(shown: Timeline, width: int, colour: bool) -> str:
    """With colour, if it is wanted and there is what it takes."""
    try:
        return shown.text(width, colour)
    except MissingExtra:
        return shown.text(width)


def _diagnoses(shown: Timeline, said: str) -> Iterator[str]:
    """What was said of calls that failed, if nothing above says it: the test may have caught that, and failed later."""
    lines = {line.removeprefix("E").strip() for line in said.splitlines()}
    for event in shown.of_kind("fails"):
        if any(line.strip() not in lines for line in event.details.splitlines()):
            yield event.details.rstrip("\n")
