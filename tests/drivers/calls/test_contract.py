"""What every runner promises, whichever library its loop belongs to (base.py)."""

from __future__ import annotations

import _thread
import math
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Final

import anyio
import pytest
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.calls.contract import PASSES_AFTER_ANSWER, LoopRunner, Outcome
from asgi_lockstep._drivers.on_asyncio.loop_runner import SteppedLoop
from asgi_lockstep._drivers.on_trio.loop_runner import SteppedRun
from drivers.app_calls import spawn

RUNNERS: Final[dict[str, Callable[[], Any]]] = {
    "asyncio": lambda: SteppedLoop({}),
    "uvloop": lambda: SteppedLoop({"use_uvloop": True}),
    "trio": lambda: SteppedRun({}),
}

#: uvloop shows neither its timers nor its sockets, so that nothing about it can ever be proven to be stuck.
EXACT: Final = [name for name in RUNNERS if name != "uvloop"]

#: What a spinning app does at most, so that a turn that waits for its end fails instead of hanging.
MANY: Final = 20_000

pytestmark = pytest.mark.usefixtures("no_hang")


@pytest.fixture(params=RUNNERS)
def runner(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each runner in turn."""
    if request.param == "uvloop" and sys.platform == "win32":
        pytest.skip("uvloop does not exist for Windows")
    with closing(RUNNERS[request.param]()) as made:
        yield made


@pytest.fixture(params=EXACT)
def exact_runner(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each runner that can prove a stall."""
    with closing(RUNNERS[request.param]()) as made:
        yield made


def never() -> bool:
    """A condition that never holds."""
    return False


async def passes(count: int) -> None:
    """Let the loop make so many passes."""
    for _ in range(count):
        await checkpoint()


# Rest.


@pytest.mark.parametrize("before", [0, 10, 3 * PASSES_AFTER_ANSWER])
def test_a_turn_ends_when_the_answer_is_there_and_nothing_is_ready(runner: LoopRunner, before: int) -> None:
    """However long the answer took, the app goes on after it until it rests."""
    events = []

    async def main() -> None:
        await passes(before)
        events.append("answer")
        await passes(10)
        events.append("rest")

    spawn(runner, main)
    assert runner.turn(lambda: bool(events)) is Outcome.MET
    assert events == ["answer", "rest"]


@pytest.mark.parametrize("before", [0, 3 * PASSES_AFTER_ANSWER])
def test_an_app_that_spins_after_its_answer_is_left_after_a_bounded_number_of_passes(
    runner: LoopRunner, before: int
) -> None:
    """`sleep(0)` in a loop does not trap the test: PASSES_AFTER_ANSWER passes after the answer, the turn is over."""
    spins: list[str] = []

    async def main() -> None:
        await passes(before)
        while len(spins) < MANY:
            spins.append("spin")
            await checkpoint()

    spawn(runner, main)
    assert runner.turn(lambda: bool(spins)) is Outcome.MET
    assert PASSES_AFTER_ANSWER // 2 <= len(spins) <= PASSES_AFTER_ANSWER + 5


def test_patience_ends_for_an_app_that_spins(runner: LoopRunner) -> None:
    """An app that never rests and never answers does not get more than the patience of the caller."""
    spins: list[str] = []

    async def main() -> None:
        while len(spins) < MANY:
            spins.append("spin")
            await checkpoint()

    spawn(runner, main)
    assert runner.turn(never, patience=0) is Outcome.RESTED
    assert len(spins) < MANY


def test_nothing_moves_between_two_turns(runner: LoopRunner) -> None:
    """A task that is spawned waits for the next turn."""
    events = []

    async def main() -> None:
        events.append("moved")

    spawn(runner, main)
    assert events == []
    assert runner.turn(lambda: True) is Outcome.MET
    assert events == ["moved"]


def test_a_turn_goes_on_where_the_last_one_stopped(runner: LoopRunner) -> None:
    """A task that waits for a signal is still there in the next turn."""
    events = []
    bell = runner.signal()

    async def main() -> None:
        for number in range(3):
            await bell.wait()
            events.append(number)

    spawn(runner, main)
    for expected in ([], [0], [0, 1], [0, 1, 2]):
        assert runner.turn(lambda: True) is Outcome.MET
        assert events == expected
        bell.fire()


# Stalls.


def test_a_turn_in_which_nothing_can_move_is_stalled(exact_runner: LoopRunner) -> None:
    """No task, timer, socket or thread: it is known at once that the condition can never hold."""
    spawn(exact_runner, anyio.Event().wait)
    assert exact_runner.turn(never) is Outcome.STALLED


def test_a_runner_turns_on_after_a_stall(exact_runner: LoopRunner) -> None:
    """A stall is the end of a turn, not of the loop."""
    events = []
    bell = exact_runner.signal()

    async def main() -> None:
        await bell.wait()
        events.append("woken")

    spawn(exact_runner, main)
    assert exact_runner.turn(never) is Outcome.STALLED
    bell.fire()
    assert exact_runner.turn(lambda: bool(events)) is Outcome.MET


def test_a_pending_timer_is_no_stall(runner: LoopRunner) -> None:
    """A task that sleeps will wake up."""
    events = []

    async def main() -> None:
        await anyio.sleep(0.01)
        events.append("awake")

    spawn(runner, main)
    assert runner.turn(lambda: bool(events)) is Outcome.MET


@pytest.mark.parametrize("times", [1, 20])
def test_a_worker_thread_at_work_is_no_stall(runner: LoopRunner, times: int) -> None:
    """A task that waits for anyio's worker thread will get its answer."""
    answers = []

    async def main() -> None:
        for _ in range(times):
            answers.append(await anyio.to_thread.run_sync(threading.get_ident))  # noqa: PERF401 - awaits

    spawn(runner, main)
    assert runner.turn(lambda: len(answers) == times) is Outcome.MET


def test_a_socket_that_somebody_waits_for_is_no_stall(runner: LoopRunner) -> None:
    """Bytes may come from where nobody looks: here from a thread that `threading` does not know."""
    ours, theirs = socket.socketpair()
    events = []

    async def main() -> None:
        await anyio.wait_readable(ours)
        events.append(ours.recv(1))

    def until() -> bool:
        if not asked:
            asked.append(_thread.start_new_thread(theirs.send, (b"!",)))
        return bool(events)

    asked: list[int] = []
    with ours, theirs:
        spawn(runner, main)
        assert runner.turn(until) is Outcome.MET
    assert events == [b"!"]


# Patience.


def test_an_app_that_rests_needs_no_patience(exact_runner: LoopRunner) -> None:
    """With nothing at work outside of it, all the patience in the world is not used up."""
    spawn(exact_runner, anyio.Event().wait)
    assert exact_runner.turn(never, patience=math.inf) is Outcome.RESTED


def test_patience_does_not_wait_for_timers_that_fire_after_it(exact_runner: LoopRunner) -> None:
    """An app that sleeps for longer does rest."""
    spawn(exact_runner, anyio.sleep_forever)
    spawn(exact_runner, lambda: anyio.sleep(3600))
    assert exact_runner.turn(never, patience=600) is Outcome.RESTED


def test_patience_waits_for_timers_that_fire_before_its_end(exact_runner: LoopRunner) -> None:
    """An app that sleeps between two steps goes on by itself."""
    woken = []

    async def main() -> None:
        await anyio.sleep(0.01)
        woken.append(True)

    spawn(exact_runner, main)
    assert exact_runner.turn(lambda: bool(woken), patience=600) is Outcome.MET


def test_patience_lasts_while_a_thread_is_at_work(runner: LoopRunner) -> None:
    """Work in a thread belongs to what the caller is patient with."""
    answers = []

    async def main() -> None:
        answers.append(await anyio.to_thread.run_sync(threading.Event().wait, 0.12))

    spawn(runner, main)
    assert runner.turn(lambda: bool(answers), patience=600) is Outcome.MET


def test_patience_that_has_run_out_is_rested(runner: LoopRunner) -> None:
    """With no patience, a thread that is at work for long is not waited for."""
    release = threading.Event()
    answers = []

    async def main() -> None:
        answers.append(await anyio.to_thread.run_sync(release.wait, 60))

    spawn(runner, main)
    try:
        assert runner.turn(never, patience=0) is Outcome.RESTED
    finally:
        release.set()
    assert runner.turn(lambda: bool(answers)) is Outcome.MET
