"""The watch over client calls that wait on a loop which is not ours."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
import threading
import weakref
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import anyio
import anyio.to_thread
import pytest
import trio
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.calls.contract import Outcome
from asgi_lockstep._drivers.calls.tasks import Signal
from asgi_lockstep._drivers.inspection.starting_threads import NEW_THREADS
from asgi_lockstep._drivers.on_asyncio import loop_internals
from asgi_lockstep._drivers.on_trio.app_tasks import all_tasks
from asgi_lockstep._drivers.rest.watch import Waiter, Watch
from asgi_lockstep._drivers.turning.backends import running_backend
from asgi_lockstep._protocol.steps import Move
from asgi_lockstep.clock import virtual_loop_factory, virtual_trio_clock
from drivers.awaiting import request

#: The module with the names that Windows does not have.
SIGNALS: Any = signal


#: How many looks without an alarm show that there is none.
MANY: Final = 6

Main = Callable[[], Awaitable[None]]

pytestmark = pytest.mark.usefixtures("alone", "no_hang")


@pytest.fixture(autouse=True)
def new_threads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many threads have not begun: those that other tests have left behind do not count."""
    found = [0]
    monkeypatch.setattr(NEW_THREADS, "may_begin", lambda _since: bool(found[0]))
    return found


BACKENDS: Final[dict[str, Callable[[Main], Any]]] = {
    "asyncio": lambda main: anyio.run(main, backend="asyncio"),
    "trio": lambda main: anyio.run(main, backend="trio"),
    "virtual-asyncio": lambda main: anyio.run(main, backend_options={"loop_factory": virtual_loop_factory}),
    "virtual-trio": lambda main: anyio.run(main, backend="trio", backend_options={"clock": virtual_trio_clock()}),
}

#: Those whose clock is real, and that show what they wait for.
REAL: Final = ["asyncio", "trio"]


@pytest.fixture(params=BACKENDS)
def run(request: pytest.FixtureRequest) -> Callable[[Main], Any]:
    """Runs an async function on each kind of loop that shows what it waits for."""
    return BACKENDS[request.param]


@pytest.fixture(params=REAL)
def run_real(request: pytest.FixtureRequest) -> Callable[[Main], Any]:
    """The same for loops with a real clock."""
    return BACKENDS[request.param]


def never() -> bool:
    """A condition that never holds."""
    return False


def watch_here() -> Watch:
    """The watch of the running loop."""
    return running_backend().caller_loop().watch


def signal_here() -> Signal:
    """A new signal of the running loop."""
    return running_backend().caller_loop().signal()


async def readable(ours: socket.socket) -> None:
    """Wait for bytes."""
    await anyio.wait_readable(ours)


async def waits(watch: Watch, move: Move, changed: Signal, limit: float | None = None) -> Outcome | None:
    """Why a wait was in vain; None if it was not."""
    waiter = await watch.wait(move, request(limit), changed)
    return None if waiter is None else waiter.outcome


async def waits_in_vain(limit: float | None = None) -> Outcome | None:
    """What becomes of a wait for what never comes."""
    return await waits(watch_here(), Move(never, "the moon"), signal_here(), limit)


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

        class Late(Watch):
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
    thread = threading.Thread(target=stop.wait)

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
            group.start_soon(lambda: anyio.to_thread.run_sync(stop.wait))
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
        async def spin() -> None:
            while True:
                await checkpoint()

        async with anyio.create_task_group() as group:
            group.start_soon(spin)
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
        async def spin() -> None:
            while True:
                await checkpoint()

        async with anyio.create_task_group() as group:
            group.start_soon(spin)
            assert await waits_in_vain(0.02) is Outcome.TIMED_OUT
            group.cancel_scope.cancel()

    run_real(main)


# What a look means.


class Told:
    """A waiter of which the test knows how often it was woken."""

    def __init__(self, limit: float | None = None) -> None:
        self.woken = 0
        self.awaited = request(limit)
        self.waiter = Waiter(self.awaited, self._wake)

    def _wake(self) -> None:
        self.woken += 1

    @property
    def seen(self) -> tuple[Outcome | None, int]:
        """What became of it."""
        return self.waiter.outcome, self.woken


def test_one_look_proves_nothing() -> None:
    """A thread may have called in just before it was looked for: the next pass runs its call."""
    watch, told = Watch(), Told()
    watch.add(told.waiter)
    seen = []
    for blocked in (True, False, True, True):
        watch.look(0, blocked)
        seen.append(told.seen)
    assert seen == [(None, 0), (None, 0), (None, 0), (Outcome.STALLED, 1)]


def test_nothing_is_proven_while_a_thread_has_not_begun(new_threads: list[int]) -> None:
    """Nobody knows yet what it will do."""
    watch, told = Watch(), Told()
    watch.add(told.waiter)
    new_threads[0] = 1
    for _ in range(5):
        watch.look(0, True)
    before, new_threads[0] = told.seen, 0
    watch.look(0, True)
    assert (before, told.seen) == ((None, 0), (Outcome.STALLED, 1))


def test_looks_before_it_waited_prove_nothing_for_a_waiter() -> None:
    """The alarm that another got is over."""
    watch, before, after = Watch(), Told(), Told()
    watch.add(before.waiter)
    watch.look(0, True)
    watch.look(0, True)
    watch.waiters.discard(before.waiter)
    watch.add(after.waiter)
    watch.look(0, True)
    assert (before.seen, after.seen) == ((Outcome.STALLED, 1), (None, 0))


def test_the_limit_of_each_waiter_counts_for_itself() -> None:
    """The time since the last look; a message of its exchange begins it anew."""
    watch, short, long, endless = Watch(), Told(1.0), Told(2.0), Told(None)
    for told in (short, long, endless):
        watch.add(told.waiter)
    watch.look(0.9, False)
    watch.look(0.9, False)
    seen = [short.seen, long.seen]
    long.awaited.events += 1
    watch.look(0.9, False)
    watch.look(0.9, False)
    seen += [long.seen, endless.seen]
    assert seen == [(Outcome.TIMED_OUT, 1), (None, 0), (None, 0), (None, 0)]


def test_a_wait_for_no_exchange_has_no_limit() -> None:
    """It waits for as long as something can happen."""
    watch = Watch()
    waiter = Waiter(None, lambda: None)
    watch.add(waiter)
    watch.look(1e9, False)
    assert waiter.outcome is None


# One watch for one loop.


def test_every_loop_has_one_watch(run: Callable[[Main], Any]) -> None:
    """Two clients share it, and two loops do not."""
    watches: list[Watch] = []

    async def main() -> None:
        watches.extend([watch_here(), watch_here()])

    run(main)
    run(main)
    assert [watch is watches[0] for watch in watches] == [True, True, False, False]


def test_nothing_is_left_on_a_loop_when_nobody_waits() -> None:
    """The last timer fires, and sets no other."""

    async def main() -> None:
        await waits_in_vain()
        loop = asyncio.get_running_loop()
        for _ in range(30_000):
            if loop_internals.timers(loop) == []:
                return
            await asyncio.sleep(0)
            await anyio.to_thread.run_sync(threading.Event().wait, 0.001)
        raise AssertionError

    asyncio.run(main())


def test_nothing_is_left_on_a_trio_run_when_nobody_waits() -> None:
    """The task that looks ends."""

    async def main() -> None:
        await waits_in_vain()
        for _ in range(30_000):
            if not any(task.name == "asgi-lockstep watch" for task in all_tasks()):
                return
            await trio.sleep(0.001)
        raise AssertionError

    trio.run(main)


@pytest.mark.usefixtures("only_new_garbage")
def test_a_watch_does_not_keep_its_loop_alive() -> None:
    """A suite has hundreds of loops."""
    loops: list[weakref.ref[asyncio.AbstractEventLoop]] = []

    async def main() -> None:
        loops.append(weakref.ref(asyncio.get_running_loop()))
        await waits_in_vain()

    asyncio.run(main())
    gc.collect()
    assert loops[0]() is None


# In words.


def test_what_may_still_come_is_said_in_words(run_real: Callable[[Main], Any]) -> None:
    """Threads and sockets."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="a thread")

    async def main() -> None:
        ours, theirs = socket.socketpair()
        thread.start()
        with ours, theirs:
            async with anyio.create_task_group() as group:
                group.start_soon(lambda: readable(ours))
                for _ in range(3):
                    await checkpoint()
                (of_thread, of_file) = watch_here().world.outside()
                assert of_thread.startswith("thread 'a thread'")
                assert of_file.startswith((f"socket {ours.fileno()}, connected to ", "a socket that a task waits for"))
                stop.set()
                group.cancel_scope.cancel()

    try:
        run_real(main)
    finally:
        stop.set()
        thread.join()
