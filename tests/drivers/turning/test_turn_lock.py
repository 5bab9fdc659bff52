"""Whose turn it is, where several threads use one client."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from asgi_lockstep._drivers.calls.contract import Outcome
from asgi_lockstep._drivers.turning.turn_lock import TurnLock
from drivers.lock_users import SAFE, Script, User, until, waits


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


def test_an_interrupt_at_the_handover_does_not_lose_the_lock(
    lock: TurnLock, runner: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is there already when the interrupt comes: it is passed on."""
    log: list[Any] = []
    wait = lock._changed.wait

    def interrupted_at_the_handover(timeout: float | None = None) -> bool:
        notified = wait(timeout)
        if lock._holder == user.ident:
            raise KeyboardInterrupt
        return notified

    monkeypatch.setattr(lock._changed, "wait", interrupted_at_the_handover)
    with lock:
        user = User(lock, runner, "interrupted", log)
        waits(lock, 1)
    user.join(SAFE)
    with lock:
        held = lock.held_here
    assert (log, held, lock._holder) == ([("interrupted", KeyboardInterrupt)], True, None)
