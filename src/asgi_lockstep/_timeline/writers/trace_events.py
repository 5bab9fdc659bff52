"""Traces in Chrome's JSON format for trace events, which Perfetto and Chromium's performance panel open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..events import TimelineEvent, TimelineExchange
from ..timeline import Timeline
from .trace_moments import gap_of, moments_of
from .trace_tracks import PROCESS, Track, named, tracks_of

#: Kinds of events that are a moment on their track. What is left has a length: what the test does, tasks and waits.
_INSTANTS = ("fails", "receives", "sends", "refused", "logs", "raises", "ends")

#: The phases of events, in their order at one moment: names, what lasts, instants, and the two ends of an arrow.
_PHASES = "MXisf"

#: An event of a trace, as it stands in the file.
TraceEvent = dict[str, Any]


def as_trace_events(timeline: Timeline) -> dict[str, Any]:
    """The trace of a timeline, ready for `json.dumps()`.

    There is a track for the test, for each exchange and for each task. What the test does lasts until the app rests
    before the test does the next thing; a wait of the app lasts until its next event. An arrow goes from what the test
    does to each message that the app receives meanwhile, and from each that it sends back to the test.

    With virtual time, `ts` is the virtual clock, and `args.real` the real one; events at one virtual moment stand a
    microsecond apart. `args.real` and `args.loop_time` are seconds, as in the timeline.

    Args:
        timeline: what happened. Whatever is masked in it is masked in the trace.

    Returns:
        An object with `traceEvents`, sorted by their `ts`.
    """
    trace = _Trace(timeline, moments_of(timeline), tracks_of(timeline))
    events = [*trace.names(), *trace.exchanges(), *trace.tasks(), *trace.of_test(), *trace.of_app(), *trace.arrows()]
    return {
        "traceEvents": sorted(events, key=_order),
        "displayTimeUnit": "ms",
        "metadata": {
            "format": "asgi-lockstep timeline",
            "title": timeline.title,
            "began": timeline.began,
            "clock": timeline.clock,
            "lost": timeline.lost,
        },
    }


def written_trace_events(timeline: Timeline) -> str:
    """The same as it is saved."""
    return json.dumps(as_trace_events(timeline), ensure_ascii=False)


def _order(event: TraceEvent) -> tuple[float, int, int, float]:
    """By time; at one moment what lasts longer comes first, as viewers want it of what contains other things."""
    return event["ts"], _PHASES.index(event["ph"]), event["tid"], -event.get("dur", 0.0)


@dataclass(frozen=True)
class _Trace:
    """A timeline on its way to a trace: `moments` has the `ts` of each event, and `tracks` which events stand where."""

    timeline: Timeline
    moments: list[float]
    tracks: list[Track]

    def _behind(self, index: int | None) -> float:
        """When something ends that an event is the last of; where none is, it is cut off behind the last of all."""
        return round(self.moments[-1 if index is None else index] + gap_of(self.timeline), 3)

    def names(self) -> Iterator[TraceEvent]:
        """What tells a viewer the names of the timeline and of its tracks."""
        yield {
            "name": "process_name",
            "ph": "M",
            "ts": 0,
            "pid": PROCESS,
            "tid": self.tracks[0].number,
            "args": {"name": self.timeline.title},
        }
        for track in self.tracks:
            yield from named(track)

    def _lasting(self, track: Track, name: str, start: float, end: float, args: dict[str, Any]) -> TraceEvent:
        where = {"ph": "X", "ts": start, "dur": round(end - start, 3), "pid": PROCESS, "tid": track.number}
        return {"name": name, "cat": "lasting", **where, "args": args}

    def exchanges(self) -> Iterator[TraceEvent]:
        """How long each exchange lasts, whoever had its events."""
        first: dict[int | None, int] = {}
        ended: dict[int | None, int] = {}
        for index, event in enumerate(self.timeline):
            first.setdefault(event.exchange, index)
            if event.kind == "ends":
                ended.setdefault(event.exchange, index)
        known = {each.number: each for each in self.timeline.exchanges}
        for track in self.tracks:
            number = track.exchange
            if not track.task and number is not None and number in first:
                yield self._exchange(track, first[number], ended.get(number), known.get(number))

    def _exchange(self, track: Track, first: int, ended: int | None, exchange: TimelineExchange | None) -> TraceEvent:
        args: dict[str, Any] = {"ended": ended is not None}
        if exchange is not None:
            lines = {"sent_at": exchange.sent_at, "endpoint": exchange.endpoint}
            args.update(kind=exchange.kind, **{key: str(line) for key, line in lines.items() if line})
        name = self.timeline[first].request or track.name
        return self._lasting(track, name, self.moments[first], self._behind(ended), args)

    def tasks(self) -> Iterator[TraceEvent]:
        """How long each task lasts; one whose beginning is lost was there from the first event that is not."""
        for track in self.tracks:
            if track.task:
                kinds = {self.timeline[index].kind: index for index in track.events}
                started, ended = kinds.get("task_starts"), kinds.get("task_ends")
                args: dict[str, Any] = {"started": started is not None, "ended": ended is not None}
                if started is not None:
                    args.update(self._args(started))
                elif self.timeline.lost:
                    started = 0
                start = self.moments[track.events[0] if started is None else started]
                yield self._lasting(track, track.task, start, self._behind(ended), args)

    def of_test(self) -> Iterator[TraceEvent]:
        """What the test does: until the last event before it does the next thing."""
        acts = [index for index, event in enumerate(self.timeline) if event.kind == "test"]
        for act, following in zip(acts, [*acts, len(self.moments)][1:], strict=True):
            end, text = self._behind(following - 1), self.timeline[act].text
            yield self._lasting(self.tracks[0], text, self.moments[act], end, self._args(act))

    def of_app(self) -> Iterator[TraceEvent]:
        """Everything that happens on a track, and the waits between."""
        for track in self.tracks:
            for index, following in zip(track.events, [*track.events, None][1:], strict=True):
                event = self.timeline[index]
                if event.kind in _INSTANTS:
                    where = {"ph": "i", "s": "t", "ts": self.moments[index], "pid": PROCESS, "tid": track.number}
                    yield {"name": event.text, "cat": event.kind, **where, "args": self._args(index)}
                elif event.kind == "waits":
                    end = self._behind(None) if following is None else self.moments[following]
                    yield self._lasting(track, event.text, self.moments[index], end, self._args(index))

    def arrows(self) -> Iterator[TraceEvent]:
        """Between the test and the app, for each message, where what the test did is still known."""
        acting = False
        track_of = {index: track.number for track in self.tracks for index in track.events}
        for index, event in enumerate(self.timeline):
            acting = acting or event.kind == "test"
            ends = (self.tracks[0].number, track_of[index])
            if acting and event.exchange is not None and event.kind in ("receives", "sends"):
                start, end = ends if event.kind == "receives" else ends[::-1]
                common = {"name": "message", "cat": event.kind, "id": event.number, "pid": PROCESS}
                yield {**common, "ph": "s", "ts": self.moments[index], "tid": start}
                yield {**common, "ph": "f", "bp": "e", "ts": self.moments[index], "tid": end}

    def _args(self, index: int) -> dict[str, Any]:
        """What a viewer shows of an event: all that is known of it, besides what its place in the trace says."""
        return _facts(self.timeline[index], virtual=self.timeline.clock == "virtual")


def _facts(event: TimelineEvent, *, virtual: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {"number": event.number}
    if virtual:
        facts.update(real=event.time, loop_time=event.loop_time)
    if event.jump:
        facts["jump"] = event.jump
    if event.place is not None:
        facts.update(place=str(event.place), source=event.place.source)
    if event.message is not None:
        facts["message"] = event.message
    facts.update({key: value for key in ("request", "step", "details") if (value := getattr(event, key))})
    return facts
