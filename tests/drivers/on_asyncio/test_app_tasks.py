"""Which tasks of an asyncio loop belong to the app, and where they were created."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from pathlib import Path
from typing import Any

import anyio
import pytest

from asgi_lockstep._drivers.calls.app_call import AppCall, calling, numbers
from asgi_lockstep._drivers.calls.app_tasks import AppTask
from asgi_lockstep._drivers.calls.tasks import do_nothing
from asgi_lockstep._drivers.on_asyncio.app_tasks import app_tasks, describe, new_task, take_notes
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from drivers.awaiting import call_for

Main = Callable[[], Coroutine[Any, Any, Any]]


def call_of(path: str = "/") -> AppCall[Any]:
    """A request."""
    scope = {"type": "http", "method": "GET", "path": path, "asgi": {"version": "3.0"}}
    return call_for(HTTPExchange(scope, b""))


#: The app calls of the running test: asyncio itself keeps no task alive.
KEPT: list[asyncio.Task[Any]] = []


async def call_app(call: AppCall[Any], main: Main) -> asyncio.Task[Any]:
    """Make `main()` the task of `call`, as `AppCall` does, and let it come to rest."""
    call.number = next(numbers)
    context = copy_context()
    context.run(calling.set, call)
    loop = asyncio.get_running_loop()
    take_notes(loop)
    task = new_task(loop, main(), context, do_nothing)
    KEPT.append(task)
    await passes()
    return task


async def passes(count: int = 5) -> None:
    """Let the loop make a few passes."""
    for _ in range(count):
        await asyncio.sleep(0)


def run(main: Main) -> Any:
    """Run `main()` on a loop that takes notes, and cancel what it leaves."""

    async def noted() -> Any:
        take_notes(asyncio.get_running_loop())
        return await main()

    try:
        return asyncio.run(noted())
    finally:
        KEPT.clear()


def line_of(text: str) -> int:
    """The number of the first line of this file that is `text`."""
    lines = [line.strip() for line in Path(__file__).read_text("utf-8").splitlines()]
    return lines.index(text) + 1


def tasks_here() -> list[AppTask]:
    """What is said about the tasks of apps on the running loop."""
    return [described for _, described in app_tasks(asyncio.get_running_loop())]


def shown(tasks: list[AppTask]) -> list[tuple[str, AppCall[Any] | None, int | None, int | None]]:
    """Name, call, and the lines at which each was created and stands."""
    return [
        (
            task.name,
            task.call,
            None if task.created_at is None else task.created_at.line,
            None if task.stands_at is None else task.stands_at.line,
        )
        for task in tasks
    ]


async def waits() -> None:
    """Never ends."""
    await asyncio.Event().wait()


WAITS = line_of("await asyncio.Event().wait()")


def test_the_call_of_an_app_is_its_task_without_a_name() -> None:
    """It was created by us."""

    async def main() -> None:
        call = call_of()
        task = await call_app(call, waits)
        assert app_tasks(asyncio.get_running_loop()) == [(task, describe(task))]
        assert shown(tasks_here()) == [("", call, None, WAITS)]

    run(main)


def test_a_task_that_an_app_creates_belongs_to_its_exchange() -> None:
    """With the line that created it, and its name."""

    async def main() -> None:
        async def app() -> None:
            kept.append(asyncio.create_task(waits(), name="mine"))
            await waits()

        kept: list[asyncio.Task[None]] = []
        call = call_of()
        await call_app(call, app)
        line = line_of('kept.append(asyncio.create_task(waits(), name="mine"))')
        assert sorted(shown(tasks_here()), key=lambda task: task[0]) == [
            ("", call, None, WAITS),
            ("mine", call, line, WAITS),
        ]

    run(main)


@pytest.mark.parametrize("how", ["task group", "anyio", "gather", "ensure_future", "loop"])
def test_however_a_task_is_created_the_line_of_the_user_is_noted(how: str) -> None:
    """And not one of the library in between."""

    async def in_task_group() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(waits())  # created here

    async def in_anyio() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(waits)  # created here

    async def by_gather() -> None:
        await asyncio.gather(waits())  # created here

    async def by_ensure_future() -> None:
        await asyncio.ensure_future(waits())  # created here

    async def by_loop() -> None:
        await asyncio.get_running_loop().create_task(waits())  # created here

    app = {
        "task group": in_task_group,
        "anyio": in_anyio,
        "gather": by_gather,
        "ensure_future": by_ensure_future,
        "loop": by_loop,
    }[how]

    async def main() -> None:
        await call_app(call_of(), app)
        (place,) = [task.created_at for task in tasks_here() if task.created_at is not None]
        assert (place.file, place.function, place.source.split("  # ")[1]) == (__file__, app.__name__, "created here")

    run(main)


def test_a_task_that_a_task_of_an_app_creates_belongs_to_the_app_too() -> None:
    """The mark is inherited with the context."""

    async def main() -> None:
        async def child() -> None:
            kept.append(asyncio.create_task(waits()))
            await waits()

        async def app() -> None:
            kept.append(asyncio.create_task(child()))

        kept: list[asyncio.Task[None]] = []
        call = call_of()
        await call_app(call, app)
        assert [task.call for task in tasks_here()] == [call, call]

    run(main)


def test_tasks_belong_to_the_app_call_that_made_them() -> None:
    """In the order in which they were made, where asyncio gave them their names: `Task-10` after `Task-9`."""

    async def main() -> None:
        calls = [call_of(f"/{number}") for number in range(12)]
        for call in calls:
            await call_app(call, waits)
        assert [task.call for task in tasks_here()] == calls

    run(main)


def test_tasks_of_the_test_belong_to_nobody() -> None:
    """They are not listed; a description says that no app made them."""

    async def main() -> None:
        task = asyncio.create_task(waits(), name="of the test")
        await passes()
        listed, described = tasks_here(), describe(task)
        assert (listed, shown([described])) == ([], [("of the test", None, None, WAITS)])

    run(main)


def test_a_task_that_has_ended_is_not_listed() -> None:
    """It is nobody's any more."""

    async def main() -> None:
        task = await call_app(call_of(), lambda: passes(0))
        assert (task.done(), tasks_here()) == (True, [])

    run(main)


def test_a_task_that_has_not_begun_stands_at_its_beginning() -> None:
    """Nothing of it has run."""

    async def main() -> None:
        async def app() -> None:
            kept.append(asyncio.create_task(waits(), name="new"))
            found.extend(tasks_here())

        kept: list[asyncio.Task[None]] = []
        found: list[AppTask] = []
        await call_app(call_of(), app)
        (stands,) = [task.stands_at for task in found if task.name == "new"]
        assert stands is not None
        assert stands.source == "async def waits() -> None:"

    run(main)


def test_a_call_for_no_exchange_is_not_noted() -> None:
    """Whoever runs something beside the apps."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        take_notes(loop)
        KEPT.append(new_task(loop, waits(), copy_context(), do_nothing))
        await passes()
        assert tasks_here() == []

    run(main)


def test_a_task_factory_of_the_user_makes_the_tasks() -> None:
    """Notes are taken of what it makes."""
    made: list[str] = []

    def factory(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        made.append(coro.__name__)
        return asyncio.Task(coro, loop=loop, **options)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(factory)
        take_notes(loop)
        call = call_of()
        await call_app(call, waits)
        assert (made, [task.call for task in tasks_here()]) == (["waits"], [call])

    asyncio.run(main())


def test_notes_are_taken_once() -> None:
    """A second client on the loop changes nothing."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        take_notes(loop)
        factory = loop.get_task_factory()
        take_notes(loop)
        assert loop.get_task_factory() is factory

    asyncio.run(main())


def test_options_of_a_task_reach_it() -> None:
    """Its name, and its context."""

    async def main() -> None:
        async def who() -> AppCall[Any] | None:
            return calling.get()

        call = call_of()
        context = copy_context()
        context.run(calling.set, call)
        task = asyncio.get_running_loop().create_task(who(), name="mine", context=context)
        assert (await task, task.get_name()) == (call, "mine")

    run(main)


def test_a_task_that_was_given_no_name_has_the_one_of_python() -> None:
    """The loops of Python 3.13 would call it "None"."""

    async def main() -> None:
        take_notes(asyncio.get_running_loop())
        tasks = [asyncio.create_task(passes(0)), asyncio.create_task(passes(0), name="mine")]
        names = [task.get_name() for task in tasks]
        await asyncio.wait(tasks)
        assert names[0].startswith("Task-")
        assert names[1] == "mine"

    asyncio.run(main())
