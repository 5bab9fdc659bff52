"""What a rest means for whoever turns: the three rules, in a world that the test has written."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from asgi_lockstep._drivers.calls.contract import PASSES_AFTER_ANSWER, Outcome
from asgi_lockstep._drivers.clock.idle_time import IdleTime
from asgi_lockstep._drivers.clock.virtual_clock import VirtualClock
from asgi_lockstep._drivers.inspection.threads import LOOKS, PAUSE
from asgi_lockstep._drivers.rest import rest_rules
from asgi_lockstep._drivers.rest.rest_rules import LOOK_AGAIN, Looks, Turn, jump_or_wait
from asgi_lockstep._protocol.steps import always
from drivers.awaiting import request
from helpers import body, start

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
        """As the test has written it."""
        return self.callers

    def has_jobs_outside(self) -> bool:
        """As the test has written it."""
        return self.jobs

    def next_due(self) -> float:
        """As the test has written it."""
        return self.due

    def outside(self) -> list[str]:
        """As the test has written it."""
        return []


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world with nothing in it."""
    made = World()
    asked: dict[str, Callable[[], Any]] = {
        "real_time": lambda: made.now,
        "other_threads": lambda: made.other_threads,
        "busy_workers": lambda: made.busy,
        "working_threads": lambda: made.working,
        "signal_handlers": lambda: made.handlers,
    }
    monkeypatch.setattr(rest_rules, "NEW_THREADS", made)
    for name, answer in asked.items():
        monkeypatch.setattr(rest_rules, name, answer)
    return made


def never() -> bool:
    """A condition that never holds."""
    return False


def idle_with(used: float = 0.0, limit: float | None = LIMIT) -> IdleTime:
    """A limit, of which something has been used."""
    idle = IdleTime(request(limit))
    idle.waited(used)
    return idle


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


# Patience.


def test_a_patient_turn_ends_when_nothing_is_at_work_outside(world: World) -> None:
    """After some looks; a timer is not waited for, nor a thread that is no worker, nor a signal."""
    world.callers = True
    world.handlers = ["a handler"]
    turn = Turn(never, 600.0, None, None)
    assert (rests(turn, world, LOOKS, 1.0), turn.outcome) == ([0] * LOOKS, Outcome.RESTED)


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


def test_a_patient_turn_on_a_virtual_clock_does_not_jump(world: World) -> None:
    """Nobody waits for a timer."""
    virtual = VirtualClock()
    world.due = 10.0
    turn = Turn(never, 600.0, None, virtual)
    assert (rests(turn, world, LOOKS, 10.0), virtual.now, turn.outcome) == ([0] * LOOKS, 0.0, Outcome.RESTED)


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
