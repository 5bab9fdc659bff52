"""Which tasks of a trio run belong to the app, and when they start and end, for the timelines of the clients.

Where a task was created, trio does not tell afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from operator import attrgetter
from typing import Any

import outcome
import trio

from ..calls.app_call import AppCall, calling
from ..calls.app_tasks import AppTask
from ..happenings.known_task import KnownTask
from ..inspection.await_chains import await_chain
from ..inspection.source_lines import creation
from .tasks import NAME


def app_tasks() -> list[tuple[trio.lowlevel.Task, AppTask]]:
    """The tasks of apps in the current run, each with what there is to say about it, parents first."""
    return [(task, describe(task)) for task in all_tasks() if task.context.get(calling) is not None]


def coroutines_of(call: object) -> list[Any]:
    """Those of the tasks in the current run that come of a call of the app, parents first."""
    return [task.coro for task in all_tasks() if task.context.get(calling) is call]


def all_tasks() -> list[trio.lowlevel.Task]:
    """Every task of the current run, parents first."""
    root = trio.lowlevel.current_root_task()
    return [] if root is None else list(_below(root))


def describe(task: trio.lowlevel.Task) -> AppTask:
    """What there is to say about a task, be it of an app or of the test."""
    name = "" if task.name == NAME else task.name
    return AppTask(name, task.context.get(calling), None, tuple(await_chain(task.coro)), coroutine=task.coro)


def _below(task: trio.lowlevel.Task) -> Iterator[trio.lowlevel.Task]:
    for nursery in task.child_nurseries:
        for child in sorted(nursery.child_tasks, key=lambda child: child.name):
            yield child
            yield from _below(child)


class ThrownAway(BaseException):
    """What comes out of the wait of a task that has ignored its cancellation, and is thrown away with its run."""


def throw_away_tasks() -> None:
    """Have the tasks of apps end that are left in the current run, and do not end when they are cancelled."""
    for task in all_tasks():
        is_of_app = task.name == NAME or task.context.get(calling) is not None
        if is_of_app and not any(nursery.child_tasks for nursery in task.child_nurseries):
            with suppress(AssertionError):  # it waits for nothing, and is to be run already
                trio.lowlevel.reschedule(task, outcome.Error(ThrownAway()))


class TaskNotes(trio.abc.Instrument):
    """An instrument of a run on which apps are called; it is part of one that is there anyway."""

    def __init__(self) -> None:
        #: What is kept of the tasks that have not ended, by their identities: nobody reaches a task by this.
        self._known: dict[int, KnownTask] = {}

    def task_spawned(self, task: trio.lowlevel.Task) -> None:
        """Called by trio in the middle of what has started a task."""
        call = _call_of(task)
        created = None if call is None else creation()
        if call is not None and created is not None and created.by_user:
            known = self._known[id(task)] = KnownTask(task, attrgetter("name"))
            call.recorder.task_starts(call.note, known, created.place)

    def task_exited(self, task: trio.lowlevel.Task) -> None:
        """Called by trio at the end of a task; what it has raised goes to its nursery."""
        known, call = self._known.pop(id(task), None), _call_of(task)
        if known is not None and call is not None:
            call.recorder.task_ends(call.note, known, "ends")


def _call_of(task: trio.lowlevel.Task) -> AppCall[Any] | None:
    """The call from which a task comes, if it is not the task of the call itself."""
    return None if task.name == NAME else task.context.get(calling)
