"""Which tasks of a trio run belong to the app; where they were created, trio does not tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import outcome
import trio

from ..calls.app_call import calling
from ..calls.app_tasks import AppTask
from ..inspection.await_chains import await_chain
from .tasks import NAME


def app_tasks() -> list[tuple[trio.lowlevel.Task, AppTask]]:
    """The tasks of apps in the current run, each with what there is to say about it, parents first."""
    return [(task, describe(task)) for task in all_tasks() if task.context.get(calling) is not None]


def all_tasks() -> list[trio.lowlevel.Task]:
    """Every task of the current run, parents first."""
    root = trio.lowlevel.current_root_task()
    return [] if root is None else list(_below(root))


def describe(task: trio.lowlevel.Task) -> AppTask:
    """What there is to say about a task, be it of an app or of the test."""
    return AppTask(
        "" if task.name == NAME else task.name, task.context.get(calling), None, tuple(await_chain(task.coro))
    )


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
