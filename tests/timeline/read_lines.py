"""Timelines read from JSON lines, into what writers expect of one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, overload


@dataclass(frozen=True)
class Line:
    """A line of source code."""

    file: str
    line: int
    function: str
    source: str


@dataclass(frozen=True)
class Event:
    """An event, with the fields of the JSON form."""

    number: int
    kind: str
    time: float
    loop_time: float
    jump: float
    exchange: int | None
    request: str
    text: str
    message: dict[str, Any] | None
    place: Line | None
    task: str
    step: str
    details: str

    def as_dict(self) -> dict[str, Any]:
        """What stands in the JSON form."""
        fields = asdict(self)
        return {"event": fields.pop("number"), **fields}


@dataclass(frozen=True)
class Exchange:
    """A conversation of a client with the app."""

    number: int
    kind: str
    request: str
    scope: dict[str, Any]
    sent_at: Line | None
    endpoint: Line | None


@dataclass(frozen=True)
class Timeline(Sequence[Event]):
    """A timeline that is read from JSON lines."""

    title: str
    began: str
    clock: str
    lost: int
    exchanges: tuple[Exchange, ...]
    events: tuple[Event, ...]

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        return self.events[index]

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)


def loaded(lines: Iterable[str]) -> Timeline:
    """The timeline that `lines` of JSON describe."""
    head, *others = (json.loads(line) for line in lines)
    exchanges = [_exchange(other) for other in others if "event" not in other]
    return Timeline(
        head["title"],
        head["began"],
        head["clock"],
        head["lost"],
        tuple(exchanges),
        tuple(_event(other) for other in others if "event" in other),
    )


def _event(fields: dict[str, Any]) -> Event:
    number = fields.pop("event")
    return Event(**{**fields, "place": _line(fields["place"]), "number": number})


def _exchange(fields: dict[str, Any]) -> Exchange:
    places = {name: _line(fields[name]) for name in ("sent_at", "endpoint")}
    number = fields.pop("exchange")
    return Exchange(**{**fields, **places, "number": number})


def _line(fields: dict[str, Any] | None) -> Line | None:
    return None if fields is None else Line(**fields)
