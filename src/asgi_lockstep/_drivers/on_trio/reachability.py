"""What the references of a trio run mean: who can wake a task, and what only keeps account of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import trio

from ..calls.app_call import AppCall
from ..inspection.references import OUR_DRIVERS
from .app_tasks import all_tasks
from .tasks import TrioApp

#: Where trio keeps what belongs to a run, and its books of locks.
_CORE = "trio._core."


class TrioReferences:
    """A `Library` of `inspection/references.py`: the current trio run. Made inside of it.

    Whoever has a reference to a task may wake it; so its referrers lead to the event, the lock or the channel at which
    it stands. What may only cancel it counts, too: a scope with a deadline, or one that somebody else has.
    """

    def __init__(self) -> None:
        self._root = trio.lowlevel.current_root_task()
        core = [vars(module) for name, module in sys.modules.items() if name.startswith(_CORE)]
        self._books = {id(thing) for names in core for thing in names.values() if type(thing) is dict}

    def waits_for(self, thing: object) -> Sequence[object] | None:
        """None: what a task stands at refers to the task."""

    def tasks(self) -> list[trio.lowlevel.Task]:
        """All of the run."""
        return all_tasks()

    def is_book(self, referrer: object, thing: object) -> bool:
        """Whether it only lists tasks, or is the frame of the run around them: a nursery of children, the root task."""
        if id(referrer) in self._books or isinstance(referrer, TrioApp) or referrer is self._root:
            return True
        if type(referrer) is set:
            return self._root in referrer
        if isinstance(referrer, trio.Nursery):
            # By its children it is held, too; from its parent it leads to those for whom that waits.
            return type(thing) is set or referrer.parent_task is self._root
        if isinstance(referrer, trio.lowlevel.Task) or _is_core(referrer, "CancelStatus"):
            return _is_core(thing, "CancelStatus")  # it is inside of a scope, which is no way to cancel that
        if _is_core(referrer, "AsyncGenerators"):
            return True  # those that are to be closed with the run
        return _is_core(referrer, "Runner") and isinstance(thing, trio.Nursery | trio.lowlevel.Task)

    def is_noted_by(self, reference: object) -> bool:
        """False: trio has no weak references to tasks."""
        return False

    def acts(self, referrer: object) -> str:
        """The run itself, by a deadline, a file or a call that it is about to make; or another call of the app."""
        if _is_core(referrer, "Deadlines"):
            return "a deadline"
        if _is_core(referrer, "Runner"):
            return "the trio run"
        return f"another call, {referrer.exchange.request}," if isinstance(referrer, AppCall) else ""


class TrioReferencesFromOutside(TrioReferences):
    """The same for the question whether somebody besides the tasks of the run, and its deadlines, can wake any."""

    def is_book(self, referrer: object, thing: object) -> bool:
        """Whether it is a task, a scope, or a part of the run or of ours, which were asked about before."""
        known = isinstance(referrer, trio.lowlevel.Task | trio.CancelScope | trio.Nursery)
        return known or type(referrer).__module__.startswith((_CORE, OUR_DRIVERS))


def waited_for() -> Iterator[object]:
    """What the tasks of the current run wait for: whoever can wake them refers to them."""
    yield from all_tasks()


def _is_core(thing: Any, name: str) -> bool:
    kind = type(thing)
    return kind.__name__ == name and kind.__module__.startswith(_CORE)
