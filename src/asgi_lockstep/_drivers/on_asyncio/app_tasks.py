"""Which tasks of an asyncio loop belong to the app, and where they were created: a task factory that takes notes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextvars import Context
from functools import partial
from typing import Any, NamedTuple

from ..calls.app_call import AppCall, calling, numbers
from ..calls.app_tasks import AppTask
from ..calls.tasks import do_nothing
from ..happenings.known_task import KnownTask
from ..happenings.recorder import Note, Recorder
from ..inspection.await_chains import await_chain
from ..inspection.source_lines import Creation, creation
from .loop_internals import failure_of, is_unseen

#: The attribute of a task that holds its note. A weak dictionary would run Python code when a task goes, and a Ctrl-C
#: that arrives in there is lost.
_NOTE = "_asgi_lockstep_note"


class _Note(NamedTuple):
    call: AppCall[Any]
    #: None if it is the task of the call itself.
    created: Creation | None
    #: Its place among the calls and tasks: the order in which a text lists them.
    number: int


class _Task(asyncio.Task[Any]):
    """A task that keeps the name which Python gives it, where `create_task()` was given none.

    The loops of Python 3.13 call `set_name(None)` on what a task factory has made, which would name it "None".
    """

    if sys.version_info[:2] == (3, 13):

        def set_name(self, value: object, /) -> None:
            """See `asyncio.Task.set_name`."""
            if value is not None:
                super().set_name(value)


_TASK: type[asyncio.Task[Any]] = _Task if sys.version_info[:2] == (3, 13) else asyncio.Task


class _CallTask(_Task):
    """The task of a call of the app, or of the test; it tells of each `cancel()`."""

    #: The call that it is the task of, if any.
    call: AppCall[Any] | None = None
    when_cancelled: Callable[[asyncio.Task[Any]], None] = do_nothing

    def cancel(self, msg: Any = None) -> bool:
        """See `asyncio.Task.cancel`."""
        self.when_cancelled(self)
        return super().cancel(msg)


class _NotingFactory:
    """Makes tasks as the loop would, and notes those that are made by the app."""

    def __init__(self, before: Any) -> None:
        self._before = before
        #: Whether the loop had none, and makes the usual tasks.
        self.is_plain = before is None

    def __call__(self, loop: asyncio.AbstractEventLoop, coro: Any, /, **options: Any) -> Any:
        task = _TASK(coro, loop=loop, **options) if self._before is None else self._before(loop, coro, **options)
        call = calling.get()
        if call is not None:
            created = creation()
            setattr(task, _NOTE, _Note(call, created, next(numbers)))
            if created.by_user:  # of what a library does for itself nobody wants to know
                known = KnownTask(task, _name_of, is_unseen)
                call.recorder.task_starts(call.note, known, created.place)
                task.add_done_callback(partial(_task_ended, call.recorder, call.note, known))
        return task


def _task_ended(recorder: Recorder, note: Note, known: KnownTask, task: asyncio.Task[Any]) -> None:
    """Keep that a task of the app has ended. The task refers to no call for that, which it could keep from ending."""
    if task.cancelled():
        recorder.task_ends(note, known, "is cancelled")
    else:
        recorder.task_ends(note, known, "ends", failure_of(task))


def _name_of(task: Any) -> str:
    name: str = task.get_name()
    return name


def take_notes(loop: asyncio.AbstractEventLoop) -> None:
    """Have `loop` note the tasks of apps, as long as nobody gives it another task factory."""
    before = loop.get_task_factory()
    if not isinstance(before, _NotingFactory):
        loop.set_task_factory(_NotingFactory(before))


def new_task(
    loop: asyncio.AbstractEventLoop,
    main: Coroutine[Any, Any, None],
    context: Context,
    when_cancelled: Callable[[asyncio.Task[None]], None],
) -> asyncio.Task[None]:
    """The task of a call of the app, as `loop.create_task()` makes it.

    Args:
        main, context: what it runs, and in which context.
        when_cancelled: called with it before each `cancel()`; at once, where the loop has a task factory of the user's,
            whose tasks tell nobody.
    """
    factory = loop.get_task_factory()
    call = context.get(calling)
    if isinstance(factory, _NotingFactory) and factory.is_plain:
        task = _CallTask(main, loop=loop, context=context)
        task.call = call
        task.when_cancelled = when_cancelled
        return task
    theirs = loop.create_task(main, context=context)
    when_cancelled(theirs)
    if call is not None:
        setattr(theirs, _NOTE, _Note(call, None, call.number))
    return theirs


def _note_of(task: asyncio.Task[Any]) -> _Note | None:
    """What is noted of a task of an app; None for any other."""
    if isinstance(task, _CallTask):
        return None if task.call is None else _Note(task.call, None, task.call.number)
    return getattr(task, _NOTE, None)


def app_tasks(loop: asyncio.AbstractEventLoop) -> list[tuple[asyncio.Task[Any], AppTask]]:
    """The tasks of apps on `loop`, each with what there is to say about it, in the order in which they were made."""
    return [(task, _described(task, note)) for task, note in _noted(loop)]


def coroutines_of(loop: asyncio.AbstractEventLoop, call: object) -> list[Any]:
    """Those of the tasks on `loop` that come of a call of the app, in the order in which they were made."""
    return [task.get_coro() for task, note in _noted(loop) if note.call is call]


def _noted(loop: asyncio.AbstractEventLoop) -> list[tuple[asyncio.Task[Any], _Note]]:
    """The tasks of apps on `loop` with their notes, in the order in which they were made."""
    noted = [(task, note) for task in asyncio.all_tasks(loop) if (note := _note_of(task)) is not None]
    return sorted(noted, key=lambda pair: pair[1].number)


def describe(task: asyncio.Task[Any]) -> AppTask:
    """What there is to say about a task, be it of an app or of the test."""
    return _described(task, _note_of(task))


def _described(task: asyncio.Task[Any], note: _Note | None) -> AppTask:
    call = None if note is None else note.call
    created = None if note is None else note.created
    is_call = note is not None and created is None
    place, by_user = created or (None, True)
    coroutine = task.get_coro()
    name = "" if is_call else task.get_name()
    return AppTask(name, call, place, tuple(await_chain(coroutine)), created_by_user=by_user, coroutine=coroutine)
