"""What a rest means for whoever turns: the three rules, in a world that the test has written."""

from __future__ import annotations

import math

import pytest

from asgi_lockstep._drivers.calls.contract import Outcome
from asgi_lockstep._drivers.clock.idle_time import IdleTime
from asgi_lockstep._drivers.clock.virtual_clock import VirtualClock
from asgi_lockstep._drivers.inspection.threads import LOOKS, PAUSE
from asgi_lockstep._drivers.rest.rest_rules import LOOK_AGAIN, Looks, Turn, jump_or_wait
from asgi_lockstep._protocol.steps import always
from drivers.awaiting import request
from drivers.worlds import LIMIT, World, never, rests


def idle_with(used: float = 0.0, limit: float | None = LIMIT) -> IdleTime:
    """A limit, of which something has been used."""
    idle = IdleTime(request(limit))
    idle.waited(used)
    return idle


# The first rule: the client has its answer.


@pytest.mark.parametrize("patience", [None, 600.0])
@pytest.mark.parametrize("next_timer", [0.5, math.inf])
def test_a_rest_with_the_answer_ends_the_turn(world: World, next_timer: float, patience: float | None) -> None:
    """Whatever else is under way."""
    world.callers = world.jobs = world.other_threads = True
    turn = Turn(always, patience, idle_with(LIMIT), VirtualClock())
    assert (rests(turn, world, next_timer=next_timer, sockets=True), turn.outcome) == ([0], Outcome.MET)


def test_a_turn_that_is_over_stays_as_it_is(world: World) -> None:
    """The loop may have to make a pass to come to its end."""
    turn = Turn(never, None, None, None)
    turn.end(Outcome.RESTED)
    turn.passed(1)
    assert (rests(turn, world, 2), turn.outcome) == ([0, 0], Outcome.RESTED)


# The second rule: a timer is pending.


def test_a_real_clock_waits_for_a_timer(world: World) -> None:
    """As long as it takes, also where threads and signal handlers are."""
    world.callers = True
    world.handlers = ["one"]
    turn = Turn(never, None, None, None)
    assert (rests(turn, world, 5, 30.0), turn.outcome) == ([30.0] * 5, None)


@pytest.mark.parametrize(("next_timer", "wait"), [(30.0, 3.0), (2.0, 2.0)])
def test_a_real_clock_waits_for_a_timer_no_longer_than_the_limit(world: World, next_timer: float, wait: float) -> None:
    """What is left of it."""
    turn = Turn(never, None, idle_with(2.0), None)
    assert (rests(turn, world, 1, next_timer), turn.outcome) == ([wait], None)


def test_a_virtual_clock_jumps_to_the_timer(world: World) -> None:
    """To the very time at which it is due: the difference that the loop is told is rounded."""
    virtual = VirtualClock()
    world.due = 0.1 + 0.2
    turn = Turn(never, None, None, virtual)
    assert (rests(turn, world, 1, 0.3), virtual.now, turn.outcome) == ([0], 0.1 + 0.2, None)


def test_a_virtual_clock_jumps_whatever_the_limit(world: World) -> None:
    """Virtual time is no waiting; the limit is one of real time."""
    virtual = VirtualClock()
    world.due = 3600.0
    turn = Turn(never, None, idle_with(), virtual)
    assert (rests(turn, world, 1, 3600.0), virtual.now) == ([0], 3600.0)


@pytest.mark.parametrize(("idle", "wait"), [(None, math.inf), (idle_with(2.0), 3.0)], ids=["no-limit", "limit"])
def test_a_virtual_clock_stands_still_while_a_socket_is_waited_for(
    world: World, idle: IdleTime | None, wait: float
) -> None:
    """What comes from there takes real time."""
    virtual = VirtualClock()
    world.due = 10.0
    turn = Turn(never, None, idle, virtual)
    assert (rests(turn, world, 5, 10.0, sockets=True), virtual.now) == ([wait] * 5, 0.0)


@pytest.mark.parametrize("what", ["jobs", "working"])
@pytest.mark.parametrize(("used", "wait"), [(0.0, LOOK_AGAIN), (4.95, LIMIT - 4.95)])
def test_a_virtual_clock_stands_still_while_a_job_is_under_way(
    world: World, what: str, used: float, wait: float
) -> None:
    """A job that a task waits for, or a thread that works: it looks again now and then, and the limit counts."""
    virtual = VirtualClock()
    world.due = 10.0
    setattr(world, what, ["a thread"])
    turn = Turn(never, None, idle_with(used), virtual)
    assert (rests(turn, world, 5, 10.0), virtual.now) == ([wait] * 5, 0.0)


def test_a_virtual_clock_looks_more_than_once_where_a_thread_may_call_in(world: World) -> None:
    """It may have done so just before it was looked for."""
    virtual = VirtualClock()
    world.due = 10.0
    world.callers = True
    turn = Turn(never, None, None, virtual)
    waits = rests(turn, world, LOOKS - 1, 10.0)
    before = virtual.now
    assert (waits, before, rests(turn, world, 1, 10.0), virtual.now) == ([PAUSE] * (LOOKS - 1), 0.0, [0], 10.0)


def test_a_virtual_clock_looks_again_for_each_jump(world: World) -> None:
    """The looks before one jump do not count for the next."""
    virtual = VirtualClock()
    world.due = 10.0
    world.callers = True
    turn = Turn(never, None, None, virtual)
    assert rests(turn, world, 2 * LOOKS, 10.0) == [*[PAUSE] * (LOOKS - 1), 0] * 2


def test_a_job_that_ends_is_looked_for_from_the_beginning(world: World) -> None:
    """Its last call may still be on its way."""
    virtual = VirtualClock()
    world.due = 10.0
    world.callers = True
    turn = Turn(never, None, None, virtual)
    waits = rests(turn, world, LOOKS - 1, 10.0)
    world.jobs = True
    waits += rests(turn, world, 1, 10.0)
    world.jobs = False
    waits += rests(turn, world, LOOKS, 10.0)
    assert waits == [*[PAUSE] * (LOOKS - 1), LOOK_AGAIN, *[PAUSE] * (LOOKS - 1), 0]


def test_a_virtual_clock_does_not_jump_at_the_look_at_which_a_thread_has_gone(world: World) -> None:
    """Its last call may be on its way: the next pass of the loop runs it."""
    virtual = VirtualClock()
    world.due = 10.0
    world.callers = True
    turn = Turn(never, None, None, virtual)
    rests(turn, world, 1, 10.0)
    world.callers = False
    rests(turn, world, 1, 10.0)
    assert virtual.now == 0.0


def test_a_clock_without_a_turn_jumps_by_the_same_rule(world: World) -> None:
    """On a loop that the test itself runs."""
    virtual, looks = VirtualClock(), Looks()
    world.due = 7.5
    waits = [jump_or_wait(virtual, 1.0, True, world, looks)]
    world.jobs = True
    waits.append(jump_or_wait(virtual, math.inf, False, world, looks))
    waits.append(jump_or_wait(virtual, 0.01, False, world, looks))
    world.jobs = False
    before = virtual.now
    waits += [jump_or_wait(virtual, math.inf, False, world, looks) for _ in range(2)]
    assert (waits, before, virtual.now) == ([1.0, LOOK_AGAIN, 0.01, PAUSE, 0], 0.0, 7.5)


# The third rule: nothing is pending.


@pytest.mark.parametrize("clock", [None, VirtualClock()], ids=["real", "virtual"])
def test_a_rest_in_which_nothing_can_move_is_a_stall(world: World, clock: VirtualClock | None) -> None:
    """After some looks without a pause: what a thread has called a moment ago runs in the next pass."""
    turn = Turn(never, None, None, clock)
    outcomes = []
    for _ in range(LOOKS):
        rests(turn, world)
        outcomes.append(turn.outcome)
    assert outcomes == [*[None] * (LOOKS - 1), Outcome.STALLED]


@pytest.mark.parametrize("other_threads", [False, True])
def test_between_two_looks_is_a_pause(world: World, other_threads: bool) -> None:
    """Other threads need time to do what they are about to, and one that is being started to be seen at all."""
    world.other_threads = other_threads
    turn = Turn(never, None, None, None)
    assert (rests(turn, world, LOOKS), turn.outcome) == ([*[PAUSE] * (LOOKS - 1), 0], Outcome.STALLED)


def test_a_thread_that_has_not_begun_is_looked_for_again(world: World) -> None:
    """However often, until it has; then it is seen, or nothing can move."""
    world.new_threads = 1
    turn = Turn(never, None, None, None)
    waits, before = rests(turn, world, 3 * LOOKS), turn.outcome
    world.new_threads = 0
    assert (waits, before, rests(turn, world, 1), turn.outcome) == ([PAUSE] * 3 * LOOKS, None, [0], Outcome.STALLED)


def test_a_task_that_runs_between_two_looks_begins_them_again(world: World) -> None:
    """Something has moved."""
    turn = Turn(never, None, None, None)
    for _ in range(3):
        rests(turn, world, moved=True)
        rests(turn, world, LOOKS - 2)
    before = turn.outcome
    rests(turn, world)
    assert (before, turn.outcome) == (None, Outcome.STALLED)


@pytest.mark.parametrize(("idle", "wait"), [(None, math.inf), (idle_with(2.0), 3.0)], ids=["no-limit", "limit"])
def test_a_socket_is_waited_for(world: World, idle: IdleTime | None, wait: float) -> None:
    """At most as long as the limit."""
    turn = Turn(never, None, idle, None)
    assert (rests(turn, world, 2 * LOOKS, sockets=True), turn.outcome) == ([wait] * 2 * LOOKS, None)


@pytest.mark.parametrize(("used", "wait"), [(0.0, LOOK_AGAIN), (4.95, LIMIT - 4.95)])
def test_a_thread_that_may_call_in_is_waited_for(world: World, used: float, wait: float) -> None:
    """Whether it is still there is looked at now and then."""
    world.callers = True
    turn = Turn(never, None, idle_with(used), None)
    assert (rests(turn, world, 2 * LOOKS), turn.outcome) == ([wait] * 2 * LOOKS, None)


def test_a_thread_that_has_gone_is_looked_for_from_the_beginning(world: World) -> None:
    """Its last call may be on its way."""
    turn = Turn(never, None, None, None)
    rests(turn, world, LOOKS - 1)
    world.callers = True
    rests(turn, world)
    world.callers = False
    rests(turn, world, LOOKS - 1)
    before = turn.outcome
    rests(turn, world)
    assert (before, turn.outcome) == (None, Outcome.STALLED)


@pytest.mark.parametrize(("used", "wait"), [(0.0, LOOK_AGAIN), (4.95, LIMIT - 4.95)])
def test_a_signal_handler_is_waited_for(world: World, used: float, wait: float) -> None:
    """A signal may come at any time."""
    world.handlers = ["a handler"]
    turn = Turn(never, None, idle_with(used), None)
    assert (rests(turn, world, LOOKS + 2)[LOOKS - 1 :], turn.outcome) == ([wait] * 3, None)


def test_a_limit_that_is_used_up_ends_the_turn(world: World) -> None:
    """At the next rest, whatever may still come."""
    world.callers = True
    turn = Turn(never, None, idle_with(LIMIT), None)
    assert (rests(turn, world, 1, 1.0, sockets=True), turn.outcome) == ([0], Outcome.TIMED_OUT)


def test_an_answer_that_comes_with_the_last_of_the_limit_counts(world: World) -> None:
    """It is there."""
    turn = Turn(always, None, idle_with(LIMIT), None)
    assert (rests(turn, world), turn.outcome) == ([0], Outcome.MET)


def test_a_limit_of_for_ever_is_none(world: World) -> None:
    """The turn waits for whatever can still happen."""
    turn = Turn(never, None, idle_with(1e9, limit=None), None)
    assert (rests(turn, world, sockets=True), turn.outcome) == ([math.inf], None)
