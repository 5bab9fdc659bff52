"""Keeps when tasks of apps start and end, for the timelines of their clients."""

from __future__ import annotations

from typing import Any

import trio

from ..calls.app_call import AppCall, calling
from ..calls.tasks import do_nothing
from ..inspection.source_lines import creation
from .tasks import NAME


class TaskNotes(trio.abc.Instrument):
    """An instrument of a run on which apps are called; it is part of one that is there anyway."""

    def __init__(self) -> None:
        #: What is kept of the tasks that have not ended.
        self._said: dict[trio.lowlevel.Task, list[Any]] = {}

    def task_spawned(self, task: trio.lowlevel.Task) -> None:
        """Called by trio in the middle of what has started a task."""
        call = _call_of(task)
        if call is not None:
            self._said[task] = call.recorder.task_starts(call.note, lambda: task.name, creation().place)

    def task_exited(self, task: trio.lowlevel.Task) -> None:
        """Called by trio at the end of a task; what it has raised goes to its nursery."""
        said, call = self._said.pop(task, None), _call_of(task)
        if said is not None and call is not None:
            call.recorder.task_ends(call.note, said, "ends")
            said[1] = do_nothing  # which holds the task


def _call_of(task: trio.lowlevel.Task) -> AppCall[Any] | None:
    """The call from which a task comes, if it is not the task of the call itself."""
    return None if task.name == NAME else task.context.get(calling)
