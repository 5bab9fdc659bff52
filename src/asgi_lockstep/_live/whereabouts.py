"""Where an app stands that a server runs on a loop of another thread: its calls, its other tasks, and threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

from .._drivers.inspection.await_chains import await_chain
from .._drivers.inspection.source_lines import Place, line_of_app
from .._drivers.inspection.threads import describe_thread, stack_of
from .recorder import Recorder


def standing(recorder: Recorder) -> list[str]:
    """What holds an app up, a line each: its calls, other tasks of the user's, and threads in code of theirs."""
    calls = [*recorder.under_way.values()]
    known = [call.task for call in calls]
    lines = [f"{call.request}{_at(call.task)}" for call in calls if not call.rests]
    places = {_place_of(task) for task in known}
    for task in _tasks(recorder.loop):
        place = _place_of(task)
        if task not in known and place not in places and _is_of_user(place):
            lines.append(f"task {task.get_name()!r}{_at(task)}")
    return [*lines, *_threads()]


def standing_of(recorder: Recorder, request: str) -> list[str]:
    """The same of the calls of one kind alone, for example of `"GET /items"`."""
    return [f"{request}{_at(call.task)}" for call in [*recorder.under_way.values()] if call.request == request]


def _at(task: asyncio.Task[Any] | None) -> str:
    if task is not None and getattr(task.get_coro(), "cr_running", False):
        return ", which runs just now"
    place = _place_of(task)
    return f", at {place} in {place.function}: {place.source}" if place else ""


def _place_of(task: asyncio.Task[Any] | None) -> Place | None:
    return None if task is None else line_of_app(await_chain(task.get_coro()))


def _tasks(loop: asyncio.AbstractEventLoop | None) -> list[asyncio.Task[Any]]:
    """The tasks of a loop that goes on meanwhile; the set of all tasks may change while it is read."""
    if loop is None:
        return []
    try:
        return sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name())
    except RuntimeError:
        return []


def _threads() -> Iterator[str]:
    """The threads that stand in code of the user's, but for the main one, and the one that asks."""
    for thread in threading.enumerate():
        if thread in (threading.main_thread(), threading.current_thread()):
            continue
        places = [Place.of(frame) for frame in reversed(stack_of(thread.ident or 0))]
        if _is_of_user(line_of_app(places)):
            yield describe_thread(thread)


def _is_of_user(place: Place | None) -> bool:
    return place is not None and place.is_of_user
