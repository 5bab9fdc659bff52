"""What a failing test shows of what has happened between it and its app: a section of its report."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pytest

from _asgi_lockstep_plugin import BEGAN

from .._drivers.clock.real_time import real_time

TITLE: Final = "asgi timeline"

#: Until when the reports of a test have shown what has happened.
_SHOWN: Final = pytest.StashKey[float]()


def timelines_of(item: pytest.Item, since: float | None = None) -> list[Any]:
    """What has happened in a test, by client; of every client of ours, whoever has made it.

    Args:
        item: the test.
        since: not before this moment of `real_time()`; None for all of the test.
    """
    recent = sys.modules.get("asgi_lockstep._timeline.recent")
    if recent is None:
        return []
    return [*recent.clients_since(item.stash.get(BEGAN, 0.0) if since is None else since)]


def add_section(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add what has happened to the report of a failure, unless an earlier one of the same test has shown it."""
    count = _count(item.config)
    if not count:
        return
    timelines = timelines_of(item, item.stash.get(_SHOWN, None))
    item.stash[_SHOWN] = real_time()
    if timelines:
        report.sections.append((TITLE, _text(timelines, count, report.longreprtext, item.config)))


def _count(config: pytest.Config) -> int:
    """How many events are shown."""
    value = config.getini("asgi_timeline")
    if not (value.isascii() and value.isdigit()):
        raise pytest.UsageError(f"asgi_timeline = {value} is no number of events: write asgi_timeline = 20, or 0 for none.")
    return int(value)


def _text(timelines: Sequence[Any], count: int, failure: str, config: pytest.Config) -> str:
    terminal = config.get_terminal_writer() if config.pluginmanager.hasplugin("terminalreporter") else None
    width = shutil.get_terminal_size().columns if terminal is None else terminal.fullwidth
    colour = terminal is not None and terminal.hasmarkup
    parts = []
    for number, timeline in enumerate(timelines, 1):
        if len(timelines) > 1:
            parts.append(f"client {number} of {len(timelines)}:")
        if len(timeline) > count:
            parts.append(f"(the last {count} of {len(timeline)} events)")
        shown = timeline.last(count)
        parts += [shown.text(width, colour).rstrip("\n"), *_diagnoses(shown, failure)]
    return "\n".join(parts)


def _diagnoses(shown: Any, failure: str) -> Iterator[str]:
    """What was said of a call that failed, where the failure itself does not say it: the test may have caught that."""
    for event in shown.of_kind("fails"):
        if event.details and event.details.strip() not in failure and not _is_in(event.details, failure):
            yield f"{event.text}\n{event.details.rstrip()}"


def _is_in(details: str, failure: str) -> bool:
    """Whether each line is there: pytest begins those of an exception with an E."""
    lines = [line.removeprefix("E").strip() for line in failure.splitlines()]
    return all(line.strip() in lines for line in details.splitlines()[1:] if line.strip())
