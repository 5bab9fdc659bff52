"""The proof by references: when it is asked, and what its answers mean."""

from __future__ import annotations

import math

import pytest

from asgi_lockstep._drivers.calls.contract import Outcome
from asgi_lockstep._drivers.clock.idle_time import IdleTime
from asgi_lockstep._drivers.clock.virtual_clock import VirtualClock
from asgi_lockstep._drivers.rest.proofs import FIRST_QUESTION, Question
from asgi_lockstep._drivers.rest.rest_rules import Turn
from asgi_lockstep._drivers.rest.watch import Waiter
from drivers.awaiting import request
from drivers.worlds import World, never, rests


def test_the_first_moment_of_idle_time_is_not_asked_about(world: World) -> None:
    """A living call does not feel the question; the loop sleeps no longer than until it is due."""
    idle = IdleTime(request(None))
    turn = Turn(never, None, idle, None)
    waits = rests(turn, world, 1, sockets=True)
    idle.waited(FIRST_QUESTION / 2)
    waits += rests(turn, world, 1, sockets=True)
    assert (waits, world.questions) == ([FIRST_QUESTION, FIRST_QUESTION / 2], 0)


def test_a_call_that_lives_is_asked_about_at_doubling_distances(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole of them costs a few questions."""
    monkeypatch.setattr("asgi_lockstep._drivers.rest.proofs.real_time", lambda: 0.0)
    idle = IdleTime(request(None))
    turn = Turn(never, None, idle, None)
    asked = []
    for _ in range(100):
        before = world.questions
        (wait,) = rests(turn, world, 1, sockets=True)
        if world.questions > before:
            asked.append(round(idle.used, 6))
        idle.waited(wait)
    assert asked[:5] == [FIRST_QUESTION * 2**number for number in range(5)]


def test_a_dear_question_is_asked_more_rarely(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk through a large app may take a tenth of the idle time, and no more."""
    idle = IdleTime(request(None))
    idle.waited(FIRST_QUESTION)
    seconds = iter((0.0, 0.5))
    monkeypatch.setattr("asgi_lockstep._drivers.rest.proofs.real_time", lambda: next(seconds))
    question = Question()
    assert (question.nobody_can(idle, world), question.due_in(idle.used)) == (False, 5.0)
    assert Question().due_in(0) == 2.5  # the next call is as dear


def test_calls_that_wait_side_by_side_share_the_time_for_questions(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a thousand of them one is asked about at a time, and a tenth of the time is for all of them."""
    idle = IdleTime(request(None))
    idle.waited(FIRST_QUESTION)
    seconds = iter((1.0, 1.5, 2.0, 2.5, 6.5))
    monkeypatch.setattr("asgi_lockstep._drivers.rest.proofs.real_time", lambda: next(seconds))
    first, second, third = Question(), Question(), Question()
    assert first.nobody_can(idle, world) is False  # from 1.0 to 1.5
    assert second.due_in(idle.used) == 4.5  # at 2.0
    world.reached_by = ""
    assert (third.nobody_can(idle, world), third.due_in(idle.used) <= 0) == (False, True)  # nearly proven: at once
    assert second.due_in(idle.used) <= 0  # at 6.5, and it has waited for its turn


@pytest.mark.parametrize("sockets", [False, True])
@pytest.mark.parametrize("next_timer", [0.01, math.inf])
def test_a_call_that_nobody_can_reach_ends(world: World, next_timer: float, sockets: bool) -> None:
    """Whatever else is pending; found twice, with a pass of the loop in between."""
    world.reached_by, world.moving = "", ["a thread"]
    idle = IdleTime(request(None))
    idle.waited(FIRST_QUESTION)
    turn = Turn(never, None, idle, None)
    waits, before = rests(turn, world, 1, next_timer, sockets=sockets), turn.outcome
    waits += rests(turn, world, 1, next_timer, sockets=sockets, moved=True)
    assert (waits, before, turn.outcome) == ([0, 0], None, Outcome.UNREACHABLE)


def test_a_virtual_clock_that_goes_on_jumping_does_not_hide_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A heartbeat of the app ticks for ever, and no real time is waited for."""
    seconds = [0.0]
    monkeypatch.setattr("asgi_lockstep._drivers.clock.idle_time.real_time", lambda: seconds[0])
    world.reached_by = ""
    turn = Turn(never, None, IdleTime(request(30.0)), VirtualClock())
    jumps = 0
    while turn.outcome is None and jumps < 1000:
        jumps += 1
        seconds[0] += 0.001
        rests(turn, world, 1, 10.0, moved=True)
    assert (jumps, turn.outcome) == (51, Outcome.UNREACHABLE)


def test_one_look_at_the_references_proves_nothing(world: World) -> None:
    """A thread may have handed its reference on while they were walked through."""
    idle = IdleTime(request(None))
    turn = Turn(never, None, idle, None)
    for reached_by in ("", "a thread", "", "a thread"):
        idle.waited(FIRST_QUESTION + 10 * idle.used)
        world.reached_by = reached_by
        rests(turn, world, 1, 0.01)
    assert (world.questions, turn.outcome) == (4, None)


def test_a_message_of_the_app_begins_the_idle_time_again(world: World) -> None:
    """And with it the distances."""
    awaited = request(None)
    idle = IdleTime(awaited)
    turn = Turn(never, None, idle, None)
    for _ in range(20):
        idle.waited(rests(turn, world, 1, sockets=True)[0])
    awaited.events += 1
    idle.waited(0.0)
    assert rests(turn, world, 1, sockets=True) == [FIRST_QUESTION]


def test_nothing_in_particular_is_not_asked_about(world: World) -> None:
    """A turn that waits for no call."""
    turn = Turn(never, None, None, None)
    assert (rests(turn, world, 2, sockets=True), world.questions) == ([math.inf] * 2, 0)


def test_what_stands_in_the_way_is_noted(world: World) -> None:
    """For the text of the limit."""
    idle = IdleTime(request(None))
    idle.waited(FIRST_QUESTION)
    rests(Turn(never, None, idle, None), world, 1, sockets=True)
    assert idle.why_not_dead == "a thread"


def test_a_call_on_a_loop_of_the_test_is_asked_about_in_the_same_way(world: World) -> None:
    """By the watch, look by look."""
    world.reached_by = ""
    waiter = Waiter(request(None), lambda: None, None)
    seen = []
    for _ in range(7):
        waiter.waited(0.01)
        seen.append(waiter.is_out_of_reach(world))
    assert (seen, world.questions) == ([False] * 5 + [True] * 2, 3)
