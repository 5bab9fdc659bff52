"""The traceback of what an app has raised: the lines of its author, and not those of its framework."""

from __future__ import annotations

from traceback import TracebackException

from .._drivers.inspection.source_lines import Owner, owners
from .shell_line import FILE


def text_of(exception: BaseException, all_frames: bool = False) -> str:
    """The traceback, and a line that says how many calls were left out.

    Left out are what is ours or Python's before the app begins, and calls inside of libraries which lead to a line of
    the app; those to which a line of the app leads stay, whoever wrote them.

    Args:
        exception: what was raised.
        all_frames: whether to leave out nothing that is the app's or a library's.
    """
    shown = TracebackException.from_exception(exception)
    left_out = _shorten(shown, all_frames)
    lines = "".join(shown.format()).rstrip("\n")
    if not left_out:
        return lines
    calls = "A call inside of a library is" if left_out == 1 else f"{left_out} calls inside of libraries are"
    return f"{lines}\n({calls} left out: --all-frames shows them.)"


def _shorten(shown: TracebackException, all_frames: bool) -> int:
    """Leave frames out, here and in what has led to it; returns how many of libraries."""
    stack = shown.stack
    whose = [Owner.US if frame.filename == FILE else owners[frame.filename] for frame in stack]
    begin = next((number for number, owner in enumerate(whose) if owner > Owner.ASYNC_LIBRARY), len(whose))
    last = max((number for number, owner in enumerate(whose) if owner is Owner.USER), default=-1)
    keep = [
        number >= begin and (all_frames or number > last or owner is Owner.USER) for number, owner in enumerate(whose)
    ]
    stack[:] = [frame for frame, is_kept in zip(stack, keep, strict=True) if is_kept]
    before = [shown.__cause__, shown.__context__ if not shown.__suppress_context__ else None, *(shown.exceptions or ())]
    inner = sum(_shorten(other, all_frames) for other in before if other is not None)
    return len(whose) - begin - len(stack) + inner if len(whose) > begin else inner
