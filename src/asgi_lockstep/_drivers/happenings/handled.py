"""Which exception an app handles as it answers with a failure: the answer may not say it, nor anybody else."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any, Final, Protocol

from ..._types import Scope
from ..inspection.await_chains import await_steps
from ..inspection.source_lines import Owner, owners

#: The generations of the garbage collector whose objects are young.
_YOUNG: Final = (0, 1)


class Answering(Protocol):
    """A call of the app, which answers."""

    @property
    def scope(self) -> Scope:
        """What the app was called with."""
        ...

    def coroutines(self) -> Iterable[Any]:
        """Those of its tasks, as far as they are known."""
        ...


def handled_by(frame: FrameType, call: Answering) -> BaseException | None:
    """What the app handles that sends at `frame`: there, or in another task, whose message has been passed on; or None.

    Where an exception is handled, its traceback begins. So one that somebody else handles is told apart, for example
    the test that calls the app in an `except` block.
    """
    exception = sys.exception()
    if exception is not None and _begins_in(exception, of_app(frame)):
        return exception
    found = [*_handled_in(call.coroutines())]
    of_user = [each for each in found if _owner(each) is Owner.USER]
    return next(iter(of_user[-1:] or found), None)


def _handled_in(coroutines: Iterable[Any]) -> Iterator[BaseException]:
    """What coroutines handle that stand still, the outermost first, but for what async libraries do for themselves."""
    for coroutine in coroutines:
        for awaitable, stands in await_steps(coroutine):
            # It refers to what it handles, and only the collector tells.
            for thing in gc.get_referents(awaitable):
                if _is_a(thing, BaseException) and _begins_in(thing, [stands]) and _owner(thing) >= Owner.LIBRARY:
                    yield thing


def caught_before(scope: object) -> BaseException | None:
    """The last exception of the user's code that has passed through the call with `scope`, and was caught; or None.

    It is as good as gone, and only found if it is a part of a cycle of references that the collector has not come to,
    as it is behind Starlette's `BaseHTTPMiddleware`.
    """
    found = None
    for generation in _YOUNG:
        for thing in gc.get_objects(generation=generation):
            if _is_a(thing, Exception) and _owner(thing) is Owner.USER and _has_passed(thing, scope):
                found = thing
    return found


def _begins_in(exception: BaseException, frames: Iterable[FrameType | None]) -> bool:
    traceback = exception.__traceback__
    return traceback is not None and any(frame is traceback.tb_frame for frame in frames)


def of_app(frame: FrameType | None) -> Iterator[FrameType]:
    """The functions of the app that have called each other down to `frame`."""
    while frame is not None and owners[frame.f_code.co_filename] is not Owner.US:
        yield frame
        frame = frame.f_back


def _is_a(thing: Any, kind: type[BaseException]) -> bool:
    """Whether it is one, without asking itself: `isinstance()` does, and a lazy object of the app's would wake up."""
    return issubclass(type(thing), kind)


def _has_passed(exception: BaseException, scope: object) -> bool:
    return any(value is scope for frame in _frames(exception) for value in frame.f_locals.values())


def _owner(exception: BaseException) -> Owner:
    """The best owner of a line that it has passed: libraries raise and catch for their own ends."""
    return max((owners[frame.f_code.co_filename] for frame in _frames(exception)), default=Owner.US)


def _frames(exception: BaseException) -> Iterator[FrameType]:
    traceback = exception.__traceback__
    while traceback is not None:
        yield traceback.tb_frame
        traceback = traceback.tb_next
