"""Which tasks of a trio run belong to the app."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import copy_context
from pathlib import Path

import anyio
import trio
import trio.testing

from asgi_lockstep._drivers.calls.app_tasks import AppTask, calling
from asgi_lockstep._drivers.on_trio.app_tasks import all_tasks, app_tasks, describe
from asgi_lockstep._drivers.on_trio.tasks import NAME, TrioApp
from asgi_lockstep._protocol.exchange import Exchange, nobody
from asgi_lockstep._protocol.http_exchange import HTTPExchange

Main = Callable[[], Awaitable[None]]

rest = trio.testing.wait_all_tasks_blocked


def exchange_for(path: str = "/") -> HTTPExchange:
    """A request."""
    return HTTPExchange({"type": "http", "method": "GET", "path": path, "asgi": {"version": "3.0"}}, b"")


def at_once(call: Callable[[], object]) -> None:
    """Post to the run that runs."""
    call()


def ignore(exception: BaseException) -> None:
    """What must end the test run is not raised here."""


async def call_app(exchange: Exchange, main: Main) -> TrioApp:
    """Make `main()` a call of the app for `exchange`, as `AppCall` does, and let it come to rest."""

    async def app() -> None:
        await main()

    context = copy_context()
    context.run(calling.set, exchange)
    task = TrioApp(at_once, app, context, nobody, ignore)
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
        exchange = exchange_for()
        app = await call_app(exchange, waits)
        ((task, described),) = app_tasks()
        assert (task.name, described) == (NAME, describe(task))
        assert (described.name, described.exchange, described.created_at, line(described)) == (
            "",
            exchange,
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

        exchange = exchange_for()
        call = await call_app(exchange, app)
        assert [(task.name, task.exchange) for task in tasks_here()] == [
            ("", exchange),
            ("a", exchange),
            ("b", exchange),
            ("c", exchange),
        ]
        call.cancel()

    trio.run(main)


def test_a_system_task_that_an_app_starts_belongs_to_it() -> None:
    """It has the context of the app, if it was given that; it outlives the app call."""

    async def main() -> None:
        async def app() -> None:
            trio.lowlevel.spawn_system_task(waits, name="system", context=copy_context())

        exchange = exchange_for()
        await call_app(exchange, app)
        assert [(task.name, task.exchange, line(task)) for task in tasks_here()] == [("system", exchange, WAITS)]

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
            assert (described.name, described.exchange, described.created_at, line(described)) == (
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
        app = await call_app(exchange_for(), trio.lowlevel.checkpoint)
        assert (app.done, tasks_here()) == (True, [])

    trio.run(main)


def test_all_tasks_are_those_of_the_test_and_of_apps() -> None:
    """Trio's own among them."""

    async def main() -> None:
        app = await call_app(exchange_for(), waits)
        names = [task.name for task in all_tasks()]
        assert {NAME, trio.lowlevel.current_task().name} <= set(names)
        assert len(names) == len(set(all_tasks()))
        app.cancel()

    trio.run(main)
