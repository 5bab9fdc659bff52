"""What may still move something on a watched loop, and limits: no alarm."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import anyio
import anyio.to_thread
import pytest
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.calls.contract import Outcome
from asgi_lockstep._drivers.rest.watch import Watch
from asgi_lockstep._protocol.steps import Move
from drivers.watches import Main, readable, signal_here, waits, waits_in_vain, watch_here

#: The module with the names that Windows does not have.
SIGNALS: Any = signal

#: How many looks without an alarm show that there is none.
MANY: Final = 6

pytestmark = pytest.mark.usefixtures("no_hang")


@contextmanager
def looks_of(watch: Watch, then: Callable[[], object], count: int = MANY) -> Iterator[list[bool]]:
    """Whether each look found that nothing can move; after so many of them, something happens."""
    looks: list[bool] = []
    look = watch.look

    def noting(waited: float, blocked: bool) -> None:
        looks.append(blocked)
        look(waited, blocked)
        if len(looks) == count:
            then()

    setattr(watch, "look", noting)  # noqa: B010 - of this watch only
    try:
        yield looks
    finally:
        delattr(watch, "look")


async def looked_at() -> tuple[Outcome | None, list[bool]]:
    """What becomes of a wait whose answer comes after many looks, and what each of them found."""
    answers: list[str] = []
    changed = signal_here()

    def answer() -> None:
        answers.append("answer")
        changed.fire()

    with looks_of(watch_here(), answer) as looks:
        outcome = await waits(watch_here(), Move(lambda: bool(answers), "an answer"), changed)
    return outcome, looks


#: What is found where something may still move, however long it takes.
NO_ALARM: Final = (None, [False] * MANY)


# What may still move something.


def test_a_pending_timer_is_no_alarm(run_real: Callable[[Main], Any]) -> None:
    """Whatever its time."""

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep, 3600)
            assert await looked_at() == NO_ALARM
            group.cancel_scope.cancel()

    run_real(main)


def test_a_thread_is_no_alarm(run_real: Callable[[Main], Any]) -> None:
    """It may know the loop, and call in."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, args=(3600,))

    async def main() -> None:
        thread.start()
        try:
            assert await looked_at() == NO_ALARM
        finally:
            stop.set()
            thread.join()

    run_real(main)


def test_a_job_in_a_worker_thread_is_no_alarm(run_real: Callable[[Main], Any]) -> None:
    """A task waits for it."""
    stop = threading.Event()

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: anyio.to_thread.run_sync(stop.wait, 3600))
            try:
                assert await looked_at() == NO_ALARM
            finally:
                stop.set()

    run_real(main)


def test_a_socket_is_no_alarm(run_real: Callable[[Main], Any]) -> None:
    """Bytes may come from there."""

    async def main() -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with ours, theirs:
            async with anyio.create_task_group() as group:
                group.start_soon(lambda: readable(ours))
                assert await looked_at() == NO_ALARM
                group.cancel_scope.cancel()

    run_real(main)


async def spins() -> None:
    """A task that is ready all the time."""
    while True:
        await checkpoint()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals that a test could send")
def test_a_signal_handler_is_no_alarm(run_real: Callable[[Main], Any]) -> None:
    """A signal may come."""

    async def main() -> None:
        before = signal.signal(SIGNALS.SIGUSR1, lambda *_: None)
        try:
            assert await looked_at() == NO_ALARM
        finally:
            signal.signal(SIGNALS.SIGUSR1, before)

    run_real(main)


def test_a_task_that_spins_is_no_alarm(run_real: Callable[[Main], Any]) -> None:
    """Something is ready all the time."""

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(spins)
            assert await looked_at() == NO_ALARM
            group.cancel_scope.cancel()

    run_real(main)


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not exist for Windows")
def test_nothing_is_ever_proven_on_a_loop_that_shows_nothing() -> None:
    """Not even where nothing is."""

    async def main() -> None:
        assert await looked_at() == NO_ALARM

    anyio.run(main, backend_options={"use_uvloop": True})


# Limits.


def test_a_limit_ends_a_wait_for_what_may_still_come(run_real: Callable[[Main], Any]) -> None:
    """The timer is later than that."""

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep, 3600)
            assert await waits_in_vain(0.02) is Outcome.TIMED_OUT
            group.cancel_scope.cancel()

    run_real(main)


def test_a_limit_ends_the_wait_for_an_app_that_spins(run_real: Callable[[Main], Any]) -> None:
    """It never answers."""

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(spins)
            assert await waits_in_vain(0.02) is Outcome.TIMED_OUT
            group.cancel_scope.cancel()

    run_real(main)
