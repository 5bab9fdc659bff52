"""A world that the test has written, and the rests of a loop in it."""

from __future__ import annotations

import math
from typing import Any

from asgi_lockstep._drivers.clock.idle_time import Awaited
from asgi_lockstep._drivers.rest.rest_rules import Turn

LIMIT = 5.0


class World:
    """A world in which everything is as the test says."""

    def __init__(self) -> None:
        self.now = 100.0
        #: Whether `threading` knows of other threads, and those that may move.
        self.other_threads = False
        self.moving: list[str] = []
        #: Worker threads that look busy, and jobs that tasks have given to threads.
        self.busy: list[str] = []
        self.jobs = False
        self.handlers: list[str] = []
        self.ready = False
        self.due = 0.0
        #: Who can reach what the call waits for, and what any task waits for.
        self.reached_by = "a thread"
        self.tasks_reached_by = ""
        #: How often each was asked.
        self.questions = 0
        #: The names of threads that the last question was told to leave out.
        self.quiet: tuple[str, ...] = ()

    def threads_that_may_move(self, quiet: tuple[str, ...] = ()) -> list[str]:
        """See `inspection.threads`."""
        self.quiet = quiet
        return self.moving

    def nothing_ready(self) -> bool:
        """See `proofs.World`."""
        return not self.ready

    def has_jobs_outside(self) -> bool:
        """See `proofs.World`."""
        return self.jobs

    def next_due(self) -> float:
        """See `proofs.World`."""
        return self.due

    def due_in(self) -> float:
        """See `proofs.World`."""
        return self.due

    def why_reachable(self, awaited: Awaited, waiting: Any = None) -> str:
        """See `proofs.World`."""
        self.questions += 1
        return self.reached_by

    def why_tasks_are_reachable(self) -> str:
        """See `proofs.World`."""
        return self.tasks_reached_by

    def outside(self) -> list[str]:
        """See `proofs.World`."""
        return []


def never() -> bool:
    """A condition that never holds."""
    return False


def rests(
    turn: Turn,
    world: World,
    count: int = 1,
    next_timer: float = math.inf,
    *,
    sockets: bool = False,
    moved: bool = False,
) -> list[float]:
    """How long the loop may sleep at each of so many rests; the first rule is asked first."""
    return [0 if turn.met() else turn.at_rest(next_timer, sockets, moved, world) for _ in range(count)]


def rests_and_waits(turn: Turn, world: World, count: int, next_timer: float = math.inf) -> list[float]:
    """The same, where the loop sleeps for as long as it may."""
    waits = []
    for _ in range(count):
        waits += rests(turn, world, 1, next_timer)
        world.now += waits[-1]
    return waits
