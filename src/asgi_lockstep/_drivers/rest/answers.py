"""The proof by references, for calls of the app: where the walk begins, and what the test itself may still do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from ..calls.app_call import AppCall
from ..clock.idle_time import Awaited
from ..inspection.references import Library, why_any_reachable, why_reachable
from ..inspection.threads import test_threads


def why_answer_is_reachable(awaited: Awaited, waiting: AbstractSet[int], library: Library) -> str:
    """Who can still reach what a client waits for, in words; `""` if nobody can.

    Args:
        awaited: what the client waits for: whoever refers to what it is answered by can answer, and there the walk
            begins.
        waiting: the identities of the task of the same loop that waits for it, and of what that awaits; empty where the
            test waits outside of the loop.
        library: runs the tasks of the app.
    """
    call = awaited.answered_by
    if call is None:
        return "it is not known by what that is answered"
    if isinstance(call, AppCall) and call.waits_for_client and (waiting or test_threads()):
        return "the app stands in receive() or send(), and another part of the test may go on with that conversation"
    return why_reachable(call, waiting, library)


def why_tasks_are_reachable(
    calls: Iterable[AppCall[Any] | None], waited_for: Iterator[object], library: Library
) -> str:
    """Who can reach what any task waits for, besides tasks and timers of the loop, in words; `""` if nobody can.

    Args:
        calls: those of the app that are under way.
        waited_for: what the tasks wait for.
        library: runs the tasks.
    """
    for call in calls:
        if call is not None and call.waits_for_client and test_threads():
            return f"{call.exchange.request} waits for the client, which another thread may use"
    return why_any_reachable(waited_for, library)
