"""The watch over client calls that wait on a loop which is not ours."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import anyio
import anyio.to_thread
import pytest
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.calls.contract import Outcome
from asgi_lockstep._drivers.rest.watch import Waiter
from asgi_lockstep._protocol.steps import Move
from drivers.watches import BACKENDS, REAL, Main, ScriptedWatch, signal_here, waits, waits_in_vain, watch_here

pytestmark = pytest.mark.usefixtures("no_hang")


# The alarm.


def test_a_wait_for_what_can_never_come_is_stalled(run: Callable[[Main], Any]) -> None:
    """Nothing is ready, and there is no timer, no socket, no thread and no signal handler."""

    async def main() -> None:
        assert await waits_in_vain() is Outcome.STALLED

    run(main)


def test_all_who_wait_in_vain_are_told(run: Callable[[Main], Any]) -> None:
    """Two calls that wait for each other's app, for example."""
    outcomes: list[Outcome | None] = []

    async def one() -> None:
        outcomes.append(await waits_in_vain())

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(one)
            group.start_soon(one)

    run(main)
    assert outcomes == [Outcome.STALLED] * 2


def test_a_wait_after_an_alarm_is_watched_too(run: Callable[[Main], Any]) -> None:
    """The watch begins again."""
    outcomes: list[Outcome | None] = []

    async def main() -> None:
        outcomes.extend([await waits_in_vain(), await waits_in_vain()])

    run(main)
    assert outcomes == [Outcome.STALLED] * 2


def test_a_task_that_waits_for_an_event_is_no_reason_to_wait(run: Callable[[Main], Any]) -> None:
    """Whoever could set it waits, too; nor is one that sleeps for ever."""

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.Event().wait)
            group.start_soon(anyio.sleep_forever)
            assert await waits_in_vain() is Outcome.STALLED
            group.cancel_scope.cancel()

    run(main)


@pytest.mark.parametrize("backend", REAL)
def test_an_idle_worker_thread_is_no_reason_to_wait(backend: str) -> None:
    """Libraries keep theirs for the next job; nobody waits for one that it would have."""

    async def main() -> None:
        await anyio.to_thread.run_sync(threading.get_ident)
        assert await waits_in_vain() is Outcome.STALLED

    BACKENDS[backend](main)


# An answer.


def test_an_answer_that_is_there_is_not_waited_for(run: Callable[[Main], Any]) -> None:
    """Nobody looks."""

    async def main() -> None:
        assert await waits(watch_here(), Move(lambda: True, "nothing"), signal_here()) is None

    run(main)


def test_an_answer_that_comes_late_is_no_alarm(run: Callable[[Main], Any]) -> None:
    """A timer brings it, however late."""

    async def main() -> None:
        answers: list[str] = []
        changed = signal_here()

        async def app() -> None:
            await anyio.sleep(0.1)
            answers.append("answer")
            changed.fire()

        async with anyio.create_task_group() as group:
            group.start_soon(app)
            assert await waits(watch_here(), Move(lambda: bool(answers), "an answer"), changed) is None

    run(main)


def test_an_answer_in_the_last_moment_counts() -> None:
    """It came while the waiter was told that it would not."""

    async def main() -> None:
        answers: list[str] = []
        changed = signal_here()

        class Late(ScriptedWatch):
            def add(self, waiter: Waiter) -> None:
                super().add(waiter)
                answers.append("answer")
                waiter.end(Outcome.STALLED)

        assert await waits(Late(), Move(lambda: bool(answers), "an answer"), changed) is None

    asyncio.run(main())


def test_a_signal_without_an_answer_is_waited_on(run: Callable[[Main], Any]) -> None:
    """The exchange has changed, and not to what was waited for."""
    steps: list[int] = []

    async def main() -> None:
        changed = signal_here()

        async def app() -> None:
            for number in range(3):
                await checkpoint()
                steps.append(number)
                changed.fire()

        async with anyio.create_task_group() as group:
            group.start_soon(app)
            assert await waits(watch_here(), Move(lambda: len(steps) == 3, "three"), changed) is None

    run(main)


def test_a_waiter_with_an_answer_does_not_keep_another_waiting(run: Callable[[Main], Any]) -> None:
    """As soon as it has it, the other is alone with what never comes."""
    outcomes: dict[str, Outcome | None] = {}

    async def main() -> None:
        async def one() -> None:
            outcomes["answer"], looks = await looked_at_with_timer()
            assert looks

        async def two() -> None:
            outcomes["vain"] = await waits_in_vain()

        async with anyio.create_task_group() as group:
            group.start_soon(one)
            group.start_soon(two)

    async def looked_at_with_timer() -> tuple[Outcome | None, bool]:
        answers: list[str] = []
        changed = signal_here()

        async def app() -> None:
            await anyio.sleep(0.05)
            answers.append("answer")
            changed.fire()

        async with anyio.create_task_group() as group:
            group.start_soon(app)
            outcome = await waits(watch_here(), Move(lambda: bool(answers), "an answer"), changed)
        return outcome, bool(answers)  # pyright: ignore[reportPossiblyUnboundVariable]

    run(main)
    assert outcomes == {"answer": None, "vain": Outcome.STALLED}
