"""What a look of the watch means, whom it looks after, and how it says what may still come."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import weakref
from collections.abc import Callable
from typing import Any

import anyio
import anyio.to_thread
import pytest
import trio
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.calls.contract import Outcome
from asgi_lockstep._drivers.on_asyncio import loop_internals
from asgi_lockstep._drivers.on_trio.app_tasks import all_tasks
from asgi_lockstep._drivers.rest.watch import Waiter, Watch
from drivers.awaiting import request
from drivers.watches import Main, ScriptedWatch, readable, waits_in_vain, watch_here

pytestmark = pytest.mark.usefixtures("no_hang")


class Told:
    """A waiter of which the test knows how often it was woken."""

    def __init__(self, limit: float | None = None) -> None:
        self.woken = 0
        self.awaited = request(limit)
        self.waiter = Waiter(self.awaited, self._wake, None)

    def _wake(self) -> None:
        self.woken += 1

    @property
    def seen(self) -> tuple[Outcome | None, int]:
        """What became of it."""
        return self.waiter.outcome, self.woken


def test_one_look_proves_nothing() -> None:
    """A thread may have called in just before it was looked for: the next pass runs its call."""
    watch, told = ScriptedWatch(), Told()
    watch.add(told.waiter)
    seen = []
    for blocked in (True, False, True, True):
        watch.look(0, blocked)
        seen.append(told.seen)
    assert seen == [(None, 0), (None, 0), (None, 0), (Outcome.STALLED, 1)]


def test_looks_before_it_waited_prove_nothing_for_a_waiter() -> None:
    """The alarm that another got is over."""
    watch, before, after = ScriptedWatch(), Told(), Told()
    watch.add(before.waiter)
    watch.look(0, True)
    watch.look(0, True)
    watch.waiters.discard(before.waiter)
    watch.add(after.waiter)
    watch.look(0, True)
    assert (before.seen, after.seen) == ((Outcome.STALLED, 1), (None, 0))


def test_the_limit_of_each_waiter_counts_for_itself() -> None:
    """The time since the last look; a message of its exchange begins it anew."""
    watch, short, long, endless = ScriptedWatch(), Told(1.0), Told(2.0), Told(None)
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
    watch = ScriptedWatch()
    waiter = Waiter(None, lambda: None, None)
    watch.add(waiter)
    watch.look(1e9, False)
    assert waiter.outcome is None


# A clock that stands still.


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Real seconds, as the test says."""
    seconds = [0.0]
    monkeypatch.setattr("asgi_lockstep._drivers.rest.watch.real_time", lambda: seconds[0])
    return seconds


def nudged(watch: ScriptedWatch, clock: list[float], at: float) -> None:
    """Have a watch nudged, and its loop run."""
    clock[0] = at
    watch.nudge()
    watch.run()


def test_real_seconds_count_where_the_clock_of_the_loop_stands_still(clock: list[float]) -> None:
    """Those between two nudges; the first only notes the time."""
    watch, told = ScriptedWatch(), Told(2.0)
    watch.add(told.waiter)
    seen = []
    for at in (10.0, 11.0, 12.0):
        nudged(watch, clock, at)
        seen.append(told.seen)
    assert seen == [(None, 0), (None, 0), (Outcome.TIMED_OUT, 1)]


def test_a_loop_that_was_blocked_has_not_waited(clock: list[float]) -> None:
    """Its clock went on."""
    watch, told = ScriptedWatch(), Told(2.0)
    watch.add(told.waiter)
    for at in (10.0, 20.0, 30.0):
        watch.time = at
        nudged(watch, clock, at)
    assert told.seen == (None, 0)


@pytest.mark.parametrize("event", [lambda watch: watch.look(0, False), lambda watch: watch.add(Told().waiter)])
def test_what_happens_between_two_nudges_begins_the_count_anew(
    clock: list[float], event: Callable[[Watch], object]
) -> None:
    """A look by the timer of the loop: its clock goes on. Another waiter: it has not waited for so long."""
    watch, told = ScriptedWatch(), Told(2.0)
    watch.add(told.waiter)
    nudged(watch, clock, 10.0)
    event(watch)
    nudged(watch, clock, 100.0)
    assert told.seen == (None, 0)


def test_a_loop_that_does_not_run_is_nudged_once(clock: list[float]) -> None:
    """Whatever it does in that pass, one nudge is enough; and it is a beat, so that nothing is reported as blocked."""
    watch = ScriptedWatch()
    watch.nudge()
    watch.nudge()
    called_in, before = len(watch.called_in), watch.beats
    watch.run()
    watch.nudge()
    assert (called_in, before, watch.beats, len(watch.called_in)) == (1, 0, 1, 1)


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
    thread = threading.Thread(target=stop.wait, args=(3600,), name="a thread")

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
