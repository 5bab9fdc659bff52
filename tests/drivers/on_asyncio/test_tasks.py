"""Tasks and signals of asyncio."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import Any

import pytest

from asgi_lockstep._drivers.on_asyncio.tasks import AsyncioApps, AsyncioSignal


class Later:
    """Keeps what is posted until `run()`."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], object]] = []

    def __call__(self, call: Callable[[], object]) -> None:
        self.calls.append(call)

    def run(self) -> None:
        """Run it."""
        calls, self.calls = self.calls, []
        for call in calls:
            call()


def at_once(call: Callable[[], object]) -> None:
    """Post to the loop that runs."""
    call()


def start(post: Callable[[Callable[[], object]], None], main: Callable[[], Any]) -> Callable[[], None]:
    """Start an app task on the running loop; returns what cancels it."""

    async def told() -> None:
        try:
            await main()
        finally:
            app.ends()

    app = AsyncioApps(asyncio.get_running_loop()).spawn(post, told, copy_context(), lambda: None)
    return app.cancel


async def passes(count: int = 5) -> None:
    """Let the loop make a few passes."""
    for _ in range(count):
        await asyncio.sleep(0)


def test_fire_wakes_everyone_who_waits() -> None:
    """All waiters go on, whatever they wait for."""

    async def main() -> None:
        signal = AsyncioSignal(asyncio.get_running_loop())
        waiters = [asyncio.ensure_future(signal.wait()) for _ in range(3)]
        await passes()
        signal.fire()
        await passes()
        assert [waiter.done() for waiter in waiters] == [True, True, True]

    asyncio.run(main())


def test_a_signal_is_not_remembered() -> None:
    """Who waits after `fire()` waits for the next one."""

    async def main() -> None:
        signal = AsyncioSignal(asyncio.get_running_loop())
        signal.fire()
        waiter = asyncio.ensure_future(signal.wait())
        await passes()
        assert not waiter.done()
        signal.fire()
        await waiter

    asyncio.run(main())


def test_a_waiter_that_was_cancelled_does_not_disturb_the_others() -> None:
    """Cancelling a `wait()` is allowed at any time."""

    async def main() -> None:
        signal = AsyncioSignal(asyncio.get_running_loop())
        cancelled, other = (asyncio.ensure_future(signal.wait()) for _ in range(2))
        await passes()
        cancelled.cancel()
        signal.fire()
        await other

    asyncio.run(main())


def test_a_signal_is_fired_between_two_turns_of_its_loop() -> None:
    """By whoever has the lock: those who wait go on with the next turn."""
    loop = asyncio.new_event_loop()
    try:
        signal = AsyncioSignal(loop)
        waiter = loop.create_task(_wait(signal))
        loop.run_until_complete(asyncio.sleep(0))
        signal.fire()
        loop.run_until_complete(waiter)
    finally:
        loop.close()
    assert signal.waiting == 0


async def _wait(signal: AsyncioSignal) -> None:
    await signal.wait()


def test_an_app_task_starts_when_it_is_posted() -> None:
    """Nothing touches the loop before."""

    async def main() -> None:
        events = []

        async def app() -> None:
            events.append("moved")

        later = Later()
        start(later, app)
        await passes()
        assert events == []
        later.run()
        await passes()
        assert events == ["moved"]

    asyncio.run(main())


@pytest.mark.usefixtures("only_new_garbage")
def test_an_app_task_is_not_lost_to_the_garbage_collector() -> None:
    """A loop keeps only weak references to its tasks, and nobody else may know this one."""

    async def main() -> None:
        events = []
        app_signal = AsyncioSignal(asyncio.get_running_loop())

        async def app() -> None:
            await app_signal.wait()
            events.append("woken")

        cancel = start(at_once, app)
        await passes()
        gc.collect()
        app_signal.fire()
        await passes()
        assert events == ["woken"]
        del cancel

    asyncio.run(main())


@pytest.mark.usefixtures("only_new_garbage")
def test_an_exception_of_an_app_task_is_not_reported_as_never_retrieved() -> None:
    """The exchange has it."""
    reported: list[dict[str, Any]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context))

        async def app() -> None:
            raise ValueError

        start(at_once, app)
        await passes()
        gc.collect()

    asyncio.run(main())
    assert reported == []


def test_cancel_cancels_the_task() -> None:
    """The task gets a CancelledError at its `await`."""

    async def main() -> None:
        events = []

        async def app() -> None:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                events.append("cancelled")
                raise

        cancel = start(at_once, app)
        await passes()
        cancel()
        await passes()
        assert events == ["cancelled"]

    asyncio.run(main())


@pytest.mark.parametrize("at", ["before it has started", "after its end"])
def test_cancel_may_come_at_any_time(at: str) -> None:
    """A task that is not there to be cancelled is not an error."""

    async def main() -> None:
        cancel = start(at_once, passes)
        if at == "after its end":
            await passes(10)
        cancel()
        await passes(10)

    asyncio.run(main())


def everyone(_: Callable[[], None]) -> None:
    """Cancel all tasks of the loop but this one, as an app may do."""
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


def of_the_user(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
    """A task factory of the user's."""
    return asyncio.Task(coro, loop=loop, **options)


@pytest.mark.parametrize("factory", [None, of_the_user])
@pytest.mark.parametrize("who", [lambda cancel: cancel(), everyone], ids=["we", "the app"])
def test_a_task_that_is_cancelled_before_its_first_step_is_told_of(
    who: Callable[[Callable[[], None]], None], factory: Any
) -> None:
    """Asyncio does not run the body of a coroutine whose task was cancelled then, whoever has cancelled it."""

    async def main() -> None:
        events: list[str] = []

        async def app() -> None:
            events.append("began")

        loop = asyncio.get_running_loop()
        loop.set_task_factory(factory)
        apps = AsyncioApps(loop)
        who(apps.spawn(at_once, app, copy_context(), lambda: events.append("never began")).cancel)
        await passes()
        assert (events, apps.running) == (["never began"], set())

    asyncio.run(main())


@pytest.mark.parametrize("factory", [None, of_the_user])
@pytest.mark.parametrize("exception", [None, KeyboardInterrupt, asyncio.CancelledError])
def test_a_task_that_has_begun_tells_of_its_end_itself(factory: Any, exception: Any) -> None:
    """However it ends; nobody is told for it, it is not referenced any more, and asyncio logs nothing of it."""
    logged: list[object] = []
    events: list[str] = []
    kept: list[Any] = []

    async def app() -> None:
        try:
            await asyncio.sleep(0)
            if exception is not None:
                raise exception
        finally:
            events.append("ended")
            kept[0].ends()

    loop = asyncio.new_event_loop()
    loop.set_task_factory(factory)
    loop.set_exception_handler(lambda _, context: logged.append(context))
    apps = AsyncioApps(loop)
    kept.append(apps.spawn(at_once, app, copy_context(), lambda: events.append("never began")))
    for _ in range(2):
        with suppress(KeyboardInterrupt):
            loop.run_until_complete(passes())
    kept[0].cancel()
    assert (events, apps.running) == (["ended"], set())
    loop.close()
    gc.collect()
    assert logged == []
