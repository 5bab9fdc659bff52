"""What an exception says: kept without the exception, whose traceback holds whatever the app was about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import indent
from traceback import FrameSummary, StackSummary
from types import TracebackType
from typing import NamedTuple, Self

from ..inspection.source_lines import Owner, Place, line_text, owners, shown_shortly

#: How many exceptions behind each other, and beside each other in a group, are kept.
_AT_MOST = 5

#: How many lines of libraries are shown where none is the user's.
_OF_LIBRARIES = 2

_CAUSE = "The above exception was the direct cause of the following exception:"
_CONTEXT = "During handling of the above exception, another exception occurred:"
_HEADER = "Traceback (most recent call last):"


#: Where it has passed: file, line, function.
Line = tuple[str, int, str]


class ExceptionSaid(NamedTuple):
    """One exception, and what led to it.

    Args:
        type_name: the name of its class, with the module unless it is a builtin.
        text: what it says, with its notes.
        lines: where it has passed, the outermost first: file, line, function.
        because: the exception before it, and the sentence that says how the two belong together; None for none.
        parts: those of a group.
    """

    type_name: str
    text: str
    lines: tuple[Line, ...]
    because: tuple[ExceptionSaid, str] | None
    parts: tuple[ExceptionSaid, ...]

    @classmethod
    def of(cls, exception: BaseException, depth: int = _AT_MOST) -> Self:
        """What there is to say about `exception`, with at most `depth` others."""
        before, sentence = exception.__cause__, _CAUSE
        if before is None and not exception.__suppress_context__:
            before, sentence = exception.__context__, _CONTEXT
        inner = exception.exceptions[:_AT_MOST] if isinstance(exception, BaseExceptionGroup) else ()
        return cls(
            _name_of(type(exception)),
            "\n".join([_text_of(exception), *map(str, getattr(exception, "__notes__", ()))]),
            _lines_of(exception.__traceback__),
            None if before is None or depth == 0 else (cls.of(before, depth - 1), sentence),
            tuple(cls.of(one, 0) for one in inner),
        )

    def __str__(self) -> str:
        return f"{self.type_name}: {self.text}" if self.text else self.type_name

    @property
    def first_line(self) -> str:
        """What it says, in a line."""
        return str(self).partition("\n")[0]

    @property
    def place(self) -> Place | None:
        """The innermost line of the user's; of others, if there is none."""
        own = [line for line in self.lines if owners[line[0]] is Owner.USER] or self.lines
        return Place(*own[-1]) if own else None

    @property
    def traceback(self) -> str:
        """All of it, much as Python writes a traceback; the lines of the source are read now."""
        before = "" if self.because is None else f"{self.because[0].traceback}\n\n{self.because[1]}\n\n"
        header = f"{_HEADER}\n{''.join(_written(self.lines))}" if self.lines else ""
        parts = "".join(f"\n{indent(f'in the group: {part.traceback}', '  ')}" for part in self.parts)
        return f"{before}{header}{self}{parts}"


def _written(lines: Sequence[Line]) -> Iterator[str]:
    """Lines as Python writes them; those of libraries that have led to the user's are counted, and those behind them
    are what it has called.
    """
    users = [number for number, line in enumerate(lines) if owners[line[0]] is Owner.USER]
    last = users[-1] if users else len(lines) - _OF_LIBRARIES
    between = 0
    for number, line in enumerate(lines):
        if number < last and owners[line[0]] is not Owner.USER:
            between += 1
            continue
        if between:
            yield f"  [{between} {'call' if between == 1 else 'calls'} of libraries]\n"
            between = 0
        file, where, function = line
        text = line_text(file, where)
        yield from StackSummary.from_list([FrameSummary(shown_shortly(file), where, function, line=text)]).format()


def _name_of(cls: type) -> str:
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def _text_of(exception: BaseException) -> str:
    """What it says of itself; the app may have written it, and made a mistake there."""
    try:
        return str(exception)
    except Exception as broken:
        return f"<its text cannot be read: {type(broken).__name__}>"


def _lines_of(traceback: TracebackType | None) -> tuple[Line, ...]:
    """Where it has passed, without what is ours."""
    lines = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if owners[code.co_filename] is not Owner.US:
            lines.append((code.co_filename, traceback.tb_lineno or 0, code.co_name))
        traceback = traceback.tb_next
    return tuple(lines)
