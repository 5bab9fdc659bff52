"""On which track of a trace the events of a timeline stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from ..events import TimelineEvent
from ..timeline import Timeline

#: The only process: the timeline.
PROCESS = 1

#: Kinds of events in which the test acts.
_OF_TEST = ("test", "fails")


@dataclass(frozen=True)
class Track:
    """A row of a trace, and which events of the timeline stand on it, by their index."""

    name: str
    exchange: int | None = None
    task: str = ""
    events: list[int] = field(default_factory=list)
    number: int = 0


def tracks_of(timeline: Timeline) -> list[Track]:
    """The tracks in the order in which they stand below each other: the test, then each exchange with its tasks."""
    test = Track("test")
    exchanges = {each.number: Track(f"{each.number} {each.request}", each.number) for each in timeline.exchanges}
    outside = Track("app")
    tasks: dict[int | None, dict[str, list[Track]]] = {}
    for index, event in enumerate(timeline):
        if event.kind in _OF_TEST:
            track = test
        elif event.task and event.kind != "ends":  # the exchange ends, and no task of it with that
            track = _track_of_task(tasks.setdefault(event.exchange, {}).setdefault(event.task, []), event)
        elif event.exchange is None:
            track = outside
        else:
            track = exchanges.setdefault(event.exchange, Track(f"{event.exchange} {event.request}", event.exchange))
        track.events.append(index)
    ordered = [test]
    for number, track in exchanges.items():
        ordered += [track, *chain.from_iterable(tasks.pop(number, {}).values())]
    ordered += [outside] if outside.events else []
    ordered += [track for of_exchange in tasks.values() for same in of_exchange.values() for track in same]
    return [replace(track, number=number) for number, track in enumerate(ordered, start=1)]


def _track_of_task(same: list[Track], event: TimelineEvent) -> Track:
    """The track of the task that has an event: another one each time that a task of its name starts.

    Tasks of one name may run beside each other, and what stands on one track must not overlap.
    """
    if event.kind == "task_starts" or not same:
        request = f" of {event.request}" if event.request else ""
        same.append(Track(f"{event.task}{request}", event.exchange, event.task))
    return same[-1]


def named(track: Track) -> Iterator[dict[str, Any]]:
    """The events by which a viewer learns the name of a track, and where it stands."""
    common = {"ph": "M", "ts": 0, "pid": PROCESS, "tid": track.number}
    yield {"name": "thread_name", **common, "args": {"name": track.name}}
    yield {"name": "thread_sort_index", **common, "args": {"sort_index": track.number}}
