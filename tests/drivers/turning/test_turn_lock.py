"""Whose turn it is, where several threads use one client."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from contextvars import Context
from typing import Any

import pytest

from asgi_lockstep._drivers.calls.app_tasks import AppTask
from asgi_lockstep._drivers.calls.contract import LoopRunner, Outcome
from asgi_lockstep._drivers.calls.tasks import AppMain, Signal, do_nothing
from asgi_lockstep._drivers.clock.idle_time import IdleTime
from asgi_lockstep._drivers.turning.turn_lock import TurnLock
from drivers.awaiting import request

SAFE = 30.0


class Script(LoopRunner):
    """A runner that turns until its condition holds, and asks again whenever it is poked."""

    def __init__(self) -> None:
        self.owner: int | None = None
        #: The threads that turned, in order.
        self.turned_by: list[int] = []
        #: Set while somebody turns.
        self.turning = threading.Event()
        self._inside = threading.Lock()
        self._poked = threading.Semaphore(0)

    def turn(self, until: Callable[[], bool], patience: float | None = None, idle: IdleTime | None = None) -> Outcome:
        assert self._inside.acquire(blocking=False), "two threads turn one runner"
        try:
            self.turned_by.append(threading.get_ident())
            while not until():
                self.turning.set()
                if patience is not None:
                    return Outcome.RESTED
                assert self._poked.acquire(timeout=SAFE), "nobody poked"
            return Outcome.MET
        finally:
            self.turning.clear()
            self._inside.release()

    @property
    def beats(self) -> int:
        raise NotImplementedError

    @property
    def busy_thread(self) -> int | None:
        raise NotImplementedError

    def poke(self) -> None:
        self._poked.release()

    def may_turn_here(self) -> bool:
        return self.owner in (None, threading.get_ident())

    def spawn(self, main: AppMain, context: Context, ended: Callable[[], None] = do_nothing) -> Callable[[], None]:
        raise NotImplementedError

    async def checkpoint(self) -> None:
        raise NotImplementedError

    def signal(self) -> Signal:
        raise NotImplementedError

    def app_tasks(self) -> list[AppTask]:
        raise NotImplementedError

    def outside(self) -> list[str]:
        raise NotImplementedError

    def renew(self) -> Callable[[], bool]:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


class User(threading.Thread):
    """A thread that takes the lock, turns until its answer is there, and gives the lock back."""

    def __init__(self, lock: TurnLock, runner: Script, name: str, log: list[Any]) -> None:
        super().__init__(name=name)
        self.answer = threading.Event()
        self._turn_lock = lock
        self._runner = runner
        self._log = log
        self.start()

    def run(self) -> None:
        """Do as `SyncDriver.run` does, and log what became of it."""
        try:
            with self._turn_lock:
                outcome = self._turn_lock.turn(self.answer.is_set, None, self._runner.turn)
        except BaseException as exc:
            self._log.append((self.name, type(exc)))
        else:
            self._log.append((self.name, outcome))

    def give_answer(self) -> None:
        """Make its condition hold, and let whoever turns see that; then wait for its end."""
        self.answer.set()
        self._runner.poke()
        self.join(SAFE)
        assert not self.is_alive()

    def interrupt(self) -> None:
        """Ctrl-C."""
        exception = ctypes.py_object(KeyboardInterrupt)
        assert ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident or 0), exception)


@pytest.fixture
def runner() -> Script:
    """A runner that anyone may turn."""
    return Script()


@pytest.fixture
def lock(runner: Script) -> TurnLock:
    """The lock of that runner."""
    return TurnLock(runner, runner.may_turn_here)


def until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds; that it will takes as long as it takes."""
    pause = threading.Event()
    for _ in range(10_000):
        if condition():
            return
        pause.wait(0.001)
    raise AssertionError("that never happened")


def waits(lock: TurnLock, count: int) -> None:
    """Return when so many threads wait for the lock, and one has it."""
    until(lambda: len(lock._waiting) == count and lock._holder is not None)


def test_a_thread_alone_turns_by_itself(lock: TurnLock, runner: Script) -> None:
    """No other thread, no waiting."""
    with lock:
        assert lock.turn(lambda: True, None, runner.turn) is Outcome.MET
    assert runner.turned_by == [threading.get_ident()]


@pytest.mark.parametrize("last_waits", [False, True], ids=["left-free", "handed-on"])
@pytest.mark.parametrize("first_waits", [False, True], ids=["lies-free", "handed-over"])
def test_a_lock_that_nobody_waits_for_is_taken_and_left_as_any_other(
    lock: TurnLock, first_waits: bool, last_waits: bool
) -> None:
    """Its short ways in and out come to what handing it over comes to: one holder at a time, and none at the end."""
    taken, left = [], []
    may_leave = threading.Event()

    def use() -> None:
        with lock:
            taken.append((threading.current_thread().name, lock.held_here))
            assert may_leave.wait(SAFE)
        left.append(lock.held_here)

    first, last = (threading.Thread(target=use, name=name) for name in ("first", "last"))
    with lock:
        if first_waits:
            first.start()
            waits(lock, 1)
    if not first_waits:
        first.start()
    until(lambda: taken == [("first", True)])
    if last_waits:
        last.start()
        waits(lock, 1)
    may_leave.set()
    if not last_waits:
        first.join(SAFE)
        last.start()
    for thread in (first, last):
        thread.join(SAFE)
    assert (taken, left) == ([("first", True), ("last", True)], [False, False])
    assert repr(lock) == "<TurnLock of thread None, 0 wait>"


def test_the_holder_knows_itself(lock: TurnLock) -> None:
    """That is how an app that calls its own client is found out."""
    answers: list[bool] = []
    with lock:
        thread = threading.Thread(target=lambda: answers.append(lock.held_here))
        thread.start()
        thread.join()
        answers.append(lock.held_here)
    answers.append(lock.held_here)
    assert answers == [False, True, False]


@pytest.mark.parametrize("outcome", [Outcome.STALLED, Outcome.RESTED])
def test_an_outcome_without_the_answer_is_handed_on(lock: TurnLock, outcome: Outcome) -> None:
    """Nobody waits for what the runner has given up."""
    with lock:
        assert lock.turn(lambda: False, None, lambda *_: outcome) is outcome


def test_an_answer_reaches_its_thread_although_another_waits_for_its_own(lock: TurnLock, runner: Script) -> None:
    """In whichever order the answers come."""
    log: list[Any] = []
    users = [User(lock, runner, f"user {number}", log) for number in range(4)]
    waits(lock, 3)
    for index in (2, 0, 3, 1):
        users[index].give_answer()
    assert log == [(f"user {number}", Outcome.MET) for number in (2, 0, 3, 1)]


def test_the_turn_goes_on_for_those_who_still_wait(lock: TurnLock, runner: Script) -> None:
    """When the one who turned has its answer, another one turns."""
    log: list[Any] = []
    first = User(lock, runner, "first", log)
    runner.turning.wait(SAFE)
    second = User(lock, runner, "second", log)
    waits(lock, 1)
    first.give_answer()
    second.give_answer()
    assert log == [("first", Outcome.MET), ("second", Outcome.MET)]
    assert {first.ident, second.ident} == set(runner.turned_by)


def test_a_runner_that_only_its_owner_can_turn_is_turned_by_it_for_the_others(lock: TurnLock, runner: Script) -> None:
    """The others wait; their answers reach them while the owner still waits for its own."""
    log: list[Any] = []
    runner.owner = 0
    guest = User(lock, runner, "guest", log)
    until(lambda: len(lock._waiting) == 1)
    runner.owner = threading.get_ident()
    answer = threading.Event()

    def answer_both() -> None:
        guest.give_answer()
        answer.set()
        runner.poke()

    helper = threading.Thread(target=answer_both)
    with lock:
        helper.start()
        assert lock.turn(answer.is_set, None, runner.turn) is Outcome.MET
    helper.join(SAFE)
    assert log == [("guest", Outcome.MET)]
    assert set(runner.turned_by) == {threading.get_ident()}


def test_an_interrupt_of_a_thread_that_waits_for_the_lock_does_not_lose_it(lock: TurnLock, runner: Script) -> None:
    """The others go on."""
    log: list[Any] = []
    with lock:
        interrupted = User(lock, runner, "interrupted", log)
        waits(lock, 1)
        other = User(lock, runner, "other", log)
        waits(lock, 2)
        interrupted.interrupt()
        interrupted.join(SAFE)
    other.give_answer()
    assert log == [("interrupted", KeyboardInterrupt), ("other", Outcome.MET)]


def test_an_interrupt_of_a_thread_that_waits_for_its_answer_does_not_lose_the_lock(
    lock: TurnLock, runner: Script
) -> None:
    """It gets the lock back to clean up, and passes it on: whoever turned goes on, alone."""
    log: list[Any] = []
    interrupted = User(lock, runner, "interrupted", log)
    runner.turning.wait(SAFE)
    other = User(lock, runner, "other", log)
    waits(lock, 1)
    until(lambda: runner.turned_by[-1] == other.ident and runner.turning.is_set())
    interrupted.interrupt()
    interrupted.join(SAFE)
    holder = lock._holder
    other.give_answer()
    assert log == [("interrupted", KeyboardInterrupt), ("other", Outcome.MET)]
    assert holder == other.ident


# A thread that cannot turn, while nobody turns for it.


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
