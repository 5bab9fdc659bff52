"""What the references of an asyncio loop mean: tasks and what they wait for, timers, the books of its libraries."""

from __future__ import annotations

import asyncio
import asyncio.tasks
import gc
import selectors
import sys
from collections.abc import Iterator, Sequence
from typing import Any
from weakref import ReferenceType, WeakKeyDictionary, WeakSet

from ..calls.app_call import AppCall
from ..inspection.await_chains import identities_of_chain
from ..inspection.references import OUR_DRIVERS
from .rest_counter import RestCounter
from .tasks import AsyncioApp, AsyncioApps

#: The modules whose weak collections are books of tasks.
_KEEP_BOOKS = ("asyncio.tasks", "anyio._backends._asyncio")

#: What is of ours, and has what the app is told of its files.
_FILES = (asyncio.AbstractEventLoop, selectors.BaseSelector)


class AsyncioReferences:
    """A `Library` of `inspection/references.py`: one asyncio loop, whoever has made it.

    Args:
        loop: where the tasks run.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._books = {id(book) for book in _weak_collections(loop)}
        self._noted = {
            id(reference)
            for book in _weak_collections(loop)
            for container in _contents(book)
            for reference in gc.get_referents(container)
        }

    def waits_for(self, thing: object) -> Sequence[object] | None:
        """The future at which a task stands; empty if it is about to run, None if `thing` is no task, or has ended."""
        if not isinstance(thing, asyncio.Task) or thing.done():
            return None
        return list(_futures(thing))

    def tasks(self) -> Iterator[object]:
        """The tasks and what they wait for: they show what they refer to, and are not all found by that.

        `_asyncio` forgets to say so of the callbacks of a task on Python 3.11, and of the attributes of a future that
        somebody has inherited from (`gather()` has) on 3.13.
        """
        for task in asyncio.all_tasks(self._loop):
            yield task
            yield from _futures(task)

    def is_book(self, referrer: object, thing: object) -> bool:
        """Whether it only lists tasks: a weak collection of asyncio or anyio, or our own record of an app's task."""
        return isinstance(referrer, AsyncioApp | AsyncioApps) or id(referrer) in self._books

    def is_noted_by(self, reference: object) -> bool:
        """Whether it is one of the weak references in such a collection."""
        return id(reference) in self._noted

    def acts(self, referrer: object) -> str:
        """The loop itself, by a timer, a file or a call that it is about to make; or another call of the app."""
        if isinstance(referrer, asyncio.TimerHandle):
            return "a timer"
        if isinstance(referrer, RestCounter):
            return "the event loop"
        return f"another call, {referrer.exchange.request}," if isinstance(referrer, AppCall) else ""


class AsyncioReferencesFromOutside(AsyncioReferences):
    """The same for the question whether somebody besides the tasks of the loop, and its timers, can wake any."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        #: The coroutines of the tasks.
        self._of_tasks = set[int]().union(*(identities_of_chain(task.get_coro()) for task in asyncio.all_tasks(loop)))

    def waits_for(self, thing: object) -> Sequence[object] | None:
        """None: the tasks are where the question began."""

    def is_book(self, referrer: object, thing: object) -> bool:
        """Whether it is a task or a timer of the loop, or a part of ours, which were asked about before."""
        known = isinstance(referrer, asyncio.Task | asyncio.TimerHandle)
        ours = type(referrer).__module__.startswith(OUR_DRIVERS) and not isinstance(referrer, _FILES)
        return known or ours or id(referrer) in self._of_tasks or super().is_book(referrer, thing)


def waited_for(loop: asyncio.AbstractEventLoop) -> Iterator[object]:
    """What the tasks of `loop` wait for."""
    for task in asyncio.all_tasks(loop):
        yield from _futures(task)


def _futures(task: asyncio.Task[Any]) -> Iterator[object]:
    """The future that a task waits for: nothing else that it refers to is one, as long as it runs."""
    for thing in gc.get_referents(task):
        if asyncio.isfuture(thing):
            yield thing
        elif type(thing) is dict:  # the attributes of a task that is written in Python
            yield from filter(asyncio.isfuture, thing.values())


def _contents(book: object) -> Iterator[object]:
    """The sets and dictionaries of weak references in which such a collection has what it lists."""
    for thing in gc.get_referents(book):
        if type(thing) is dict and not any(isinstance(key, ReferenceType) for key in thing):
            yield from thing.values()  # its attributes
        elif isinstance(thing, set | dict):
            yield thing


def _weak_collections(loop: asyncio.AbstractEventLoop) -> Iterator[object]:
    """Those in which asyncio and anyio keep account of tasks, and a loop of its async generators."""
    places: list[Any] = [vars(sys.modules[name]) for name in _KEEP_BOOKS if name in sys.modules]
    places += [thing for thing in gc.get_referents(loop) if type(thing) is dict]
    things = [thing for place in places for thing in place.values()] + gc.get_referents(loop)
    return (thing for thing in things if isinstance(thing, WeakSet | WeakKeyDictionary))
