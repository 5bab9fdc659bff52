"""A world that the test has written, and the rests of a loop in it."""

from __future__ import annotations

import math

from asgi_lockstep._drivers.rest.rest_rules import Turn

LIMIT = 5.0


class World:
    """A world in which everything is as the test says."""

    def __init__(self) -> None:
        self.now = 100.0
        self.callers = self.jobs = False
        self.due = 0.0
        self.other_threads = False
        self.busy: list[str] = []
        self.working: list[str] = []
        self.handlers: list[str] = []
        self.new_threads = 0

    def may_begin(self, since: float) -> bool:
        """See `NewThreads`."""
        assert since == self.now
        return self.new_threads > 0

    def may_be_called_into(self) -> bool:
        """See `turning.World`."""
        return self.callers

    def has_jobs_outside(self) -> bool:
        """See `turning.World`."""
        return self.jobs

    def next_due(self) -> float:
        """See `turning.World`."""
        return self.due

    def outside(self) -> list[str]:
        """See `turning.World`."""
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
