"""What some things refer to within a few steps, and who in there refers to whom.

The collector has no way from a thing to its referrers but to look at every object of the process, which takes 100 ms in
a large one. Nearly all referrers of what a task waits for are near the task; so they are found from there, and who has
no more references than these has no other referrers.
"""

from __future__ import annotations

import gc
from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import Iterable
from types import AsyncGeneratorType, CodeType, CoroutineType, GeneratorType, ModuleType
from typing import Any

#: How many steps away from a coroutine, a generator or a future something is still near, and how much is looked at.
_STEPS, _AT_MOST = 5, 5000

#: What belongs to the whole process, and leads to all of it.
_FAR = (ModuleType, type, CodeType, AbstractEventLoop)

#: What leads from one part of a task to the next.
_OF_TASKS = (CoroutineType, GeneratorType, AsyncGeneratorType, Future)


class Neighbourhood:
    """The things near to some others. It holds one reference to each."""

    def __init__(self, things: Iterable[object]) -> None:
        #: Each thing once: the only reference to it that is held here.
        self.things: list[Any] = []
        self._places: dict[int, int] = {}
        self._referrers: dict[int, list[int]] = {}
        self._explore(things)

    def holds(self, thing: object) -> bool:
        """Whether one of the references to `thing` is held here."""
        return id(thing) in self._places

    def referrers_of(self, thing: object) -> list[int]:
        """The places in `things` of those who refer to `thing`, once for each reference."""
        return self._referrers.get(id(thing), [])

    def _explore(self, things: Iterable[object]) -> None:
        steps: deque[int] = deque()
        for thing in things:
            self._add(thing, steps, _STEPS)
        place = 0
        while steps:
            left = steps.popleft()
            if not _is_far(self.things[place]):
                self._look_at(place, left, steps)
            place += 1

    def _look_at(self, place: int, left: int, steps: deque[int]) -> None:
        for thing in gc.get_referents(self.things[place]):
            self._referrers.setdefault(id(thing), []).append(place)
            near = _STEPS if isinstance(thing, _OF_TASKS) else left - 1
            if near > 0 and gc.is_tracked(thing):
                self._add(thing, steps, near)

    def _add(self, thing: object, steps: deque[int], left: int) -> None:
        if id(thing) not in self._places and len(self.things) < _AT_MOST:
            self._places[id(thing)] = len(self.things)
            self.things.append(thing)
            steps.append(left)


def _is_far(thing: Any) -> bool:
    return isinstance(thing, _FAR) or (type(thing) is dict and "__builtins__" in thing)
