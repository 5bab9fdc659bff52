"""What a traceback shows: the test and the app, and nothing of what lies between."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, TracebackType
from typing import Any, TypeVar

from .source_lines import Owner, owners

F = TypeVar("F", bound=Callable[..., Any])

#: The code of the functions of ours that call functions of the user.
_CALLERS: set[CodeType] = set()

#: The code of the functions around those of ours that a test calls.
_ENTRANCES: set[CodeType] = set()


def calls_the_user(function: F) -> F:
    """Decorate a function of ours: what it calls is the app, or a function that the test has handed over."""
    _CALLERS.add(function.__code__)
    return function


def called_by_tests(function: F) -> F:
    """Decorate a function of ours: who calls it is the test, or the app, or another one of these."""
    _ENTRANCES.add(function.__code__)
    return function


def cut(exception: BaseException, ours: bool) -> None:
    """Take out of a traceback, which begins where the test has called us, what is ours, httpx's and Python's.

    What the app (or a function of the test, on the loop of the app) has called stays as it is, whoever wrote it, but
    for our `receive()` and `send()`. An exception that neither we nor the app have raised is left alone: it may be a
    mistake of ours, or of httpx's, and then these lines are what its reader needs.

    Of functions that tests call, and that lie inside of each other on the way, the outermost does it: only there is it
    known what the whole way was.

    Args:
        exception: what is on its way to the test.
        ours: whether its class is one of ours.
    """
    links = [*_links(exception.__traceback__)]
    begin = next((number for number, link in enumerate(links) if link.tb_frame.f_code in _CALLERS), len(links))
    if (begin == len(links) and not ours) or _is_inside_of_another():
        return
    rest: TracebackType | None = None
    for number, link in reversed([*enumerate(links)]):
        owner = owners[link.tb_frame.f_code.co_filename]
        if owner > (Owner.US if number > begin else Owner.ASYNC_LIBRARY):
            link.tb_next = rest
            rest = link
    exception.__traceback__ = rest


def is_called_by_library() -> bool:
    """Whether the function that asks was called by httpx (or Python), on whose way there is another entrance."""
    caller = _caller(inspect.currentframe())  # a frame in a variable of its own is a cycle, with all that it holds
    return caller is not None and owners[caller.f_code.co_filename] is Owner.PYTHON


def _caller(frame: FrameType | None) -> FrameType | None:
    """The frame that has called the one that has called `frame`."""
    return frame and frame.f_back and frame.f_back.f_back


def _is_inside_of_another() -> bool:
    """Whether the entrance that has called `cut()` was called on the way of another one."""
    seen = 0
    frame = inspect.currentframe()
    while frame is not None and frame.f_code not in _CALLERS:
        seen += frame.f_code in _ENTRANCES
        if seen == 2:
            return True
        frame = frame.f_back
    return False


def _links(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next
