"""When events stand in a trace, in microseconds."""

from __future__ import annotations

from ..timeline import Timeline

#: How far apart events stand at least. Without it, whatever happens at one virtual moment would take no time at all,
#: and viewers draw nothing of no length, nor arrows that begin or end there. A real clock needs an order, no more.
_VIRTUAL_GAP, _REAL_GAP = 1.0, 0.001


def gap_of(timeline: Timeline) -> float:
    """How far apart two events stand at least."""
    return _VIRTUAL_GAP if timeline.clock == "virtual" else _REAL_GAP


def moments_of(timeline: Timeline) -> list[float]:
    """When each event of a timeline stands in a trace: by the clock of the app, and after the one before it.

    A virtual clock stands still while the app runs, so the events of one moment are counted instead: a trace of virtual
    time is the same in each run.
    """
    gap, moments = gap_of(timeline), list[float]()
    for event in timeline:
        moment = max(event.loop_time if timeline.clock == "virtual" else event.time, 0.0) * 1e6
        earliest = moments[-1] + gap if moments else 0.0
        moments.append(round(max(moment, earliest), 3))
    return moments
