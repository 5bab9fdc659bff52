"""What a rest means for whoever turns: the three rules, in a world that the test has written."""

from __future__ import annotations

import math

import pytest

from asgi_lockstep._drivers.calls.contract import Outcome
from asgi_lockstep._drivers.clock.idle_time import IdleTime
from asgi_lockstep._drivers.clock.virtual_clock import VirtualClock
from asgi_lockstep._drivers.rest.proofs import FIRST_LOOK, LOOK_AGAIN, Stall
from asgi_lockstep._drivers.rest.rest_rules import Turn, jump_or_wait
from asgi_lockstep._protocol.steps import always
from drivers.awaiting import request
from drivers.worlds import LIMIT, World, never, rests, rests_and_waits


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
    world.moving, world.other_threads = ["a thread"], True
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
    world.moving, world.handlers = ["a thread"], ["one"]
    turn = Turn(never, None, None, None)
    assert (rests(turn, world, 5, 30.0), turn.outcome) == ([30.0] * 5, None)


@pytest.mark.parametrize(("next_timer", "wait"), [(30.0, 3.0), (2.0, 2.0)])
def test_a_real_clock_waits_for_a_timer_no_longer_than_the_limit(world: World, next_timer: float, wait: float) -> None:
    """What is left of it."""
    turn = Turn(never, None, idle_with(2.0), None)
    rests(turn, world, 1, next_timer)
    assert (rests(turn, world, 1, next_timer), turn.outcome) == ([min(wait, 2.0)], None)


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


@pytest.mark.parametrize(("used", "wait"), [(None, math.inf), (2.0, 2.0)], ids=["no-limit", "limit"])
def test_a_virtual_clock_stands_still_while_a_socket_is_waited_for(
    world: World, used: float | None, wait: float
) -> None:
    """What comes from there takes real time; a limit of it, and the time to the next question, are not slept over."""
    virtual = VirtualClock()
    world.due = 10.0
    turn = Turn(never, None, None if used is None else idle_with(used), virtual)
    assert (rests(turn, world, 5, 10.0, sockets=True), virtual.now) == ([wait] * 5, 0.0)


@pytest.mark.parametrize("what", ["moving", "handlers"])
def test_a_virtual_clock_stands_still_while_somebody_may_come_before_the_timer(world: World, what: str) -> None:
    """A thread that moves or a signal that may come, if it can reach what a task waits for; looked at ever less."""
    virtual = VirtualClock()
    world.due, world.tasks_reached_by = 10.0, "a thread"
    setattr(world, what, ["somebody"])
    turn = Turn(never, None, None, virtual)
    waits = [*(FIRST_LOOK * 2**number for number in range(7)), LOOK_AGAIN, LOOK_AGAIN]
    seen = rests_and_waits(turn, world, 9, 10.0)
    assert [round(wait, 6) for wait in seen] == [round(wait, 6) for wait in waits]
    assert virtual.now == 0.0


def test_a_job_in_a_thread_holds_a_virtual_clock_up_without_a_question(world: World) -> None:
    """Nearly always it is why a thread moves, and the references need not be asked about."""
    virtual = VirtualClock()
    world.due, world.moving, world.jobs = 10.0, ["a thread"], True
    turn = Turn(never, None, None, virtual)
    waits = rests(turn, world, 1, 10.0)
    assert ([round(wait, 9) for wait in waits], virtual.now) == ([FIRST_LOOK], 0.0)


@pytest.mark.parametrize("what", ["moving", "handlers"])
def test_a_virtual_clock_jumps_whoever_moves_and_reaches_nothing(world: World, what: str) -> None:
    """An exporter of metrics ends no wait of the app."""
    virtual = VirtualClock()
    world.due = 10.0
    setattr(world, what, ["somebody"])
    turn = Turn(never, None, None, virtual)
    assert (rests(turn, world, 1, 10.0), virtual.now) == ([0], 10.0)


def test_a_virtual_clock_does_not_jump_past_a_call_that_has_come(world: World) -> None:
    """A thread has called in before it was looked for: the next pass of the loop makes its call."""
    virtual = VirtualClock()
    world.due, world.ready = 10.0, True
    turn = Turn(never, None, None, virtual)
    waits, before = rests(turn, world, 1, 10.0), virtual.now
    world.ready = False
    assert (waits, before, rests(turn, world, 1, 10.0), virtual.now) == ([0], 0.0, [0], 10.0)


def test_what_ends_is_seen_soon_after_the_next_jump(world: World) -> None:
    """The distances of the looks begin again."""
    virtual = VirtualClock()
    turn = Turn(never, None, None, virtual)
    waits = []
    for reached_by in ("a thread", "a thread", "", "a thread"):
        world.moving, world.tasks_reached_by = ["a thread"], reached_by
        waits += rests_and_waits(turn, world, 1, 10.0)
    assert [round(wait, 9) for wait in waits] == [FIRST_LOOK, 2 * FIRST_LOOK, 0, FIRST_LOOK]


def test_threads_that_the_user_calls_quiet_are_not_asked_about(world: World) -> None:
    """They are named to whoever looks at the threads, for the jump and for the proof that nobody can move."""
    turn = Turn(never, None, None, VirtualClock(("exporter", "flush-*")))
    asked = []
    for next_timer in (10.0, math.inf):
        rests(turn, world, 1, next_timer)
        asked.append(world.quiet)
        world.quiet = ()
    assert asked == [("exporter", "flush-*")] * 2


def test_a_clock_without_a_turn_jumps_by_the_same_rule(world: World) -> None:
    """On a loop that the test itself runs."""
    virtual, stall = VirtualClock(), Stall()
    world.due = 7.5
    waits = [jump_or_wait(virtual, 1.0, True, world, stall)]
    world.moving, world.tasks_reached_by = ["a thread"], "a thread"
    waits.append(round(jump_or_wait(virtual, math.inf, False, world, stall), 9))
    waits.append(jump_or_wait(virtual, 0.0005, False, world, stall))
    world.moving = []
    world.now += FIRST_LOOK
    before = virtual.now
    waits.append(jump_or_wait(virtual, math.inf, False, world, stall))
    assert (waits, before, virtual.now) == ([1.0, FIRST_LOOK, 0.0005, 0], 0.0, 7.5)


# The third rule: nothing is pending.


@pytest.mark.parametrize("clock", [None, VirtualClock()], ids=["real", "virtual"])
def test_a_rest_in_which_nothing_can_move_is_a_stall(world: World, clock: VirtualClock | None) -> None:
    """After one more pass of the loop: what a thread has called before it was looked for runs in there."""
    turn = Turn(never, None, None, clock)
    waits, before = rests(turn, world), turn.outcome
    assert (waits, before, rests(turn, world), turn.outcome) == ([0], None, [0], Outcome.STALLED)


def test_beside_other_threads_the_first_moment_of_a_rest_is_not_looked_at(world: World) -> None:
    """Most jobs of threads end in there."""
    world.other_threads = True
    turn = Turn(never, None, None, None)
    assert (rests(turn, world, 3), turn.outcome) == ([FIRST_LOOK, 0, 0], Outcome.STALLED)


def test_a_task_that_runs_after_the_look_begins_it_again(world: World) -> None:
    """Something has moved."""
    turn = Turn(never, None, None, None)
    rests(turn, world)
    rests(turn, world, moved=True)
    before = turn.outcome
    rests(turn, world)
    assert (before, turn.outcome) == (None, Outcome.STALLED)


@pytest.mark.parametrize(("idle", "wait"), [(None, math.inf), (idle_with(2.0), 3.0)], ids=["no-limit", "limit"])
def test_a_socket_is_waited_for(world: World, idle: IdleTime | None, wait: float) -> None:
    """At most as long as the limit, and as the time to the next question."""
    turn = Turn(never, None, idle, None)
    waits = rests(turn, world, 3, sockets=True)
    assert (waits, turn.outcome) == ([wait if idle is None else min(wait, 2.0)] * 3, None)


def test_a_thread_that_may_move_is_waited_for(world: World) -> None:
    """Whether it still moves is looked at, at ever greater distances."""
    world.moving = ["a thread"]
    turn = Turn(never, None, None, None)
    waits = [FIRST_LOOK * 2**number for number in range(7)]
    assert (rests(turn, world, 9), turn.outcome) == ([*waits, LOOK_AGAIN, LOOK_AGAIN], None)


def test_a_thread_that_has_gone_to_sleep_leaves_a_stall(world: World) -> None:
    """After one more pass, in which its last call runs."""
    world.moving = ["a thread"]
    turn = Turn(never, None, None, None)
    rests(turn, world)
    world.moving = []
    rests(turn, world)
    before = turn.outcome
    rests(turn, world)
    assert (before, turn.outcome) == (None, Outcome.STALLED)


def test_a_signal_handler_is_waited_for(world: World) -> None:
    """A signal may come at any time."""
    world.handlers = ["a handler"]
    turn = Turn(never, None, None, None)
    assert (rests(turn, world, 3), turn.outcome) == ([LOOK_AGAIN] * 3, None)


def test_a_limit_that_is_used_up_ends_the_turn(world: World) -> None:
    """At the next rest, whatever may still come."""
    world.moving = ["a thread"]
    turn = Turn(never, None, idle_with(LIMIT), None)
    assert (rests(turn, world, 1, 1.0, sockets=True), turn.outcome) == ([0], Outcome.TIMED_OUT)


def test_an_answer_that_comes_with_the_last_of_the_limit_counts(world: World) -> None:
    """It is there."""
    turn = Turn(always, None, idle_with(LIMIT), None)
    assert (rests(turn, world), turn.outcome) == ([0], Outcome.MET)


def test_a_limit_of_for_ever_is_none(world: World) -> None:
    """The turn waits for whatever can still happen."""
    turn = Turn(never, None, idle_with(1e9, limit=None), None)
    assert (rests(turn, world, sockets=True), turn.outcome) == ([1e9], None)
