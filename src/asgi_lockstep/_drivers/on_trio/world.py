"""What is outside of a trio run and may still change something: threads, files, signal handlers."""

from __future__ import annotations

import math
import time
from typing import Protocol

import trio

from ..clock.idle_time import Awaited
from ..clock.real_time import frozen_timers
from ..clock.virtual_clock import VirtualClock
from ..inspection.await_chains import identities_of_chain, jobs_handed_over
from ..inspection.files_and_signals import signal_handlers
from ..rest.answers import why_answer_is_reachable, why_tasks_are_reachable
from ..rest.why_stuck import threads_in_words
from .app_tasks import all_tasks, app_tasks
from .reachability import TrioReferences, TrioReferencesFromOutside, waited_for


class _HasDue(Protocol):
    clock: VirtualClock
    next_due: float


class TrioWorld:
    """What `rest_rules.World` asks, of the current run.

    Args:
        clock: the virtual clock of the run, if it has one.
    """

    def __init__(self, clock: _HasDue | None = None) -> None:
        self._clock = clock

    def nothing_ready(self) -> bool:
        """Whether no call from elsewhere waits to be made in the run."""
        return trio.lowlevel.current_statistics().run_sync_soon_queue_size == 0

    def why_reachable(self, awaited: Awaited, waiting: trio.lowlevel.Task | None = None) -> str:
        """Who can still reach what a call waits for, in words; `""` if nobody can.

        Args:
            awaited: the call.
            waiting: the task of this run that waits for it; None where the test waits outside of the run.
        """
        chain = set() if waiting is None else {id(waiting), *identities_of_chain(waiting.coro)}
        return why_answer_is_reachable(awaited, chain, TrioReferences())

    def why_tasks_are_reachable(self) -> str:
        """Who can reach any task, besides tasks and deadlines of the run, in words; `""` if nobody can."""
        calls = [task.call for _, task in app_tasks()]
        return why_tasks_are_reachable(calls, waited_for(), TrioReferencesFromOutside())

    def has_jobs_outside(self) -> bool:
        """Whether a task of the run waits for a job in a thread that does not wait for the run itself."""
        handed_over, called_in = jobs_handed_over(task.coro for task in all_tasks())
        borrowed = trio.to_thread.current_default_thread_limiter().borrowed_tokens  # also for jobs that were abandoned
        return max(handed_over, borrowed) > called_in

    def next_due(self) -> float:
        """When the next deadline is due, in seconds of the virtual clock."""
        assert self._clock is not None
        return self._clock.next_due

    def due_in(self) -> float:
        """In how many seconds the next deadline is due; `math.inf` if there is none."""
        return max(0.0, trio.lowlevel.current_statistics().seconds_to_next_deadline)

    def outside(self) -> list[str]:
        """All that is outside of the run, in words."""
        statistics = trio.lowlevel.current_statistics()
        has_timers = self._clock is None and statistics.seconds_to_next_deadline < math.inf
        timers = frozen_timers(trio.current_time, time.perf_counter) if has_timers else []
        threads = threads_in_words(None if self._clock is None else self._clock.clock)
        files = ["a socket that a task waits for"] if waits_for_sockets(statistics) else []
        return [*timers, *threads, *files, *signal_handlers()]


def waits_for_sockets(statistics: trio.lowlevel.RunStatistics | None = None) -> bool:
    """Whether a task of the current run waits for a file descriptor, besides trio's own that waits to be poked.

    Args:
        statistics: those of the run, if whoever asks has them already; they are dear.
    """
    io = (statistics or trio.lowlevel.current_statistics()).io_statistics
    return getattr(io, "tasks_waiting_read", 0) > 1 or getattr(io, "tasks_waiting_write", 0) > 0
