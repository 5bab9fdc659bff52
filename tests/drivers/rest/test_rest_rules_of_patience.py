"""Turns that wait with patience, and passes of an app that never rests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asgi_lockstep._drivers.calls.contract import PASSES_AFTER_ANSWER, Outcome
from asgi_lockstep._drivers.clock.idle_time import IdleTime
from asgi_lockstep._drivers.clock.virtual_clock import VirtualClock
from asgi_lockstep._drivers.inspection.threads import LOOKS, PAUSE
from asgi_lockstep._drivers.rest.proofs import LOOK_AGAIN
from asgi_lockstep._drivers.rest.rest_rules import Turn
from asgi_lockstep._protocol.steps import always
from drivers.awaiting import request
from drivers.worlds import LIMIT, World, never, rests
from helpers import body, start


def test_a_patient_turn_ends_when_nothing_is_at_work_outside(world: World) -> None:
    """After some looks; a timer behind its end is not waited for, nor a thread that is no worker, nor a signal."""
    world.moving = ["a thread"]
    world.handlers = ["a handler"]
    turn = Turn(never, 600.0, None, None)
    assert (rests(turn, world, LOOKS, 600.1), turn.outcome) == ([0] * LOOKS, Outcome.RESTED)


def test_a_patient_turn_waits_for_a_timer_that_fires_before_its_end(world: World) -> None:
    """An app that sleeps between two steps goes on by itself."""
    turn = Turn(never, 2.0, None, None)
    waits = rests(turn, world, 1, 1.5)
    world.now += 1.5
    waits += rests(turn, world, 1, 0.25)
    assert (waits, turn.outcome) == ([1.5, 0.25], None)


def test_a_patient_turn_pauses_between_its_looks_where_other_threads_are(world: World) -> None:
    """As any turn does."""
    world.other_threads = True
    turn = Turn(never, 600.0, None, None)
    assert (rests(turn, world, LOOKS), turn.outcome) == ([*[PAUSE] * (LOOKS - 1), 0], Outcome.RESTED)


@pytest.mark.parametrize("what", ["busy", "jobs"])
def test_a_patient_turn_waits_for_a_worker(world: World, what: str) -> None:
    """A database driver closes its connection there, or a task waits for a job; at most as long as the patience."""
    setattr(world, what, ["a worker"])
    turn = Turn(never, 2.0, None, None)
    waits = rests(turn, world, LOOKS)
    world.now += 1.95
    waits += [round(wait, 9) for wait in rests(turn, world)]
    assert (waits, turn.outcome) == ([*[LOOK_AGAIN] * LOOKS, 0.05], None)


def test_a_patient_turn_waits_for_a_socket(world: World) -> None:
    """All of its patience."""
    turn = Turn(never, 2.0, None, None)
    assert (rests(turn, world, LOOKS, sockets=True), turn.outcome) == ([2.0] * LOOKS, None)


def test_patience_comes_to_an_end(world: World) -> None:
    """Whatever is still at work."""
    world.busy = ["a worker"]
    turn = Turn(never, 2.0, None, None)
    rests(turn, world, 1, sockets=True)
    world.now += 2.0
    assert (rests(turn, world, 1, sockets=True), turn.outcome) == ([0], Outcome.RESTED)


def test_a_patient_turn_on_a_virtual_clock_jumps_as_far_as_it_lasts(world: World) -> None:
    """Its seconds are those of the app, for which they are free."""
    virtual = VirtualClock()
    world.due = 10.0
    turn = Turn(never, 10.0, None, virtual)
    rests(turn, world, LOOKS, 10.0)
    jumped = (virtual.now, turn.outcome)
    rests(turn, world, LOOKS, 0.1)
    assert (jumped, virtual.now, turn.outcome) == ((10.0, None), 10.0, Outcome.RESTED)


# Passes of an app that never rests.


def passes_until_the_end(turn: Turn) -> int:
    """How many passes the turn makes, up to many."""
    for number in range(1, 100 * PASSES_AFTER_ANSWER):
        turn.passed(1)
        if turn.outcome is not None:
            return number
    return 0


@pytest.mark.parametrize(
    ("until", "patience", "outcome"),
    [(always, None, Outcome.MET), (always, 600.0, Outcome.MET), (never, 600.0, Outcome.RESTED)],
)
def test_an_app_that_spins_gives_the_thread_back(
    world: World, until: Callable[[], bool], patience: float | None, outcome: Outcome
) -> None:
    """When the client has its answer, or does not insist on one."""
    turn = Turn(until, patience, None, None)
    assert (passes_until_the_end(turn), turn.outcome) == (PASSES_AFTER_ANSWER + 1, outcome)


def test_passes_that_are_told_together_are_counted(world: World) -> None:
    """A loop may tell of some of them at once."""
    turn = Turn(always, None, None, None)
    turn.passed(PASSES_AFTER_ANSWER)
    before = turn.outcome
    turn.passed(1)
    assert (before, turn.outcome) == (None, Outcome.MET)


def test_a_rest_begins_the_passes_again(world: World) -> None:
    """An app that works for long after the answer is not one that spins."""
    answers = [False]
    turn = Turn(lambda: answers[-1], 600.0, None, None)
    for _ in range(PASSES_AFTER_ANSWER):
        turn.passed(1)
    rests(turn, world)
    assert (passes_until_the_end(turn), turn.outcome) == (PASSES_AFTER_ANSWER + 1, Outcome.RESTED)


def test_an_app_that_has_not_answered_may_go_on(world: World) -> None:
    """It works."""
    turn = Turn(never, None, None, None)
    assert (passes_until_the_end(turn), turn.outcome) == (0, None)


def test_an_app_that_sends_without_end_is_stopped_in_its_passes(world: World) -> None:
    """Without ever coming to rest: the client that collects has had enough."""
    call = request(LIMIT)
    call.sends(start())
    seconds = [0.0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("asgi_lockstep._drivers.clock.idle_time.real_time", lambda: seconds[0])
        turn = Turn(never, None, IdleTime(call), None)
        outcomes = []
        for _ in range(5):
            seconds[0] += 1.0
            call.sends(body(b"x", more=True))
            turn.passed(1)
            outcomes.append(turn.outcome)
    assert outcomes == [None, None, None, None, Outcome.TIMED_OUT]
