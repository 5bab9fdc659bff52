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
from selectors import BaseSelector
from threading import Thread
from types import CoroutineType, GeneratorType, ModuleType
from typing import Any, Protocol

#: After how many things it is given up: what reaches so far belongs to the whole app.
_TOO_MANY = 5000


class Library(Protocol):
    """What is known of one library that runs tasks."""

    def waits_for(self, thing: object) -> Sequence[object] | None:
        """What a task waits for; empty if it is about to run, None if `thing` is no task that can still run."""
        ...

    def hidden_referrers(self) -> Iterable[object]:
        """What refers to others, and is not found by the collector's `get_referrers()`."""
        ...

    def is_book(self, referrer: object, thing: object) -> bool:
        """Whether `referrer` only keeps account of `thing`, and wakes nobody by that."""
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
    """One walk backwards, level by level: a level is one pass of the collector, however many things it has.

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
        referrers = self._referrers(level)
        known, first = self._count(level, referrers)
        for number in level[max(0, self._starts - level.start) :]:
            if self._unseen(number, known[number], referrers) > 0:
                return f"code that runs, or a library that is not written in Python, has {self._describe(number)}"
        for referrer in referrers:
            if id(referrer) in first:
                why = self._follow(referrer, first[id(referrer)])
                if why:
                    return why
        for number in level:
            for reference in weakref.getweakrefs(self._held[number]):
                self._hold(reference, number)
        return ""

    def _referrers(self, level: range) -> list[Any]:
        found = gc.get_referrers(*self._held[level.start : level.stop])
        identities = set(map(id, found))
        for thing in self._library.hidden_referrers():
            if id(thing) not in identities:
                identities.add(id(thing))
                found.append(thing)
        thing = None
        # What nobody else refers to is of nobody: on Python 3.13, for one, the arguments of the question itself.
        return [found[place] for place in range(len(found)) if _references(found, place) > _OF_THE_WALK]

    def _count(self, level: range, referrers: list[Any]) -> tuple[dict[int, int], dict[int, int]]:
        """How many references to each thing are seen, and to which of them each referrer refers first."""
        wanted = {id(self._held[number]): number for number in level}
        known, first = dict.fromkeys(level, 0), dict[int, int]()
        for referrer in referrers:
            if referrer is self._held:
                continue
            for thing in gc.get_referents(referrer):
                number = wanted.get(id(thing))
                if number is not None:
                    known[number] += 1
                    first.setdefault(id(referrer), number)
        return known, first

    def _unseen(self, number: int, known: int, referrers: list[Any]) -> int:
        """How many references to a thing there are that the collector does not see."""
        among = any(referrer is self._held[number] for referrer in referrers)
        return _references(self._held, number) - _OF_THE_WALK - known - among

    def _follow(self, referrer: Any, number: int) -> str:
        """Hold what refers to a thing; who it is, if that may act."""
        if id(referrer) in self._found or id(referrer) in self._waiting or self._is_of_the_client(referrer, number):
            return ""
        if self._library.is_book(referrer, self._held[number]) or type(referrer).__module__.startswith(_TURNING):
            return ""
        who = self._library.acts(referrer) or _who(referrer)
        if who:
            return f"{who} has {self._describe(number)}"
        self._hold(referrer, number)
        waits_for = self._library.waits_for(referrer)
        if waits_for is None:
            return ""
        if not waits_for:
            return f"{self._describe(len(self._held) - 1)} is about to run"
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

    def _describe(self, number: int) -> str:
        """A thing in words, and what it leads to: that which is waited for."""
        return _shown(self._held[number])


def _references(held: list[Any], number: int) -> int:
    return sys.getrefcount(held[number])


#: How many references the walk has to each thing: its list, and what the question itself takes.
_OF_THE_WALK = _references([object()], 0)

_OURS = __name__.partition(".")[0]
#: What turns loops for clients, and lists what is on them.
_TURNING = f"{_OURS}._drivers.turning"
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


def _shown(thing: Any) -> str:
    try:
        text = repr(thing)
    except Exception:  # anybody's
        text = object.__repr__(thing)
    return text if len(text) <= 100 else f"{text[:97]}..."
