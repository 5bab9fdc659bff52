"""What is outside of an asyncio loop and may still change something: threads, files, signal handlers."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any

from ..clock.idle_time import Awaited
from ..clock.real_time import frozen_timers
from ..inspection.await_chains import identities_of_chain, jobs_handed_over
from ..inspection.files_and_signals import describe_file, signal_handlers
from ..inspection.threads import other_threads
from ..rest.answers import why_answer_is_reachable, why_tasks_are_reachable
from ..rest.why_stuck import threads_in_words
from . import loop_internals
from .app_tasks import app_tasks
from .reachability import AsyncioReferences, AsyncioReferencesFromOutside, waited_for
from .virtual_loop import VirtualLoop

#: The resolution of the clock that asyncio uses, in seconds.
_RESOLUTION = time.get_clock_info("monotonic").resolution


class AsyncioWorld:
    """What `rest_rules.World` asks, of one asyncio loop.

    Args:
        loop: ours, or that of the test.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def nothing_ready(self) -> bool:
        """Whether no call from elsewhere waits to be made on the loop, as far as it shows that."""
        return loop_internals.is_idle(self._loop)

    def why_reachable(self, awaited: Awaited, waiting: asyncio.Task[Any] | None = None) -> str:
        """Who can still reach what a call waits for, in words; `""` if nobody can.

        Args:
            awaited: the call.
            waiting: the task of this loop that waits for it; None where the test waits outside of the loop.
        """
        chain = set() if waiting is None else {id(waiting), *identities_of_chain(waiting.get_coro())}
        return why_answer_is_reachable(awaited, chain, AsyncioReferences(self._loop))

    def why_tasks_are_reachable(self) -> str:
        """Who can reach what any task waits for, besides tasks and timers of the loop, in words; `""` if nobody can."""
        calls = [task.call for _, task in app_tasks(self._loop)]
        return why_tasks_are_reachable(calls, waited_for(self._loop), AsyncioReferencesFromOutside(self._loop))

    def has_jobs_outside(self) -> bool:
        """Whether a task waits for a job that it has given to a thread, as far as that is known for certain.

        A job that waits for the loop itself is none: it goes on when the loop does.
        """
        if not other_threads():
            return False
        handed_over, called_in = jobs_handed_over(task.get_coro() for task in asyncio.all_tasks(self._loop))
        return handed_over > called_in

    def next_due(self) -> float:
        """When the next timer fires, in seconds of the loop's clock."""
        timers = loop_internals.timers(self._loop)
        due = timers[0].when() if timers else self._loop.time()
        # asyncio fires what is due before now plus the resolution of its clock, which is nothing to a large float.
        return due if due + _RESOLUTION > due else math.nextafter(due, math.inf)

    def due_in(self) -> float:
        """In how many seconds the next timer fires; `math.inf` if there is none, or the loop does not show them."""
        timers = loop_internals.timers(self._loop)
        return max(0.0, timers[0].when() - self._loop.time()) if timers else math.inf

    def outside(self, has_io: bool = True) -> list[str]:
        """All that is outside of the loop, in words.

        Args:
            has_io: whether a loop that does not show its files may have some.
        """
        files = loop_internals.files(self._loop)
        if files is None:
            name = type(self._loop).__module__
            known = [f"whatever {name} waits for: it shows neither its timers nor its sockets"] if has_io else []
        else:
            known = [describe_file(descriptor) for descriptor in files]
        clock = self._loop.clock if isinstance(self._loop, VirtualLoop) else None
        threads = threads_in_words(clock)
        return [*self._frozen_timers(), *threads, *known, *signal_handlers()]

    def _frozen_timers(self) -> list[str]:
        has_timers = loop_internals.timers(self._loop) and not isinstance(self._loop, VirtualLoop)
        return frozen_timers(self._loop.time, time.monotonic) if has_timers else []
