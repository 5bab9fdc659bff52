"""Why a client call gets no further: the waits on both sides, put together for whoever has to mend it."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from ..._protocol.advice import advice
from ..._protocol.steps import Move
from ...diagnosis import Diagnosis
from ..calls.app_call import AppCall
from ..calls.app_tasks import AppTask
from ..clock.idle_time import Awaited
from ..inspection.source_lines import Place

#: Where a task waits in ASGI's `receive()`.
_RECEIVES = (("/asgi_lockstep/_drivers/calls/app_call.py", "_receive"),)

#: Where a task only waits for the tasks that it has started: the end of a file name, and a function in it.
_WAITS_FOR_CHILDREN = (
    ("/anyio/_backends/_asyncio.py", "__aexit__"),
    ("/asyncio/taskgroups.py", "__aexit__"),
    ("/trio/_core/_run.py", "_nested_child_finished"),
)


def diagnose(
    move: Move,
    awaited: Awaited | None,
    running: Sequence[AppCall[Any]],
    tasks: Sequence[AppTask],
    outside: Sequence[str] = (),
    hint: str = "",
) -> Diagnosis:
    """Who waits for what; called on the stack of the test that waits.

    Args:
        move: what it waits for.
        awaited: the call of the app that it waits for, or what else there is; None for nothing in particular.
        running: the calls of the app that are under way.
        tasks: the tasks of the app.
        outside: what may still change something; empty if nothing can.
        hint: what to advise where the exchanges give no reason of their own.
    """
    running = sorted(running, key=lambda call: call.number)
    tasks = sorted(tasks, key=lambda task: -1 if task.call is None else task.call.number)
    exchange = None if awaited is None else awaited.exchange
    busy = any(task.call is not None and task.call.exchange is exchange and _works(task) for task in tasks)
    exchanges = [call.exchange for call in running]
    return Diagnosis(
        move.waits_for,
        _waiting_line(),
        [repr(exchange) for exchange in exchanges],
        [str(task) for task in tasks],
        outside,
        advice(exchange, exchanges, busy) or hint,
    )


def _works(task: AppTask) -> bool:
    """Whether a task stands elsewhere than in `receive()`, and does not only wait for its children."""
    receives = any(place.is_in(_RECEIVES) for place in task.places)
    waits = any(place.is_in(_WAITS_FOR_CHILDREN) for place in task.places)
    return not receives and not waits


def _waiting_line() -> str:
    """The innermost line of the user's code that does not hide from tracebacks, as pytest has it."""
    frame = inspect.currentframe()
    while frame is not None:
        place = Place.of(frame)
        if place.is_users and "__tracebackhide__" not in frame.f_code.co_varnames:
            return f"{place} in {place.function}: {place.source}"
        frame = frame.f_back
    return ""
