"""A thread that cannot turn the loop itself, while nobody turns it."""

from __future__ import annotations

import threading

import pytest

from asgi_lockstep._drivers.calls.contract import Outcome
from asgi_lockstep._drivers.clock.idle_time import IdleTime
from asgi_lockstep._drivers.turning.turn_lock import TurnLock
from drivers.awaiting import request
from drivers.lock_users import SAFE, Script, until


def idle_with(limit: float | None) -> IdleTime:
    """A limit of a request."""
    return IdleTime(request(limit))


@pytest.mark.parametrize(
    ("patience", "limit", "outcome"), [(None, 0.01, Outcome.TIMED_OUT), (0.01, None, Outcome.RESTED)]
)
def test_a_thread_that_cannot_turn_does_not_wait_for_ever(
    lock: TurnLock, runner: Script, patience: float | None, limit: float | None, outcome: Outcome
) -> None:
    """As long as it would have turned; then it has the lock again."""
    runner.owner = 0
    with lock:
        idle = idle_with(limit)
        assert lock.turn(lambda: False, patience, runner.turn, idle) is outcome
        assert (lock.held_here, runner.turned_by, lock._waiting) == (True, [], [])


def test_an_answer_that_comes_with_the_end_of_the_wait_counts(lock: TurnLock, runner: Script) -> None:
    """It is there when the lock is taken."""
    runner.owner = 0
    with lock:
        answers = iter([False])
        assert lock.turn(lambda: next(answers, True), None, runner.turn, idle_with(0.01)) is Outcome.MET


def test_a_thread_that_cannot_turn_waits_on_while_another_has_the_lock(lock: TurnLock, runner: Script) -> None:
    """Its limit is over, and the lock is not there to be taken: it comes when it is passed on."""
    runner.owner = 0
    outcomes: list[Outcome] = []
    answer, idle = threading.Event(), idle_with(0.01)

    def guest() -> None:
        with lock:
            taken.wait(SAFE)
            outcomes.append(lock.turn(answer.is_set, None, runner.turn, idle))

    taken = threading.Event()
    thread = threading.Thread(target=guest)
    thread.start()
    until(lambda: lock._holder == thread.ident)
    taking = threading.Thread(target=taken.set)
    owner = _Owner(lock)
    until(lambda: len(lock._waiting) == 1)
    taking.start()
    until(lambda: idle.over)
    before = list(outcomes)
    answer.set()
    owner.give_back()
    thread.join(SAFE)
    taking.join(SAFE)
    assert (before, outcomes) == ([], [Outcome.MET])


class _Owner(threading.Thread):
    """A thread that takes the lock when it can, and keeps it until it is told to give it back."""

    def __init__(self, lock: TurnLock) -> None:
        super().__init__()
        self._turn_lock = lock
        self._enough = threading.Event()
        self.start()

    def run(self) -> None:
        """Take it and keep it."""
        with self._turn_lock:
            self._enough.wait(SAFE)

    def give_back(self) -> None:
        """Give it back, and end."""
        self._enough.set()
        self.join(SAFE)
