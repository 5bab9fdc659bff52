"""Await chains: the frames of a suspended coroutine, one awaiting the next, from public attributes alone.

They are read of whatever somebody awaits: what it does not show, or shows otherwise than Python does, is left out.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

from .known_code import WRAPPERS, Meaning
from .source_lines import Place, frame_is_in

_HANDS_OVER = (Meaning.HANDS_OVER,)
_CALLED_IN = (Meaning.CALLED_IN,)

#: The attributes of awaitables that lead from one frame to the next: coroutines, generators, async generators.
_STEPS = (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await"))


def await_chain(awaitable: Any) -> list[Place]:
    """The places at which a suspended awaitable stands, the outermost first."""
    return [Place.of(frame) for frame in _frames(awaitable)]


def jobs_handed_over(coroutines: Iterable[Any]) -> tuple[int, int]:
    """For how many jobs in threads those who run these coroutines wait, and how many of the jobs wait for them."""
    frames = [frame for coroutine in coroutines for frame in _frames(coroutine)]
    return (
        sum(frame_is_in(frame, _HANDS_OVER) for frame in frames),
        sum(frame_is_in(frame, _CALLED_IN) for frame in frames),
    )


def identities_of_chain(awaitable: Any) -> set[int]:
    """The identities of a suspended awaitable, of what it awaits, and so on."""
    return {id(awaited) for awaited, _ in await_steps(awaitable)}


def _frames(awaitable: Any) -> Iterator[FrameType]:
    return (frame for _, frame in await_steps(awaitable) if frame is not None)


def await_steps(awaitable: Any) -> Iterator[tuple[Any, FrameType | None]]:
    """A suspended awaitable, what it awaits, and so on, each with its frame if it has one."""
    while awaitable is not None:
        if type(awaitable).__name__ in WRAPPERS:
            yield awaitable, None
            awaitable = next(filter(_has_frame, gc.get_referents(awaitable)), None)
            continue
        for frame_name, next_name in _STEPS:
            frame = attribute(awaitable, frame_name)
            if isinstance(frame, FrameType):
                yield awaitable, frame
                awaitable = attribute(awaitable, next_name)
                break
        else:
            return


def _has_frame(thing: object) -> bool:
    return any(attribute(thing, frame) is not None for frame, _ in _STEPS) or type(thing).__name__ in WRAPPERS


def attribute(thing: object, name: str) -> Any:
    """An attribute of anybody's object, which may do anything when it is asked; None if it has none."""
    try:
        return getattr(thing, name, None)
    except Exception:  # a property, or a proxy, of anybody
        return None
