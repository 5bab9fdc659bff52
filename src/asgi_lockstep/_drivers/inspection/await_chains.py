"""Where a suspended coroutine stands: the lines at which each of its frames waits, from public attributes alone."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

from .source_lines import Place

#: The attributes of awaitables that lead from one frame to the next: coroutines, generators, async generators.
_STEPS = (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await"))


#: Awaitables without such attributes, which refer to one that has them: `anext()`, `coroutine.__await__()`.
_WRAPPERS = ("async_generator_asend", "async_generator_athrow", "coroutine_wrapper", "anext_awaitable")


def await_chain(awaitable: Any) -> list[Place]:
    """The places at which a suspended awaitable stands, the outermost first."""
    return [Place.of(frame) for frame in _frames(awaitable)]


def _frames(awaitable: Any) -> Iterator[FrameType]:
    while awaitable is not None:
        if type(awaitable).__name__ in _WRAPPERS:
            awaitable = next(filter(_has_frame, gc.get_referents(awaitable)), None)
            continue
        for frame_name, next_name in _STEPS:
            frame = getattr(awaitable, frame_name, None)
            if frame is not None:
                yield frame
                awaitable = getattr(awaitable, next_name)
                break
        else:
            return


def _has_frame(thing: object) -> bool:
    return any(hasattr(thing, frame) for frame, _ in _STEPS) or type(thing).__name__ in _WRAPPERS


def jobs_handed_over(coroutines: Iterable[Any]) -> tuple[int, int]:
    """For how many jobs in threads those who run these coroutines wait, and how many of the jobs wait for them."""
    places = [place for coroutine in coroutines for place in await_chain(coroutine)]
    return sum(place.is_hand_over for place in places), sum(place.is_called_in for place in places)
