"""Tasks and signals of trio."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context

import pytest
import trio
import trio.testing

from asgi_lockstep._drivers.calls.tasks import do_nothing
from asgi_lockstep._drivers.on_trio.tasks import TrioApp, TrioSignal

rest = trio.testing.wait_all_tasks_blocked


def at_once(call: Callable[[], object]) -> None:
    """Post to the run that runs."""
    call()


def test_fire_wakes_everyone_who_waits() -> None:
    """All waiters go on."""

    async def main() -> None:
        signal = TrioSignal(at_once)
        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(signal.wait)
            await rest()
            signal.fire()

    trio.run(main)


def test_a_signal_is_not_remembered() -> None:
    """Who waits after `fire()` waits for the next one."""

    async def main() -> None:
        signal = TrioSignal(at_once)
        events = []

        async def wait() -> None:
            await signal.wait()
            events.append("woken")

        async with trio.open_nursery() as nursery:
            signal.fire()
            nursery.start_soon(wait)
            await rest()
            assert events == []
            signal.fire()
        assert events == ["woken"]

    trio.run(main)


def test_a_signal_that_nobody_waits_for_posts_nothing() -> None:
    """Most changes of an exchange are heard by nobody; they cost nothing."""
    calls: list[Callable[[], object]] = []
    TrioSignal(calls.append).fire()
    assert calls == []


def test_an_app_task_starts_when_it_is_posted() -> None:
    """Nothing touches the run before."""

    async def main() -> None:
        calls: list[Callable[[], object]] = []
        app = TrioApp(calls.append, trio.lowlevel.checkpoint, copy_context(), do_nothing)
        await rest()
        assert not app.done
        for call in calls:
            call()
        await rest()
        assert app.done

    trio.run(main)


@pytest.mark.parametrize("exception", [ValueError(), KeyboardInterrupt(), BaseExceptionGroup("", [SystemExit()])])
def test_an_exception_of_an_app_task_does_not_crash_the_run(exception: BaseException) -> None:
    """The exchange has it; a system task that raised would be an error of trio's."""

    async def main() -> None:
        async def fail() -> None:
            raise exception

        app = TrioApp(at_once, fail, copy_context(), do_nothing)
        await rest()
        assert app.done

    trio.run(main)


def test_an_app_task_does_not_belong_to_a_nursery_of_the_test() -> None:
    """Cancelling what the test has opened leaves the app alone."""

    async def main() -> None:
        apps = []
        with trio.CancelScope() as scope:
            apps.append(TrioApp(at_once, trio.sleep_forever, copy_context(), do_nothing))
            scope.cancel()
            await trio.lowlevel.checkpoint()
        (app,) = apps
        await rest()
        assert not app.done
        app.cancel()
        await rest()
        assert app.done

    trio.run(main)


def test_an_app_task_that_is_left_ends_with_the_run() -> None:
    """`trio.run` returns; the task is cancelled."""
    apps = []

    async def main() -> None:
        apps.append(TrioApp(at_once, trio.sleep_forever, copy_context(), do_nothing))
        await rest()

    trio.run(main)
    assert apps[0].done


@pytest.mark.parametrize("at", ["before it has started", "after its end"])
def test_cancel_may_come_at_any_time(at: str) -> None:
    """A task that is not there to be cancelled is not an error."""

    async def main() -> None:
        app = TrioApp(at_once, trio.lowlevel.checkpoint, copy_context(), do_nothing)
        if at == "after its end":
            await rest()
        app.cancel()
        await rest()
        assert app.done

    trio.run(main)
