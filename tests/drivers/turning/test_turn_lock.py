"""Whose turn it is, where several threads use one client."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from contextvars import Context
from typing import Any

import pytest

from asgi_lockstep._drivers.calls.app_tasks import AppTask
from asgi_lockstep._drivers.calls.contract import AppMain, Crank, Outcome, Signal
from asgi_lockstep._drivers.clock.idle_time import Idle
from asgi_lockstep._drivers.turning.turn_lock import Baton
from asgi_lockstep._protocol.exchange import nobody
from asgi_lockstep._protocol.http_exchange import HTTPExchange

SAFE = 30.0


class Script(Crank):
    """A crank that turns until its condition holds, and asks again whenever it is poked."""

    def __init__(self) -> None:
        self.owner: int | None = None
        #: The threads that turned, in order.
        self.turned_by: list[int] = []
        #: Set while somebody turns.
        self.turning = threading.Event()
        self._inside = threading.Lock()
        self._poked = threading.Semaphore(0)

    def turn(self, until: Callable[[], bool], patience: float | None = None, idle: Idle | None = None) -> Outcome:
        assert self._inside.acquire(blocking=False), "two threads turn one crank"
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
    def busy_thread(self) -> int | None:
        raise NotImplementedError

    def poke(self) -> None:
        self._poked.release()

    def may_turn_here(self) -> bool:
        return self.owner in (None, threading.get_ident())

    def spawn(self, main: AppMain, context: Context, ended: Callable[[], None] = nobody) -> Callable[[], None]:
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
    """A thread that takes the baton, turns until its answer is there, and gives the baton back."""

    def __init__(self, baton: Baton, crank: Script, name: str, log: list[Any]) -> None:
        super().__init__(name=name)
        self.answer = threading.Event()
        self._baton = baton
        self._crank = crank
        self._log = log
        self.start()

    def run(self) -> None:
        """Do as `Lockstep.run` does, and log what became of it."""
        try:
            self._baton.acquire()
            try:
                outcome = self._baton.turn(self.answer.is_set, None, self._crank.turn)
            finally:
                self._baton.release()
        except BaseException as exc:
            self._log.append((self.name, type(exc)))
        else:
            self._log.append((self.name, outcome))

    def give_answer(self) -> None:
        """Make its condition hold, and let whoever turns see that; then wait for its end."""
        self.answer.set()
        self._crank.poke()
        self.join(SAFE)
        assert not self.is_alive()

    def interrupt(self) -> None:
        """Ctrl-C."""
        exception = ctypes.py_object(KeyboardInterrupt)
        assert ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident or 0), exception)


@pytest.fixture
def crank() -> Script:
    """A crank that anyone may turn."""
    return Script()


@pytest.fixture
def baton(crank: Script) -> Baton:
    """The baton of that crank."""
    return Baton(crank, crank.may_turn_here)


def until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds; that it will takes as long as it takes."""
    pause = threading.Event()
    for _ in range(10_000):
        if condition():
            return
        pause.wait(0.001)
    raise AssertionError("that never happened")


def waits(baton: Baton, count: int) -> None:
    """Return when so many threads wait for the baton, and one has it."""
    until(lambda: len(baton._waiting) == count and baton._holder not in (None, -1))


def test_a_thread_alone_turns_by_itself(baton: Baton, crank: Script) -> None:
    """No other thread, no waiting."""
    baton.acquire()
    assert baton.turn(lambda: True, None, crank.turn) is Outcome.MET
    baton.release()
    assert crank.turned_by == [threading.get_ident()]


def test_the_holder_knows_itself(baton: Baton) -> None:
    """That is how an app that calls its own client is found out."""
    answers: list[bool] = []
    baton.acquire()
    thread = threading.Thread(target=lambda: answers.append(baton.held_here))
    thread.start()
    thread.join()
    answers.append(baton.held_here)
    baton.release()
    answers.append(baton.held_here)
    assert answers == [False, True, False]


@pytest.mark.parametrize("outcome", [Outcome.STALLED, Outcome.RESTED])
def test_an_outcome_without_the_answer_is_handed_on(baton: Baton, outcome: Outcome) -> None:
    """Nobody waits for what the crank has given up."""
    baton.acquire()
    assert baton.turn(lambda: False, None, lambda *_: outcome) is outcome
    baton.release()


def test_an_answer_reaches_its_thread_although_another_waits_for_its_own(baton: Baton, crank: Script) -> None:
    """In whichever order the answers come."""
    log: list[Any] = []
    users = [User(baton, crank, f"user {number}", log) for number in range(4)]
    waits(baton, 3)
    for index in (2, 0, 3, 1):
        users[index].give_answer()
    assert log == [(f"user {number}", Outcome.MET) for number in (2, 0, 3, 1)]


def test_the_turn_goes_on_for_those_who_still_wait(baton: Baton, crank: Script) -> None:
    """When the one who turned has its answer, another one turns."""
    log: list[Any] = []
    first = User(baton, crank, "first", log)
    crank.turning.wait(SAFE)
    second = User(baton, crank, "second", log)
    waits(baton, 1)
    first.give_answer()
    second.give_answer()
    assert log == [("first", Outcome.MET), ("second", Outcome.MET)]
    assert {first.ident, second.ident} == set(crank.turned_by)


def test_a_crank_that_only_its_owner_can_turn_is_turned_by_it_for_the_others(baton: Baton, crank: Script) -> None:
    """The others wait; their answers reach them while the owner still waits for its own."""
    log: list[Any] = []
    crank.owner = 0
    guest = User(baton, crank, "guest", log)
    until(lambda: len(baton._waiting) == 1)
    crank.owner = threading.get_ident()
    answer = threading.Event()

    def answer_both() -> None:
        guest.give_answer()
        answer.set()
        crank.poke()

    helper = threading.Thread(target=answer_both)
    baton.acquire()
    helper.start()
    assert baton.turn(answer.is_set, None, crank.turn) is Outcome.MET
    baton.release()
    helper.join(SAFE)
    assert log == [("guest", Outcome.MET)]
    assert set(crank.turned_by) == {threading.get_ident()}


def test_an_interrupt_of_a_thread_that_waits_for_the_baton_does_not_lose_it(baton: Baton, crank: Script) -> None:
    """The others go on."""
    log: list[Any] = []
    baton.acquire()
    interrupted = User(baton, crank, "interrupted", log)
    waits(baton, 1)
    other = User(baton, crank, "other", log)
    waits(baton, 2)
    interrupted.interrupt()
    interrupted.join(SAFE)
    baton.release()
    other.give_answer()
    assert log == [("interrupted", KeyboardInterrupt), ("other", Outcome.MET)]


def test_an_interrupt_of_a_thread_that_waits_for_its_answer_does_not_lose_the_baton(
    baton: Baton, crank: Script
) -> None:
    """It gets the baton back to clean up, and passes it on: whoever turned goes on, alone."""
    log: list[Any] = []
    interrupted = User(baton, crank, "interrupted", log)
    crank.turning.wait(SAFE)
    other = User(baton, crank, "other", log)
    waits(baton, 1)
    until(lambda: crank.turned_by[-1] == other.ident and crank.turning.is_set())
    interrupted.interrupt()
    interrupted.join(SAFE)
    holder = baton._holder
    other.give_answer()
    assert log == [("interrupted", KeyboardInterrupt), ("other", Outcome.MET)]
    assert holder in (other.ident, -1)  # -1: on its way


# A thread that cannot turn, while nobody turns for it.


def idle_with(limit: float | None) -> Idle:
    """A limit of a request."""
    exchange = HTTPExchange({"type": "http", "method": "GET", "path": "/", "asgi": {"version": "3.0"}}, b"")
    exchange.limit = limit
    return Idle(exchange)


@pytest.mark.parametrize(
    ("patience", "limit", "outcome"), [(None, 0.01, Outcome.TIMED_OUT), (0.01, None, Outcome.RESTED)]
)
def test_a_thread_that_cannot_turn_does_not_wait_for_ever(
    baton: Baton, crank: Script, patience: float | None, limit: float | None, outcome: Outcome
) -> None:
    """As long as it would have turned; then it has the baton again."""
    crank.owner = 0
    baton.acquire()
    idle = idle_with(limit)
    assert baton.turn(lambda: False, patience, crank.turn, idle) is outcome
    assert (baton.held_here, crank.turned_by, baton._waiting) == (True, [], [])
    baton.release()


def test_an_answer_that_comes_with_the_end_of_the_wait_counts(baton: Baton, crank: Script) -> None:
    """It is there when the baton is taken."""
    crank.owner = 0
    baton.acquire()
    answers = iter([False])
    assert baton.turn(lambda: next(answers, True), None, crank.turn, idle_with(0.01)) is Outcome.MET
    baton.release()


def test_a_thread_that_cannot_turn_waits_on_while_another_has_the_baton(baton: Baton, crank: Script) -> None:
    """Its limit is over, and the baton is not there to be taken: it comes when it is passed on."""
    crank.owner = 0
    outcomes: list[Outcome] = []
    answer, idle = threading.Event(), idle_with(0.01)

    def guest() -> None:
        baton.acquire()
        taken.wait(SAFE)
        outcomes.append(baton.turn(answer.is_set, None, crank.turn, idle))
        baton.release()

    taken = threading.Event()
    thread = threading.Thread(target=guest)
    thread.start()
    until(lambda: baton._holder == thread.ident)
    taking = threading.Thread(target=taken.set)
    owner = _Owner(baton)
    until(lambda: len(baton._waiting) == 1)
    taking.start()
    until(lambda: idle.over)
    before = list(outcomes)
    answer.set()
    owner.give_back()
    thread.join(SAFE)
    taking.join(SAFE)
    assert (before, outcomes) == ([], [Outcome.MET])


class _Owner(threading.Thread):
    """A thread that takes the baton when it can, and keeps it until it is told to give it back."""

    def __init__(self, baton: Baton) -> None:
        super().__init__()
        self._baton = baton
        self._enough = threading.Event()
        self.start()

    def run(self) -> None:
        """Take it and keep it."""
        self._baton.acquire()
        self._enough.wait(SAFE)
        self._baton.release()

    def give_back(self) -> None:
        """Give it back, and end."""
        self._enough.set()
        self.join(SAFE)
