"""A timeline as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from textwrap import wrap
from typing import Final

from ...errors import MissingExtra
from ..events import SourceLine, TimelineEvent
from ..timeline import Timeline
from ..wording import MEANWHILE

#: What each kind looks like where there is colour, in the words of rich.
_STYLES: Final = {
    "test": "bold",
    "fails": "bold red",
    "refused": "red",
    "raises": "red",
    "receives": "cyan",
    "sends": "green",
    "logs": "yellow",
}
_OTHERS: Final = "dim"

#: Whose details are shown; and whose are, unless the test has got the same exception.
_OF_THEMSELVES: Final = ("logs", "task_ends")
_OF_FAILURES: Final = ("raises", "refused", "sends")

#: In how many lines what has happened may stand.
_LINES: Final = 2

#: How far the lines are indented that belong to a line.
_INDENT: Final = " " * 12


def as_text(timeline: Timeline, width: int = 100, colour: bool = False) -> str:
    """One line an event: when, which request, what, and where; see `Timeline.text()`."""
    lines = [*_lines(timeline, width)]
    if colour:
        return _coloured(lines, width)
    return "".join(f"{_cut(line, width)}\n" for line, _ in lines)


def _lines(timeline: Timeline, width: int) -> Iterator[tuple[str, str]]:
    """The lines, each with its style; what has to be left out of them is not the place, if there is any room."""
    if timeline.title:
        yield timeline.title, "bold"
    if timeline.lost:
        yield f"{_INDENT}({timeline.lost:,} earlier events are not kept)", _OTHERS
    endpoints: dict[int | None, SourceLine | None] = {one.number: one.endpoint for one in timeline.exchanges}
    step, said = "", {event.text.removeprefix("test gets ") for event in timeline.of_kind("fails")}
    for event in timeline:
        if event.step != step:
            step = event.step
            yield f"{_INDENT}-- {step or 'after that'} --", "bold"
        if event.jump:
            yield f"{_INDENT}... {_duration(event.jump)} pass ...", _OTHERS
        is_endpoint = event.place is not None and event.place == endpoints.get(event.exchange)
        yield from _of_event(event, width, said, "endpoint " if is_endpoint else "")
        handled = event.text.partition(MEANWHILE)[2]
        if handled:
            said.add(f"{event.request}: app raises {handled}")  # it may do so again, behind the answer


def _of_event(event: TimelineEvent, width: int, said: AbstractSet[str], whose: str) -> Iterator[tuple[str, str]]:
    """The line of an event, and what there is to say besides.

    Args:
        event, width: the event, and how many characters fit on a line.
        said: what the test has got as exceptions, in a line: that is shown there, with all lines.
        whose: what is said before its place; `""` for nothing.
    """
    style = _STYLES.get(event.kind, _OTHERS)
    for line in _fitted(f"{_moment(event.loop_time)}  {event}", event, width, whose):
        yield line, style
    if event.kind in _OF_THEMSELVES or (event.kind in _OF_FAILURES and not _is_said(event, said)):
        for line in event.details.splitlines():
            yield f"{_INDENT}| {line}", style


def _is_said(event: TimelineEvent, said: AbstractSet[str]) -> bool:
    """Whether the test has got the same exception: what it has got is shown with the test."""
    return str(event) in said or any(event.text.endswith(one) for one in said)


def _fitted(what: str, event: TimelineEvent, width: int, whose: str) -> Iterator[str]:
    """What has happened, and where: in a line of its own, where both do not fit into one."""
    if event.place is None:
        yield from _wrapped(what, width)
        return
    where = f"[{whose}{event.place} in {event.place.function}]"
    fitting = [line for line in (f"{what}  {where}", f"{what}  [{whose}{event.place}]") if len(line) <= width]
    if fitting:
        yield fitting[0]
        return
    yield from _wrapped(what, width)
    yield f"{_INDENT}  {where}"


def _wrapped(what: str, width: int) -> list[str]:
    """In as many lines as it takes, but for the texts of errors, which are shown in whole where the test gets them."""
    lines = wrap(what, width, subsequent_indent=f"{_INDENT}  ", replace_whitespace=False)
    if len(lines) <= _LINES:
        return lines
    return [*lines[: _LINES - 1], f"{lines[_LINES - 1]} ..."]


def _moment(seconds: float) -> str:
    return f"{seconds * 1e3:8,.1f} ms" if seconds < 100 else f"{seconds:8,.1f} s "


def _duration(seconds: float) -> str:
    """In the largest unit that suits it."""
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 3]}..."


def _coloured(lines: list[tuple[str, str]], width: int) -> str:
    try:
        from rich.console import Console
        from rich.text import Text
    except ImportError:
        raise MissingExtra("rich", "colour=True", "cli") from None
    console = Console(width=width, force_terminal=True, color_system="standard", highlight=False)
    with console.capture() as captured:
        for line, style in lines:
            console.print(Text(_cut(line, width), style=style), soft_wrap=True)
    return captured.get()
