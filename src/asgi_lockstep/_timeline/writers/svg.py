"""A timeline as a picture: a sequence diagram for pages that run no script, such as a README."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from ..events import TimelineEvent
from ..timeline import Timeline
from .picture_parts import STYLE, arrow, bar, lane_x, lifeline, sign
from .sequence import APP, Diagram, diagram_of

#: Heights and widths in pixels.
ROW: Final = 24
TOP: Final = 64
TEXT_WIDTH: Final = 560

MINUTE: Final = 60

#: How many characters of a text are shown: 7.3 pixels each.
MOST_CHARACTERS: Final = 72

#: A request that would be cut to less than this is left out.
FEWEST_CHARACTERS: Final = 8

#: What XML cannot carry, however it is escaped.
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_svg(timeline: Timeline) -> str:
    """The picture of `timeline`, light or dark like the page that shows it.

    Args:
        timeline: What it shows: a row for each event, so that `timeline.of("GET /notes")` makes a smaller picture.

    Returns:
        An SVG document, to be saved as UTF-8.
    """
    events = list(timeline)
    diagram = diagram_of(events)
    rows = list(_rows(events))
    width = round(lane_x(diagram.lanes)) + TEXT_WIDTH
    height = TOP + ROW * len(rows) + 12
    title = _text(timeline.title or "timeline")
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {_size(width, height)} role="img" aria-label="{title}">',
            f"<title>{title}</title>",
            f"<style>{STYLE}</style>",
            f'<rect class="ground" width="{width}" height="{height}" rx="8"/>',
            f'<text class="title" x="16" y="26">{title}</text>',
            *_drawn(events, diagram, rows),
            "</svg>\n",
        )
    )


def _size(width: int, height: int) -> str:
    return f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'


def _rows(events: Sequence[TimelineEvent]) -> Iterator[tuple[str, int]]:
    """What stands below each other: "event", "jump" before it or "step" before it, each with the place of the event."""
    step = ""
    for index, event in enumerate(events):
        if event.jump > 0:
            yield "jump", index
        if event.step not in ("", step):
            yield "step", index
        step = event.step
        yield "event", index


def _drawn(events: Sequence[TimelineEvent], diagram: Diagram, rows: Sequence[tuple[str, int]]) -> Iterator[str]:
    middles = {index: TOP + ROW * (row + 0.5) for row, (kind, index) in enumerate(rows) if kind == "event"}
    bottom = TOP + ROW * len(rows)
    text_x = lane_x(diagram.lanes) - 12
    yield from _lifelines(diagram, middles, bottom)
    for one in diagram.bars:
        yield bar(one, middles[one.first], middles[one.last])
    for row, (kind, index) in enumerate(rows):
        y = TOP + ROW * (row + 0.5)
        if kind == "event":
            yield _event(events[index], diagram.arrows[index], y, text_x, is_new=_is_another(events, index))
        elif kind == "jump":
            yield _jump(events[index].jump, y, text_x)
        else:
            yield f'<text class="step" x="{text_x}" y="{y + 4}">{_text(events[index].step)}</text>'


def _lifelines(diagram: Diagram, middles: dict[int, float], bottom: float) -> Iterator[str]:
    """With the names of the test, the client and the app above; a task has its name in its first event."""
    for line in diagram.lifelines:
        is_task = line.lane > APP
        begin, end = (middles[line.first], middles[line.last]) if is_task else (TOP - 10.0, bottom)
        yield lifeline(line.lane, begin, end)
        if not is_task:
            yield f'<text class="name" x="{lane_x(line.lane)}" y="{TOP - 16}">{line.name}</text>'


def _is_another(events: Sequence[TimelineEvent], index: int) -> bool:
    """Whether the event is of another exchange than the one above it, so that its request has to be said."""
    return index == 0 or events[index].exchange != events[index - 1].exchange


def _event(event: TimelineEvent, ends: tuple[int, int], y: float, text_x: float, *, is_new: bool) -> str:
    start, end = ends
    drawn = arrow(event.kind, lane_x(start), lane_x(end), y) if start != end else sign(event.kind, lane_x(start), y)
    text = _text(event.text)
    room = MOST_CHARACTERS - len(event.text) - 2
    if is_new and event.request not in event.text and room >= FEWEST_CHARACTERS:
        text += f'<tspan class="request" dx="14">{_text(event.request, room)}</tspan>'
    return f'<g class="{escape(event.kind)}">{drawn}<text x="{text_x}" y="{y + 4}">{text}</text></g>'


def _jump(seconds: float, y: float, text_x: float) -> str:
    text = f'<text x="{text_x}" y="{y + 4}">{_span(seconds)} passes</text>'
    return f'<g class="jump"><path d="M16 {y}H{text_x - 8}"/>{text}</g>'


def _span(seconds: float) -> str:
    """As in "1 h 2 min 5 s"; below a minute with up to three digits after the point."""
    if seconds < MINUTE:
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"
    rest = round(seconds)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        parts += [f"{count} {unit}"] if count else []
    return " ".join(parts)


def _text(text: str, most: int = MOST_CHARACTERS) -> str:
    """Text of an app, for XML: on one line, not too long, without what XML has no place for."""
    line = " ".join(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", text).split())
    return escape(line if len(line) <= most else f"{line[: most - 1]}\N{HORIZONTAL ELLIPSIS}")
