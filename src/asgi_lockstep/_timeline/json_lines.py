"""A timeline as lines of JSON, and back: the form in which it is kept, and from which every other can be made later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..errors import UsageError
from .events import FORMAT, Heading, SourceLine, TimelineEvent, TimelineExchange

#: What one was made of: its heading, its exchanges, its events.
Parts = tuple[Heading, list[TimelineExchange], list[TimelineEvent]]


def lines_of(heading: Heading, exchanges: Iterable[TimelineExchange], events: Iterable[TimelineEvent]) -> Iterator[str]:
    """A line for the heading, for each exchange, and for each event, without line ends."""
    yield _line(heading.as_dict())
    for exchange in exchanges:
        yield _line(exchange.as_dict())
    for event in events:
        yield _line(event.as_dict())


def parts_of(lines: Iterable[str], name: str) -> Parts:
    """What `lines_of()` was given.

    Args:
        lines: as it has made them; later versions may have added keys, which are passed over.
        name: what the lines were read from.

    Raises:
        UsageError: they are none of a timeline.
    """
    exchanges, events, heading = [], [], None
    for number, line in enumerate(lines, 1):
        try:
            fields = json.loads(line)
            if heading is None:
                heading = _heading(fields)
            elif "exchange" in fields and "event" not in fields:
                exchanges.append(_exchange(fields))
            else:
                events.append(_event(fields))
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise UsageError(
                f"Line {number} of {name} is none of a timeline ({type(exc).__name__}: {exc}). "
                'Write one with client.timeline.save("timeline.jsonl").'
            ) from None
    if heading is None:
        raise UsageError(f'{name} is empty. Write a timeline with client.timeline.save("timeline.jsonl").')
    return heading, exchanges, events


def _line(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(", ", ": "))


def _heading(fields: dict[str, Any]) -> Heading:
    if fields.get("format") != FORMAT:
        raise ValueError(f'its "format" is {fields.get("format")!r}')
    return Heading(fields["title"], fields["began"], fields["clock"], fields["lost"])


def _exchange(fields: dict[str, Any]) -> TimelineExchange:
    return TimelineExchange(
        fields["exchange"],
        fields["kind"],
        fields["request"],
        fields["scope"],
        _source_line(fields["sent_at"]),
        _source_line(fields["endpoint"]),
    )


def _event(fields: dict[str, Any]) -> TimelineEvent:
    known = {
        name: fields[name] for name in TimelineEvent.__slots__ if name in fields and name not in ("number", "place")
    }
    return TimelineEvent(number=fields["event"], place=_source_line(fields.get("place")), **known)


def _source_line(fields: dict[str, Any] | None) -> SourceLine | None:
    if fields is None:
        return None
    return SourceLine(fields["file"], fields["line"], fields["function"], fields["source"])
