"""Rest on a trio run that is not ours, seen from a task of it."""

from __future__ import annotations

import trio

from ..calls.contract import PASSES_AFTER_ANSWER
from .app_tasks import TaskNotes


class _Counter(TaskNotes):
    """Counts the tasks of one run that are scheduled, from the first time that somebody settles on it.

    It keeps which tasks start and end, too.

    To add an instrument and to remove it take 15 µs, each request anew; to have it called takes 0.2 for each step.
    """

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        #: How many tasks settle right now.
        self.users = 0

    def task_scheduled(self, task: trio.lowlevel.Task) -> None:
        """Called by trio when a task becomes ready."""
        self.count += 1


_counter: trio.lowlevel.RunVar[_Counter] = trio.lowlevel.RunVar("asgi_lockstep_settling")


def _counter_here() -> _Counter:
    try:
        return _counter.get()
    except LookupError:
        counter = _Counter()
        _counter.set(counter)
        trio.lowlevel.add_instrument(counter)
        return counter


async def settle_trio() -> None:
    """Return when no task of the run has anything to do but the callers of this function."""
    counter = _counter_here()
    counter.users += 1
    try:
        quiet = 0
        for _ in range(PASSES_AFTER_ANSWER):
            before, users = counter.count, counter.users
            await trio.lowlevel.checkpoint()  # one batch, in which everybody else who is ready runs
            # Whoever has returned in this batch may count as one who settles; see `settle_asyncio()`.
            quiet = quiet + 1 if counter.count - before <= max(users, counter.users) else 0
            if quiet == 2:  # trio shuffles each batch: what was scheduled before our first look may run after it
                return
    finally:
        counter.users -= 1
