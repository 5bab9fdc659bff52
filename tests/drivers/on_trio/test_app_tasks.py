"""Which tasks of a trio run belong to the app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import copy_context
from pathlib import Path
from typing import Any

import anyio
import trio
import trio.testing

from asgi_lockstep._drivers.calls.app_call import AppCall, calling
from asgi_lockstep._drivers.calls.app_tasks import AppTask
from asgi_lockstep._drivers.calls.tasks import do_nothing
from asgi_lockstep._drivers.on_trio.app_tasks import all_tasks, app_tasks, describe
from asgi_lockstep._drivers.on_trio.tasks import NAME, TrioApp
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from drivers.awaiting import call_for

Main = Callable[[], Awaitable[None]]

rest = trio.testing.wait_all_tasks_blocked


def call_of(path: str = "/") -> AppCall[Any]:
    """A request."""
    scope = {"type": "http", "method": "GET", "path": path, "asgi": {"version": "3.0"}}
    return call_for(HTTPExchange(scope, b""))


def at_once(call: Callable[[], object]) -> None:
    """Post to the run that runs."""
    call()


async def call_app(call: AppCall[Any], main: Main) -> TrioApp:
    """Make `main()` the task of `call`, as `AppCall` does, and let it come to rest."""

    async def app() -> None:
        await main()

    context = copy_context()
    context.run(calling.set, call)
    task = TrioApp(at_once, app, context, do_nothing)
    await rest()
    return task


def tasks_here() -> list[AppTask]:
    """What is said about the tasks of apps in the current run."""
    return [described for _, described in app_tasks()]


async def waits() -> None:
    """Never ends."""
    await trio.sleep_forever()


LINES = [line.strip() for line in Path(__file__).read_text("utf-8").splitlines()]
WAITS = LINES.index("await trio.sleep_forever()") + 1


def line(task: AppTask) -> int | None:
    """The line at which it stands."""
    return None if task.stands_at is None else task.stands_at.line


def test_the_call_of_an_app_is_its_task_without_a_name() -> None:
    """Trio knows it by the name that we gave it; where a task was created trio does not tell."""

    async def main() -> None:
        call = call_of()
        app = await call_app(call, waits)
        ((task, described),) = app_tasks()
        assert (task.name, described) == (NAME, describe(task))
        assert (described.name, described.call, described.created_at, line(described)) == (
            "",
            call,
            None,
            WAITS,
        )
        app.cancel()

    trio.run(main)


def test_tasks_that_an_app_starts_belong_to_it() -> None:
    """In its nursery or task group, and below; the parents come first, then the names count."""

    async def child() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(waits, name="c")

    async def main() -> None:
        async def app() -> None:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(child, name="b")
                nursery.start_soon(waits, name="a")

        call = call_of()
        running = await call_app(call, app)
        assert [(task.name, task.call) for task in tasks_here()] == [
            ("", call),
            ("a", call),
            ("b", call),
            ("c", call),
        ]
        running.cancel()

    trio.run(main)


def test_a_system_task_that_an_app_starts_belongs_to_it() -> None:
    """It has the context of the app, if it was given that; it outlives the app call."""

    async def main() -> None:
        async def app() -> None:
            trio.lowlevel.spawn_system_task(waits, name="system", context=copy_context())

        call = call_of()
        await call_app(call, app)
        assert [(task.name, task.call, line(task)) for task in tasks_here()] == [("system", call, WAITS)]

    trio.run(main)


def test_tasks_of_the_test_belong_to_nobody() -> None:
    """They are not listed; a description says that no app made them."""

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(waits, name="of the test")
            await rest()
            (task,) = nursery.child_tasks
            described = describe(task)
            assert tasks_here() == []
            assert (described.name, described.call, described.created_at, line(described)) == (
                "of the test",
                None,
                None,
                WAITS,
            )
            nursery.cancel_scope.cancel()

    trio.run(main)


def test_a_task_that_has_ended_is_not_listed() -> None:
    """It is nobody's any more."""

    async def main() -> None:
        app = await call_app(call_of(), trio.lowlevel.checkpoint)
        assert (app.done, tasks_here()) == (True, [])

    trio.run(main)


def test_all_tasks_are_those_of_the_test_and_of_apps() -> None:
    """Trio's own among them."""

    async def main() -> None:
        app = await call_app(call_of(), waits)
        names = [task.name for task in all_tasks()]
        assert {NAME, trio.lowlevel.current_task().name} <= set(names)
        assert len(names) == len(set(all_tasks()))
        app.cancel()

    trio.run(main)
