"""Rest on a trio run that is not ours, seen from a task of it."""

from __future__ import annotations

import trio

from ..calls.contract import PASSES_AFTER_ANSWER


class _Counter(trio.abc.Instrument):
    """Counts the tasks that were scheduled while somebody settles."""

    def __init__(self) -> None:
        self.count = 0

    def task_scheduled(self, task: trio.lowlevel.Task) -> None:
        """Called by trio when a task becomes ready."""
        self.count += 1


#: How many tasks of one run settle right now.
_settling: trio.lowlevel.RunVar[int] = trio.lowlevel.RunVar("asgi_lockstep_settling", 0)


async def settle_trio() -> None:
    """Return when no task of the run has anything to do but the callers of this function."""
    counter = _Counter()
    trio.lowlevel.add_instrument(counter)
    _settling.set(_settling.get() + 1)
    try:
        quiet = 0
        for _ in range(PASSES_AFTER_ANSWER):
            before = counter.count
            await trio.lowlevel.checkpoint()  # one batch, in which everybody else who is ready runs
            quiet = quiet + 1 if counter.count - before <= _settling.get() else 0
            if quiet == 2:  # trio shuffles each batch: what was scheduled before our first look may run after it
                return
    finally:
        _settling.set(_settling.get() - 1)
        trio.lowlevel.remove_instrument(counter)
