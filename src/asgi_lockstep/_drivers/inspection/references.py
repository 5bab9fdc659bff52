"""Whether anything can still reach what somebody waits for: who refers to it, who to that, and so on.

A task goes on when somebody calls into what it waits for, and for that he needs a reference. From there the references
are followed backwards, as the garbage collector could do it. Whoever is reached may act: a module's global, a class, a
thread, a timer, the loop; or somebody who cannot be seen, where a thing has more references than the collector knows
(running code, a library in C or Rust). Where another task is reached, what that waits for is followed, too, for it may
go on. If all of it comes to its end without anybody who may act, nobody ever will.

A weak reference counts as a reference: a registry of live connections is often a `WeakSet`, and is used to broadcast.
Only the books that async libraries keep of their tasks do not.
"""

from __future__ import annotations

import gc
import sys
import weakref
from asyncio import AbstractEventLoop
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from selectors import BaseSelector
from threading import Thread
from types import CoroutineType, GeneratorType, ModuleType
from typing import Any, Protocol

from .neighbourhood import Neighbourhood

#: After how many things it is given up: what reaches so far belongs to the whole app.
_TOO_MANY = 5000


class Library(Protocol):
    """What is known of one library that runs tasks."""

    def waits_for(self, thing: object) -> Sequence[object] | None:
        """What a task waits for; empty if it is about to run, None if `thing` is no task that can still run."""
        ...

    def tasks(self) -> Iterable[object]:
        """The tasks, and what else the collector's `get_referrers()` may not find."""
        ...

    def is_book(self, referrer: object, thing: object) -> bool:
        """Whether `referrer` only keeps account of `thing`, and wakes nobody by that."""
        ...

    def is_noted_by(self, reference: object) -> bool:
        """Whether a weak reference is one in such an account."""
        ...

    def acts(self, referrer: object) -> str:
        """Who `referrer` is, in words, if that may act by itself; `""` if not."""
        ...


def why_reachable(call: object, waiting: AbstractSet[int], library: Library) -> str:
    """Who can still reach what a client waits for, in words; `""` if nobody can.

    Must be asked while no code of the app runs: what a running frame refers to cannot be seen.

    Args:
        call: by what the app answers; that the client refers to it, too, does not count.
        waiting: the identities of the task in which the client waits, and of what that awaits: they are passed over.
        library: runs the tasks of the app.
    """
    return _Walk(library, waiting).run(iter((call,)), of_client=True)


def why_any_reachable(things: Iterator[object], library: Library) -> str:
    """Who can reach one of these, in words; `""` if nobody can.

    Args:
        things: an iterator that refers to none of them when it has come to its end.
        library: runs the tasks of the app.
    """
    return _Walk(library, frozenset()).run(things, of_client=False)


class _Walk:
    """One walk backwards, level by level: at most one look at all objects for each, however many things it has.

    Args:
        library, waiting: see `why_reachable()`.
    """

    def __init__(self, library: Library, waiting: AbstractSet[int]) -> None:
        self._library = library
        self._waiting = waiting
        #: One reference to each thing that was reached, which is the only one that we have.
        self._held: list[Any] = []
        #: Where each is held, by its identity.
        self._found: dict[int, int] = {}
        #: From which each was reached.
        self._from: list[int] = []
        self._starts = 0

    def run(self, things: Iterator[object], *, of_client: bool) -> str:
        """Who can reach one of the things, in words; `""` if nobody can.

        Args:
            of_client: whether the client refers to them, which does not count.
        """
        for thing in things:
            self._hold(thing, -1)
        thing = None
        self._neighbours = Neighbourhood(chain(self._held, self._library.tasks()))
        end = len(self._held)
        self._starts = end if of_client else 0
        begin = 0
        while begin < end:
            why = self._level(range(begin, end))
            if why:
                return why
            begin, end = end, len(self._held)
            if end > _TOO_MANY:
                return f"more than {_TOO_MANY} objects"
        return ""

    def _hold(self, thing: object, reached_from: int) -> None:
        if id(thing) not in self._found:
            self._found[id(thing)] = len(self._held)
            self._held.append(thing)
            self._from.append(reached_from)

    def _level(self, level: range) -> str:
        """Look at who refers to the things of a level, and hold them for the next."""
        # Counted before anything here refers to them as well.
        counts = {number: self._references_to(number) for number in level}
        referrers, unexplained = self._near(level, counts)
        if unexplained:
            why = self._far(unexplained, counts, referrers)
            if why:
                return why
        for referrer, number in referrers:
            why = self._follow(referrer, number)
            if why:
                return why
        for number in level:
            for reference in weakref.getweakrefs(self._held[number]):
                if not self._library.is_noted_by(reference):
                    self._hold(reference, number)
        return ""

    def _references_to(self, number: int) -> int:
        return _references(self._held, number) - _OF_THE_WALK - self._neighbours.holds(self._held[number])

    def _near(self, level: range, counts: dict[int, int]) -> tuple[list[tuple[Any, int]], list[int]]:
        """Who is near and refers to a thing, each with the number of that; and the things that others refer to, too."""
        referrers: list[tuple[Any, int]] = []
        unexplained: list[int] = []
        for number in level:
            places = self._neighbours.referrers_of(self._held[number])
            if number < self._starts or counts[number] != len(places):
                unexplained.append(number)
            else:
                referrers += [(self._neighbours.things[place], number) for place in places]
        return referrers, unexplained

    def _far(self, unexplained: list[int], counts: dict[int, int], referrers: list[tuple[Any, int]]) -> str:
        """Look for referrers in the whole process; who cannot be seen, in words."""
        found = self._everywhere(unexplained)
        wanted = {id(self._held[number]): number for number in unexplained}
        known = dict.fromkeys(unexplained, 0)
        for referrer in found:
            first = None
            for thing in gc.get_referents(referrer):
                number = wanted.get(id(thing))
                if number is not None:
                    known[number] += 1
                    first = number if first is None else first
            if first is not None:
                referrers.append((referrer, first))
        for number in unexplained:
            if number >= self._starts and counts[number] > known[number]:
                return f"code that runs, or a library that is not written in Python,{_what(self._held[number])}"
        return ""

    def _everywhere(self, numbers: list[int]) -> list[Any]:
        found = gc.get_referrers(*[self._held[number] for number in numbers])
        identities = set(map(id, found))
        for thing in self._library.tasks():
            if id(thing) not in identities:
                identities.add(id(thing))
                found.append(thing)
        thing = None
        # What nobody else refers to is of nobody: on Python 3.13, for one, the arguments of the question itself.
        return [
            found[place]
            for place in range(len(found))
            if _references(found, place) > _OF_THE_WALK
            and found[place] is not self._held
            and found[place] is not self._neighbours.things
        ]

    def _follow(self, referrer: Any, number: int) -> str:
        """Hold what refers to a thing; who it is, if that may act."""
        if id(referrer) in self._found or id(referrer) in self._waiting or self._is_of_the_client(referrer, number):
            return ""
        if self._library.is_book(referrer, self._held[number]) or type(referrer).__module__.startswith(_LISTS):
            return ""
        who = self._library.acts(referrer) or _who(referrer)
        if who:
            return f"{who}{_what(self._held[number])}"
        self._hold(referrer, number)
        waits_for = self._library.waits_for(referrer)
        if waits_for is None:
            return ""
        if not waits_for:
            return f"{_shown(referrer)} is about to run"
        for thing in waits_for:
            self._hold(thing, number)
        return ""

    def _is_of_the_client(self, referrer: Any, number: int) -> bool:
        """Whether it is our own record of the call, or a context, which every task begun in there has a copy of."""
        if type(self._held[number]) is dict and number >= self._starts:
            number = self._from[number]  # of the attributes of an object, which is looked at now
        if number >= self._starts:
            return False
        if type(referrer).__name__.startswith("hamt"):
            return True
        if isinstance(referrer, CoroutineType):
            return False
        code = referrer.gi_code if isinstance(referrer, GeneratorType) else None
        module = code.co_filename if code else type(referrer).__module__
        return _is_ours(module)


def _references(held: list[Any], number: int) -> int:
    return sys.getrefcount(held[number])


#: How many references the walk has to each thing: its list, and what the question itself takes.
_OF_THE_WALK = _references([object()], 0)

_OURS = __name__.partition(".")[0]
#: The modules of whatever drives an app; and those of who lists something of it: what is on the loops of clients, and
#: tasks of which something was kept.
OUR_DRIVERS = f"{_OURS}._drivers."
_LISTS = (f"{OUR_DRIVERS}turning", f"{OUR_DRIVERS}happenings")
_FOLDER = __file__.rpartition("_drivers")[0]


def _is_ours(name: str) -> bool:
    return name.startswith((f"{_OURS}.", _FOLDER))


def _who(thing: Any) -> str:
    """Who it is that has a reference, if he may act whenever he likes."""
    if isinstance(thing, ModuleType):
        return f"the module {thing.__name__}"
    if type(thing) is dict and "__builtins__" in thing:
        return f"a global of the module {thing.get('__name__')}"
    if isinstance(thing, type):
        return f"the class {thing.__qualname__}"
    if isinstance(thing, Thread):
        return f"the thread {thing.name!r}"
    if isinstance(thing, AbstractEventLoop | BaseSelector):
        return "an event loop"
    return ""


def _what(thing: Any) -> str:
    """What it has, unless that says nothing to those who have not made it: the arguments of a timer, for example."""
    if type(thing) is tuple:
        return ""
    return " has the future that a task awaits" if type(thing).__name__ == "Future" else f" has {_shown(thing)}"


def _shown(thing: Any) -> str:
    try:
        text = repr(thing)
    except Exception:  # anybody's
        text = object.__repr__(thing)
    return text if len(text) <= 100 else f"{text[:97]}..."
