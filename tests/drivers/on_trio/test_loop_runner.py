"""The trio run that moves only inside a turn: its threads, its options, its end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
import trio
import trio.testing

from asgi_lockstep._drivers.calls.contract import Outcome
from asgi_lockstep._drivers.on_trio.loop_runner import SteppedRun
from asgi_lockstep.errors import UnknownOption
from drivers.app_calls import spawn
from drivers.other_threads import LateCaller

pytestmark = pytest.mark.usefixtures("no_hang")


@pytest.fixture
def runner() -> Iterator[SteppedRun]:
    """A runner, closed at the end."""
    with closing(SteppedRun({})) as made:
        yield made


def test_wait_all_tasks_blocked_is_no_stall(runner: SteppedRun) -> None:
    """It wakes up only if the run sleeps; the run does so before it calls itself stuck."""
    events = []

    async def main() -> None:
        await trio.testing.wait_all_tasks_blocked()
        events.append("all blocked")

    spawn(runner, main)
    assert runner.turn(lambda: bool(events)) is Outcome.MET


def test_wait_all_tasks_blocked_again_and_again_is_no_stall(runner: SteppedRun) -> None:
    """Each time the run has to sleep anew."""
    events = []

    async def main() -> None:
        for number in range(10):
            await trio.testing.wait_all_tasks_blocked()
            events.append(number)

    spawn(runner, main)
    assert runner.turn(lambda: len(events) == 10) is Outcome.MET


@pytest.mark.parametrize("times", [1, 50])
def test_trio_to_thread_is_no_stall(runner: SteppedRun, times: int) -> None:
    """`trio.to_thread` is waited for, job after job."""
    answers = []

    async def main() -> None:
        for _ in range(times):
            answers.append(await trio.to_thread.run_sync(threading.get_ident))  # noqa: PERF401 - awaits

    spawn(runner, main)
    assert runner.turn(lambda: len(answers) == times) is Outcome.MET


def test_a_thread_that_calls_in_later_is_no_stall(runner: SteppedRun) -> None:
    """Any thread may have the token of the run; while one is at work, the turn waits."""
    caller = LateCaller(lambda: trio.lowlevel.current_trio_token().run_sync_soon)
    spawn(runner, caller.main)
    assert runner.turn(caller.called) is Outcome.MET
    assert caller.thread is not None
    caller.thread.join()


def test_any_thread_may_turn_it(runner: SteppedRun) -> None:
    """A guest run belongs to its thread; ours is taken away from it after each turn."""
    answers = [runner.may_turn_here()]
    thread = threading.Thread(target=lambda: answers.append(runner.may_turn_here()))
    thread.start()
    thread.join()
    assert (answers, runner.movable) == ([True, True], True)


def test_renew_has_nothing_to_do(runner: SteppedRun) -> None:
    """Trio's threads belong to the process, and end by themselves."""
    assert runner.renew()()


def test_the_thread_may_run_trio_again_after_the_end() -> None:
    """`close()` gives the thread back."""
    SteppedRun({}).close()

    async def main() -> str:
        return "ran"

    assert trio.run(main) == "ran"


def test_an_unknown_option_is_refused() -> None:
    """The text lists the options there are."""
    with pytest.raises(UnknownOption, match=r"^backend_options key='spin' does not exist; known are 'clock', "):
        SteppedRun({"spin": True})


def test_instruments_of_the_user_see_the_run() -> None:
    """`instruments` is an option of `trio.run`."""
    seen = []

    class Spy(trio.abc.Instrument):
        def task_spawned(self, task: trio.lowlevel.Task) -> None:
            seen.append(task.name)

    with closing(SteppedRun({"instruments": [Spy()]})) as runner:
        spawn(runner, trio.lowlevel.checkpoint)
        runner.turn(lambda: True)
    assert "asgi-lockstep app" in seen


def test_a_clock_of_the_user_counts() -> None:
    """With trio's MockClock an hour of sleep takes no time."""
    events = []

    async def main() -> None:
        await trio.sleep(3600)
        events.append(trio.current_time())

    with closing(SteppedRun({"clock": trio.testing.MockClock(autojump_threshold=0)})) as runner:
        spawn(runner, main)
        assert runner.turn(lambda: bool(events)) is Outcome.MET


@pytest.mark.parametrize("autojump_threshold", [0, float("inf")])
@pytest.mark.parametrize(("patience", "outcome"), [(None, Outcome.STALLED), (60, Outcome.RESTED)])
def test_rests_are_seen_whatever_the_clock(autojump_threshold: float, patience: float | None, outcome: Outcome) -> None:
    """A turn ends with a clock of the user as it does with our own."""
    with closing(SteppedRun({"clock": trio.testing.MockClock(autojump_threshold=autojump_threshold)})) as runner:
        spawn(runner, trio.Event().wait)
        assert runner.turn(lambda: False, patience) is outcome


def test_closing_waits_for_a_shielded_clean_up(runner: SteppedRun) -> None:
    """A clean-up that takes a moment is not cut off."""
    events = []

    async def main() -> None:
        try:
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True):
                await trio.sleep(0.01)
            events.append("cleaned up")

    spawn(runner, main)
    runner.turn(lambda: True)
    runner.close()
    assert events == ["cleaned up"]
