"""The data of the page: a timeline as JSON that may stand inside of a script element."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from ..events import SourceLine, TimelineEvent, TimelineExchange
from ..timeline import Timeline
from .sequence import diagram_of

#: Kinds of events that no test wants; a page leads to them.
FAILURES: Final = ("fails", "refused", "raises")

#: What becomes of an exchange, by the message that decides it and the key that says more.
_OUTCOMES: Final = {
    "http.response.start": ("{}", "status"),
    "websocket.accept": ("open", ""),
    "websocket.close": ("closed {}", "code"),
    "websocket.disconnect": ("left {}", "code"),
    "websocket.http.response.start": ("{}", "status"),
    "lifespan.startup.complete": ("started", ""),
    "lifespan.startup.failed": ("failed", ""),
    "lifespan.shutdown.complete": ("stopped", ""),
    "lifespan.shutdown.failed": ("failed", ""),
}

#: The same where nothing was decided, because it failed.
_FAILED: Final = {"fails": "failed", "refused": "refused", "raises": "raised"}

#: What ends a script element, begins a comment in it, or could be taken for an entity, each as JSON can spell it, too.
_UNSAFE: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}


def page_data(timeline: Timeline) -> str:
    """All that the page shows, as JSON in ASCII without `<`, `>` and `&`."""
    events = list(timeline)
    diagram = diagram_of(events)
    arrows = diagram.arrows
    return _json(
        {
            "title": timeline.title,
            "began": timeline.began,
            "clock": timeline.clock,
            "lost": timeline.lost,
            "lifelines": [asdict(lifeline) for lifeline in diagram.lifelines],
            "bars": [asdict(bar) for bar in diagram.bars],
            "exchanges": _exchanges(timeline.exchanges, events),
            "events": [{**event.as_dict(), "arrow": arrow} for event, arrow in zip(events, arrows, strict=True)],
        }
    )


def _json(data: object) -> str:
    """JSON knows no NaN, but an app may have put one into a message: then it is shown as text."""
    try:
        text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    except ValueError:
        text = json.dumps(json.loads(json.dumps(data), parse_constant=str), separators=(",", ":"))
    return text.translate(_UNSAFE)


def _exchanges(exchanges: Sequence[TimelineExchange], events: Sequence[TimelineEvent]) -> list[dict[str, Any]]:
    """Each exchange of which there is an event, with where it begins and ends and what came of it."""
    rows: dict[int, list[int]] = {}
    for row, event in enumerate(events):
        if event.exchange is not None:
            rows.setdefault(event.exchange, []).append(row)
    return [_exchange(exchange, rows[exchange.number], events) for exchange in exchanges if exchange.number in rows]


def _exchange(exchange: TimelineExchange, rows: Sequence[int], events: Sequence[TimelineEvent]) -> dict[str, Any]:
    mine = [events[row] for row in rows]
    return {
        "number": exchange.number,
        "kind": exchange.kind,
        "request": exchange.request,
        "scope": exchange.scope,
        "sent_at": _line(exchange.sent_at),
        "endpoint": _line(exchange.endpoint),
        "first": rows[0],
        "last": rows[-1],
        "outcome": _outcome(mine),
        "failed": any(event.kind in FAILURES for event in mine),
    }


def _outcome(events: Sequence[TimelineEvent]) -> str:
    """The status of a response, or how a websocket or the lifespan ended; empty while nothing is decided."""
    outcome = ""
    for event in events:
        if event.kind in ("sends", "receives") and event.message is not None:
            outcome = _said_by(event.message) or outcome
    return outcome or next((_FAILED[event.kind] for event in reversed(events) if event.kind in FAILURES), "")


def _said_by(message: Mapping[str, Any]) -> str:
    text, key = _OUTCOMES.get(str(message.get("type")), ("", ""))
    return text.format(message.get(key, "")).strip()


def _line(line: SourceLine | None) -> dict[str, Any] | None:
    if line is None:
        return None
    return {"file": line.file, "line": line.line, "function": line.function, "source": line.source}
