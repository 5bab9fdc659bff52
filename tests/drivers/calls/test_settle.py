"""Rest on a loop that is not ours, asyncio and trio (the `settle` of both backends)."""

from __future__ import annotations

import asyncio
import sys
import types
from collections.abc import Awaitable, Callable, Generator
from contextlib import suppress
from typing import Any

import anyio
import pytest
import trio
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.calls.contract import PASSES_AFTER_ANSWER
from asgi_lockstep._drivers.on_asyncio.settle import settle_asyncio
from asgi_lockstep._drivers.on_trio.settle import settle_trio
from asgi_lockstep._drivers.turning.backends import running_backend

BACKENDS: dict[str, tuple[str, dict[str, Any]]] = {
    "asyncio": ("asyncio", {}),
    "uvloop": ("asyncio", {"use_uvloop": True}),
    "trio": ("trio", {}),
}


@pytest.fixture(params=BACKENDS)
def run(request: pytest.FixtureRequest) -> Callable[[Callable[[], Awaitable[None]]], None]:
    """Runs an async function on each kind of loop."""
    if request.param == "uvloop" and sys.platform == "win32":
        pytest.skip("uvloop does not exist for Windows")
    backend, options = BACKENDS[request.param]
    return lambda main: anyio.run(main, backend=backend, backend_options=options)


Run = Callable[[Callable[[], Awaitable[None]]], None]


async def settle() -> None:
    """Settle on the loop that runs."""
    await running_backend().caller_loop().settle()


@pytest.mark.parametrize("length", [0, 1, 5, 30])
def test_settling_waits_until_other_tasks_rest(run: Run, length: int) -> None:
    """A task that is ready again and again is seen to its end."""
    events = []

    async def work() -> None:
        for _ in range(length):
            await checkpoint()
        events.append("done")

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(work)
            await settle()
            assert events == ["done"]

    run(main)


def test_settling_follows_a_chain_of_tasks(run: Run) -> None:
    """Each task wakes the next one; the last one has run when settling is over."""
    events = []

    async def link(before: anyio.Event, after: anyio.Event, number: int) -> None:
        await before.wait()
        events.append(number)
        after.set()

    async def main() -> None:
        bells = [anyio.Event() for _ in range(11)]
        async with anyio.create_task_group() as group:
            for number in range(10):
                group.start_soon(link, bells[number], bells[number + 1], number)
            await settle()
            assert events == []
            bells[0].set()
            await settle()
            assert events == list(range(10))

    run(main)


def test_settling_is_bounded_for_a_task_that_spins(run: Run) -> None:
    """After PASSES_AFTER_ANSWER passes the caller gets its thread back."""
    spins: list[str] = []

    async def spin() -> None:
        while len(spins) < 20_000:
            spins.append("spin")
            await checkpoint()

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(spin)
            await settle()
            group.cancel_scope.cancel()

    run(main)
    assert PASSES_AFTER_ANSWER // 2 <= len(spins) <= PASSES_AFTER_ANSWER + 5


@pytest.mark.parametrize("settlers", [1, 2, 5])
def test_settlers_do_not_keep_each_other_awake(run: Run, settlers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a loop where everything else waits, they need no bound."""
    monkeypatch.setattr("asgi_lockstep._drivers.on_asyncio.settle.PASSES_AFTER_ANSWER", sys.maxsize)
    monkeypatch.setattr("asgi_lockstep._drivers.on_trio.settle.PASSES_AFTER_ANSWER", sys.maxsize)

    async def main() -> None:
        async with anyio.create_task_group() as waiting:
            waiting.start_soon(anyio.sleep_forever)
            with anyio.fail_after(30):
                async with anyio.create_task_group() as group:
                    for _ in range(settlers):
                        group.start_soon(settle)
            waiting.cancel_scope.cancel()

    run(main)


def test_many_settlers_return_together(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each in a task that ends then: as many passes as for one, and not one more for each other one."""
    monkeypatch.setattr("asgi_lockstep._drivers.on_asyncio.settle.PASSES_AFTER_ANSWER", sys.maxsize)
    monkeypatch.setattr("asgi_lockstep._drivers.on_trio.settle.PASSES_AFTER_ANSWER", sys.maxsize)
    passes: list[int] = []

    @types.coroutine
    def settle_and_count() -> Generator[Any, Any, None]:
        steps, sent = 0, None
        settling = settle().__await__()
        with suppress(StopIteration):
            while True:
                steps, sent = steps + 1, (yield settling.send(sent))
        passes.append(steps)

    async def settler() -> None:
        await settle_and_count()

    async def main() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(100):
                group.start_soon(settler)

    run(main)
    assert (len(passes), max(passes) <= 10) == (100, True)


def test_two_settlers_both_return(run: Run) -> None:
    """Two that settle over and over, in step or out of it, both come to their end."""
    rounds: list[int] = []

    async def settler(number: int) -> None:
        for _ in range(10 + number):
            await settle()
        rounds.append(number)

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(settler, 1)
            group.start_soon(settler, 2)

    run(main)
    assert sorted(rounds) == [1, 2]


@pytest.mark.parametrize("how", ["returns", "is cancelled"])
def test_settling_leaves_the_asyncio_loop_as_it_was(how: str) -> None:
    """No instance attribute `call_soon` is left behind."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        tasks = [asyncio.create_task(settle_asyncio(loop)) for _ in range(2)]
        if how == "is cancelled":
            await asyncio.sleep(0)
            assert "call_soon" in vars(loop)
            for task in tasks:
                task.cancel()
        await asyncio.wait(tasks)
        assert "call_soon" not in vars(loop)

    asyncio.run(main())


def test_settling_puts_back_what_somebody_else_had_replaced() -> None:
    """A `call_soon` that a debugging tool has set on the loop stays there."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        theirs = loop.call_soon
        setattr(loop, "call_soon", theirs)  # noqa: B010 - mypy refuses the assignment
        await settle_asyncio(loop)
        assert vars(loop)["call_soon"] is theirs

    asyncio.run(main())


def test_settling_adds_one_instrument_to_a_run() -> None:
    """On trio it stays, however often somebody settles, and whether that is cancelled or not: to add one is dear."""

    async def main() -> None:
        with trio.CancelScope() as scope:
            scope.cancel()
            await settle_trio()
        assert scope.cancelled_caught
        for _ in range(3):
            await settle_trio()
        assert len([kind for kind in _instruments() if "asgi_lockstep" in kind.__module__]) == 1

    for _ in range(2):
        trio.run(main)


def _instruments() -> list[type]:
    """The kinds of the instruments of the run."""
    context: Any = vars(trio)["_core"]._run.GLOBAL_RUN_CONTEXT  # there is no public way to see them
    return [type(instrument) for instrument in context.runner.instruments["_all"]]
