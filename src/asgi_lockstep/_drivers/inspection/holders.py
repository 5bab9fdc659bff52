"""Who holds what somebody waits for: a lock, a semaphore, or whatever else is entered with `async with`.

A lock of asyncio does not know who holds it. A coroutine that stands still within `async with lock` refers to the way
out of that, and the garbage collector shows it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from types import FrameType, MethodType
from typing import Any, Final

from .await_chains import attribute, await_steps
from .source_lines import Owner, Place, owners

#: In which methods somebody stands who waits until he may enter.
_ENTERS: Final = ("acquire", "__aenter__")


def entered_by(coroutine: Any) -> Iterator[tuple[object, Place]]:
    """What it has entered, the outermost first, each with the line at which the function stands that has done so."""
    steps = [(awaitable, frame) for awaitable, frame in await_steps(coroutine) if frame is not None]
    for number, (awaitable, frame) in enumerate(steps):
        ways_out = [thing for thing in gc.get_referents(awaitable) if type(thing) is MethodType]
        entered = [way_out.__self__ for way_out in ways_out if way_out.__name__ == "__aexit__"]
        # The way out is known before the way in is over.
        entering = _entered_in(steps[number + 1][1]) if number + 1 < len(steps) else None
        for one in range(len(entered)):
            if entered[one] is entering:
                del entered[one]
                break
        yield from ((thing, Place.of(frame)) for thing in entered)


def waits_to_enter(coroutine: Any) -> list[object]:
    """What it waits for until it may enter: the objects of libraries in whose methods it stands for that, each once."""
    frames = [frame for _, frame in await_steps(coroutine) if frame is not None]
    of_libraries = [frame for frame in frames if owners[frame.f_code.co_filename] is not Owner.USER]
    wanted = [thing for thing in map(_entered_in, of_libraries) if thing is not None]
    return [thing for number, thing in enumerate(wanted) if not any(thing is other for other in wanted[:number])]


def _entered_in(frame: FrameType) -> object | None:
    """The object for which a function stands that waits until it may enter; None for any other function."""
    return frame.f_locals.get("self") if frame.f_code.co_name in _ENTERS else None


def name_of(thing: object) -> str:
    """What it is called in a sentence, as `asyncio.Lock`."""
    cls = type(thing)
    module = str(attribute(cls, "__module__") or "").partition(".")[0]
    return f"{module}.{cls.__name__.lstrip('_')}"
