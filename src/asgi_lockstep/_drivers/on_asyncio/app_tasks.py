"""Which tasks of an asyncio loop belong to the app, and where they were created: a task factory that takes notes."""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from typing import Any, NamedTuple

from ..calls.app_call import AppCall, calling
from ..calls.app_tasks import AppTask
from ..inspection.await_chains import await_chain
from ..inspection.source_lines import Creation, creation

#: The attribute of a task that holds its note. A weak dictionary would run Python code when a task goes, and a Ctrl-C
#: that arrives in there is lost.
_NOTE = "_asgi_lockstep_note"


class _Note(NamedTuple):
    call: AppCall[Any]
    #: None if it is the task of the call itself.
    created: Creation | None
    #: Notes are numbered as they are made: the order in which a text lists the tasks.
    number: int


_numbers = count()


class _NamedTask(asyncio.Task[Any]):
    """A task that keeps the name which Python gives it, where `create_task()` was given none.

    The loops of Python 3.13 call `set_name(None)` on what a task factory has made, which would name it "None".
    """

    def set_name(self, value: object, /) -> None:
        """See `asyncio.Task.set_name`."""
        if value is not None:
            super().set_name(value)


_TASK: type[asyncio.Task[Any]] = _NamedTask if sys.version_info[:2] == (3, 13) else asyncio.Task


class _NotingFactory:
    """Makes tasks as the loop would, and notes those that are made by the app."""

    def __init__(self, before: Any) -> None:
        self._before = before

    def __call__(self, loop: asyncio.AbstractEventLoop, coro: Any, /, **options: Any) -> Any:
        task = _TASK(coro, loop=loop, **options) if self._before is None else self._before(loop, coro, **options)
        call = calling.get()
        if call is not None:
            setattr(task, _NOTE, _Note(call, creation(), next(_numbers)))
        return task


def take_notes(loop: asyncio.AbstractEventLoop) -> None:
    """Have `loop` note the tasks of apps, as long as nobody gives it another task factory."""
    before = loop.get_task_factory()
    if not isinstance(before, _NotingFactory):
        loop.set_task_factory(_NotingFactory(before))


def note_app_call(task: asyncio.Task[None], call: AppCall[Any] | None) -> None:
    """Note that `task` is that of `call` itself, and no task that the app has made."""
    if call is not None:
        setattr(task, _NOTE, _Note(call, None, next(_numbers)))


def app_tasks(loop: asyncio.AbstractEventLoop) -> list[tuple[asyncio.Task[Any], AppTask]]:
    """The tasks of apps on `loop`, each with what there is to say about it, in the order in which they were made."""
    noted = [(task, getattr(task, _NOTE)) for task in asyncio.all_tasks(loop) if hasattr(task, _NOTE)]
    return [(task, _described(task, note)) for task, note in sorted(noted, key=lambda pair: pair[1].number)]


def describe(task: asyncio.Task[Any]) -> AppTask:
    """What there is to say about a task, be it of an app or of the test."""
    return _described(task, getattr(task, _NOTE, None))


def _described(task: asyncio.Task[Any], note: _Note | None) -> AppTask:
    call = None if note is None else note.call
    created = None if note is None else note.created
    is_call = note is not None and created is None
    place, by_user = created or (None, True)
    return AppTask(
        "" if is_call else task.get_name(), call, place, tuple(await_chain(task.get_coro())), created_by_user=by_user
    )
