"""Where each event stands in a sequence diagram: lifelines, arrows and bars, for the page and for the picture.

A diagram has a row for each event. Its columns ("lanes") are the test, the client, the app, and the tasks of the app:
a task has a lane from its first event to its last one, and later tasks use the lane again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ..events import TimelineEvent

TEST: Final = 0
CLIENT: Final = 1
APP: Final = 2

#: The lanes that every diagram has.
ACTORS: Final = ("test", "client", "app")

#: How many lanes tasks have at most; those that do not fit share the last one.
TASK_LANES: Final = 8

#: Arrows whose two ends do not depend on the task. An event of another kind stands at the lane where it happened.
_BETWEEN_TEST_AND_CLIENT: Final = {"test": (TEST, CLIENT), "fails": (CLIENT, TEST)}


@dataclass(frozen=True)
class Lifeline:
    """A part of a lane: of the test, the client or the app all of it, of a task the rows in which it lived."""

    name: str
    lane: int
    first: int
    last: int


@dataclass(frozen=True)
class Bar:
    """Someone waits from the row `first` to the row `last`; `slot` keeps bars apart that overlap in one lane."""

    kind: str  # "test": for the app; "waits": in receive() or send()
    lane: int
    slot: int
    first: int
    last: int


@dataclass(frozen=True)
class Diagram:
    """A timeline as a drawing: `arrows` has for each event the lanes from which and to which it goes."""

    lifelines: tuple[Lifeline, ...]
    arrows: tuple[tuple[int, int], ...]
    bars: tuple[Bar, ...]

    @property
    def lanes(self) -> int:
        """How many columns the drawing has."""
        return 1 + max(lifeline.lane for lifeline in self.lifelines)


def diagram_of(events: Sequence[TimelineEvent]) -> Diagram:
    """The sequence diagram of `events`."""
    last = max(len(events) - 1, 0)
    tasks = _lifelines_of_tasks(events)
    lane_of = {lifeline.name: lifeline.lane for lifeline in tasks}
    everyone = (*(Lifeline(name, lane, 0, last) for lane, name in enumerate(ACTORS)), *tasks)
    arrows = tuple(_arrow(event, lane_of.get(event.task, APP)) for event in events)
    bars = [*_waits_of_the_test(events), *_waits_of_the_app(events, lane_of)]
    return Diagram(everyone, arrows, tuple(_side_by_side(bars)))


def _arrow(event: TimelineEvent, lane: int) -> tuple[int, int]:
    """From which lane to which one; the same twice for what is no arrow. `lane` is the one of its task."""
    if event.kind in _BETWEEN_TEST_AND_CLIENT:
        return _BETWEEN_TEST_AND_CLIENT[event.kind]
    if event.kind == "receives":
        return CLIENT, lane
    if event.kind in ("sends", "refused"):
        return lane, CLIENT
    if event.kind == "task_starts":
        return APP, lane
    return lane, lane


def _lifelines_of_tasks(events: Iterable[TimelineEvent]) -> list[Lifeline]:
    """One for each task, in the leftmost lane that is free from its first event to its last."""
    spans: dict[str, tuple[int, int]] = {}
    for row, event in enumerate(events):
        if event.task:
            spans[event.task] = (spans.get(event.task, (row, row))[0], row)
    busy_until: list[int] = []
    lifelines = []
    for name, (first, last) in spans.items():
        free = next((lane for lane, row in enumerate(busy_until) if row < first), len(busy_until))
        lane = min(free, TASK_LANES - 1)
        busy_until[lane:] = [last, *busy_until[lane + 1 :]]
        lifelines.append(Lifeline(name, len(ACTORS) + lane, first, last))
    return lifelines


def _waits_of_the_test(events: Sequence[TimelineEvent]) -> list[Bar]:
    """From what the test does until the last event before it does something again."""
    rows = [row for row, event in enumerate(events) if event.kind == "test"]
    ends = [row - 1 for row in rows[1:]] + [len(events) - 1]
    return [Bar("test", TEST, 0, first, last) for first, last in zip(rows, ends, strict=False) if last > first]


def _waits_of_the_app(events: Sequence[TimelineEvent], lane_of: dict[str, int]) -> list[Bar]:
    """From each wait until the next event of the same exchange and task; to the end where there is none."""
    bars = []
    waiting: dict[tuple[int | None, str], int] = {}
    for row, event in enumerate(events):
        if event.kind in _BETWEEN_TEST_AND_CLIENT:
            continue  # of the exchange, but not of the app
        key = (event.exchange, event.task)
        if key in waiting:
            bars.append(Bar("waits", lane_of.get(event.task, APP), 0, waiting.pop(key), row))
        if event.kind == "waits":
            waiting[key] = row
    for (_, task), row in waiting.items():
        bars.append(Bar("waits", lane_of.get(task, APP), 0, row, len(events) - 1))
    return bars


def _side_by_side(bars: Iterable[Bar]) -> Iterable[Bar]:
    """Each bar in the first slot of its lane that is free at its beginning."""
    busy_until: dict[int, list[int]] = {}
    for bar in sorted(bars, key=lambda bar: (bar.first, bar.lane)):
        slots = busy_until.setdefault(bar.lane, [])
        slot = next((slot for slot, row in enumerate(slots) if row <= bar.first), len(slots))
        slots[slot:] = [bar.last, *slots[slot + 1 :]]
        yield Bar(bar.kind, bar.lane, slot, bar.first, bar.last)
