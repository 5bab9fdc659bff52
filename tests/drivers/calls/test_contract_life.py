"""What every runner promises about other threads, exceptions and its end (base.py)."""

from __future__ import annotations

import gc
import socket
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from contextvars import ContextVar, copy_context
from typing import Any, Final

import anyio
import pytest
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.calls.contract import LoopRunner, Outcome
from asgi_lockstep._drivers.on_asyncio.loop_runner import SteppedLoop
from asgi_lockstep._drivers.on_trio.loop_runner import SteppedRun
from drivers.app_calls import spawn

RUNNERS: Final[dict[str, Callable[[], Any]]] = {
    "asyncio": lambda: SteppedLoop({}),
    "uvloop": lambda: SteppedLoop({"use_uvloop": True}),
    "trio": lambda: SteppedRun({}),
}

_variable: ContextVar[str] = ContextVar("_variable", default="outside")


@pytest.fixture(params=RUNNERS)
def runner(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each runner in turn."""
    if request.param == "uvloop" and sys.platform == "win32":
        pytest.skip("uvloop does not exist for Windows")
    with closing(RUNNERS[request.param]()) as made:
        yield made


def in_thread(function: Callable[[], object]) -> None:
    """Call `function` on another thread, and wait for it."""
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


# Tasks.


def test_a_task_runs_in_the_context_it_was_given(runner: LoopRunner) -> None:
    """What the app sets stays in its context; what was set there before is seen."""
    context = copy_context()
    context.run(_variable.set, "given")
    seen = []

    async def main() -> None:
        seen.append(_variable.get())
        _variable.set("changed by the app")

    spawn(runner, main, context)
    runner.turn(lambda: bool(seen))
    assert (seen, context[_variable], _variable.get()) == (["given"], "changed by the app", "outside")


def test_a_task_can_be_cancelled(runner: LoopRunner) -> None:
    """What `spawn()` returns cancels the task in the next turn; its `finally` blocks run."""
    events = []

    async def main() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            events.append("cleaned up")

    cancel = spawn(runner, main)
    runner.turn(lambda: True)
    cancel()
    assert events == []
    assert runner.turn(lambda: bool(events)) is Outcome.MET


def test_cancelling_a_task_that_has_ended_does_nothing(runner: LoopRunner) -> None:
    """The canceller may be kept for ever."""
    cancel = spawn(runner, checkpoint)
    runner.turn(lambda: True)
    cancel()
    assert runner.turn(lambda: True) is Outcome.MET


@pytest.mark.parametrize("exception", [ValueError("no"), RuntimeError("Event loop stopped before Future completed.")])
def test_an_exception_of_a_task_does_not_end_the_loop(runner: LoopRunner, exception: Exception) -> None:
    """The exchange reports it; for the runner the task has just ended."""
    events = []

    async def fail() -> None:
        raise exception

    async def go_on() -> None:
        await checkpoint()
        events.append("went on")

    spawn(runner, fail)
    assert runner.turn(lambda: True) is Outcome.MET
    spawn(runner, go_on)
    assert runner.turn(lambda: bool(events)) is Outcome.MET


def test_an_interrupt_in_a_task_reaches_the_test(runner: LoopRunner) -> None:
    """KeyboardInterrupt comes out of `turn()`."""

    async def interrupted() -> None:
        raise KeyboardInterrupt

    spawn(runner, interrupted)
    with pytest.raises(KeyboardInterrupt):
        runner.turn(lambda: True)


def test_a_runner_turns_on_after_an_interrupt(runner: LoopRunner) -> None:
    """Other tasks go on in the next turn; the client can clean up."""
    events = []
    bell = runner.signal()

    async def interrupted() -> None:
        raise KeyboardInterrupt

    async def other() -> None:
        await bell.wait()
        events.append("went on")

    spawn(runner, other)
    spawn(runner, interrupted)
    with suppress(KeyboardInterrupt):
        runner.turn(lambda: True)
    runner.turn(lambda: True)
    bell.fire()
    assert runner.turn(lambda: bool(events)) is Outcome.MET


# Other threads.


def test_what_another_thread_posts_runs_in_the_next_turn_on_the_thread_that_turns(runner: Any) -> None:
    """A loop is touched only by the thread that turns it."""
    threads: list[int] = []
    in_thread(lambda: runner.post(lambda: threads.append(threading.get_ident())))
    assert threads == []
    runner.turn(lambda: True)
    assert threads == [threading.get_ident()]


def test_what_the_app_posts_runs_at_once(runner: Any) -> None:
    """On the thread of the loop there is nothing to wait for."""
    events = []

    async def main() -> None:
        runner.post(lambda: events.append("posted"))
        events.append("after")

    spawn(runner, main)
    runner.turn(lambda: True)
    assert events == ["posted", "after"]


def test_a_signal_may_be_fired_by_another_thread_between_two_turns(runner: LoopRunner) -> None:
    """Whoever waits for it goes on in the next turn."""
    events = []
    bell = runner.signal()

    async def main() -> None:
        await bell.wait()
        events.append("woken")

    spawn(runner, main)
    runner.turn(lambda: True)
    in_thread(bell.fire)
    assert runner.turn(lambda: bool(events)) is Outcome.MET


def test_a_poke_makes_a_turn_ask_again(runner: LoopRunner) -> None:
    """A turn that waits for a socket, for as long as it takes, sees that its condition has come true meanwhile."""
    ours, theirs = socket.socketpair()
    answers: list[str] = []

    async def main() -> None:
        await anyio.wait_readable(ours)

    def until() -> bool:
        waiting.set()
        return bool(answers)

    def poke() -> None:
        waiting.wait(30)
        answers.append("answer")
        runner.poke()

    waiting = threading.Event()
    thread = threading.Thread(target=poke)
    with ours, theirs:
        spawn(runner, main)
        thread.start()
        assert runner.turn(until) is Outcome.MET
        thread.join()
        theirs.send(b"!")
        runner.turn(lambda: True)


def test_a_poke_of_a_closed_runner_does_nothing(runner: LoopRunner) -> None:
    """Other threads cannot know that it has been closed."""
    runner.close()
    runner.poke()


# The end.


def test_closing_ends_every_task_and_its_clean_up(runner: LoopRunner) -> None:
    """Tasks are cancelled, and may still await in their `finally` blocks."""
    events = []

    async def main() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await checkpoint()
            events.append("cleaned up")

    spawn(runner, main)
    runner.turn(lambda: True)
    runner.close()
    assert events == ["cleaned up"]


def test_a_clean_up_at_the_end_may_wait_for_another_task(runner: LoopRunner) -> None:
    """Signals are fired during the end as well."""
    events = []
    bell = runner.signal()

    async def waits() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await bell.wait()
            events.append("heard")

    async def rings() -> None:
        try:
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                for _ in range(5):
                    await checkpoint()
            bell.fire()

    spawn(runner, waits)
    spawn(runner, rings)
    runner.turn(lambda: True)
    runner.close()
    assert events == ["heard"]


def test_closing_twice_is_closing_once(runner: LoopRunner) -> None:
    """`close()` may be called again."""
    runner.close()
    runner.close()


@pytest.mark.usefixtures("only_new_garbage")
def test_a_task_that_was_never_turned_leaves_no_coroutine_behind(runner: LoopRunner) -> None:
    """`close()` right after `spawn()`: nothing is warned of."""
    events = []

    async def main() -> None:
        events.append("moved")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        spawn(runner, main)
        runner.close()
        gc.collect()
    assert (events, caught) == ([], [])


def test_the_repr_tells_whether_somebody_turns(runner: LoopRunner) -> None:
    """A runner at work looks different from one at rest."""
    before, during = repr(runner), []

    async def main() -> None:
        during.append(repr(runner))

    spawn(runner, main)
    runner.turn(lambda: True)
    assert "at rest" in before
    assert "at rest" not in during[0]
