"""Where a suspended coroutine stands, frame by frame."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import sys
from collections.abc import AsyncIterator, Awaitable, Generator
from typing import Any
from unittest import mock

import anyio
import pytest
import trio
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.inspection.await_chains import await_chain
from asgi_lockstep._drivers.inspection.known_code import WRAPPERS, Meaning
from asgi_lockstep._drivers.inspection.source_lines import Place, line_of_app


class Hold:
    """An awaitable that suspends whoever awaits it."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class Through:
    """An awaitable whose `__await__` is a generator that awaits another."""

    def __init__(self, inner: Awaitable[Any]) -> None:
        self._inner = inner

    def __await__(self) -> Generator[Any, None, Any]:
        return (yield from self._inner.__await__())


async def stands() -> None:
    """Suspends."""
    await Hold()


async def outer() -> None:
    """Suspends two levels below."""
    await middle()


async def middle() -> None:
    """Suspends one level below."""
    await stands()


async def numbers() -> AsyncIterator[int]:
    """Suspends before each number, and after the last."""
    await stands()
    yield 1
    await stands()


def begun(awaitable: Any) -> Any:
    """The coroutine, after its first suspension."""
    awaitable.send(None)
    return awaitable


def lines(awaitable: Any) -> list[str]:
    """Where the awaitable stands: the function and the text of each line."""
    return [f"{place.function}: {place.source}" for place in await_chain(awaitable)]


HELD = ["stands: await Hold()", "__await__: yield"]


def test_nested_coroutines_are_shown_from_the_outside_in() -> None:
    """Each with the line at which it awaits the next."""
    coroutine = begun(outer())
    assert lines(coroutine) == ["outer: await middle()", "middle: await stands()", *HELD]
    coroutine.close()


def test_a_coroutine_that_has_not_begun_stands_at_its_first_line() -> None:
    """And awaits nothing."""
    coroutine = outer()
    assert lines(coroutine) == ["outer: async def outer() -> None:"]
    coroutine.close()


def test_a_coroutine_that_has_ended_stands_nowhere() -> None:
    """It has no frame any more."""
    coroutine = begun(outer())
    coroutine.close()
    assert lines(coroutine) == []


@pytest.mark.parametrize("thing", [None, 5, Hold(), asyncio.sleep, []])
def test_what_has_no_frames_stands_nowhere(thing: Any) -> None:
    """A chain ends at a future, for example."""
    assert lines(thing) == []


def test_what_an_awaitable_does_not_show_as_python_does_is_left_out() -> None:
    """A proxy, for example: reading it may raise, or give anything at all."""

    class Fails:
        """Raises for each attribute that is not there."""

        def __getattr__(self, name: str) -> object:
            raise RuntimeError(name)

    class Shows:
        """A coroutine of its own kind, with a frame, and something that is none."""

        cr_frame = inspect.currentframe()
        cr_await = mock.Mock()

    found = [[place.function for place in await_chain(thing)] for thing in (Fails(), mock.Mock(), Shows())]
    assert found == [[], [], ["Shows"]]


def test_a_coroutine_without_lines_stands_in_its_function() -> None:
    """As those of Cython do."""

    async def main() -> None:
        await stands()

    main.__code__ = main.__code__.replace(co_linetable=b"")
    coroutine = begun(main())
    assert await_chain(coroutine)[0] == Place(__file__, 0, "main")
    assert lines(coroutine) == ["main: ", "stands: await Hold()", "__await__: yield"]
    coroutine.close()


def test_an_awaitable_object_is_followed_through_its_generator() -> None:
    """`__await__` may itself await."""

    async def main() -> None:
        await Through(stands())

    coroutine = begun(main())
    assert lines(coroutine) == [
        "main: await Through(stands())",
        "__await__: return (yield from self._inner.__await__())",
        *HELD,
    ]
    coroutine.close()


def test_an_async_generator_is_followed_in_a_loop() -> None:
    """`async for` awaits an object without attributes, which refers to the generator."""

    async def main() -> None:
        async for _ in numbers():
            pass

    coroutine = begun(main())
    assert lines(coroutine) == ["main: async for _ in numbers():", "numbers: await stands()", *HELD]
    coroutine.close()


@pytest.mark.parametrize("with_default", [False, True])
def test_an_async_generator_is_followed_through_anext(with_default: bool) -> None:
    """With a default, yet another object is in between."""
    generator = numbers()

    async def main() -> None:
        await (anext(generator, 0) if with_default else anext(generator))

    coroutine = begun(main())
    assert lines(coroutine) == [
        "main: await (anext(generator, 0) if with_default else anext(generator))",
        "numbers: await stands()",
        *HELD,
    ]
    coroutine.close()


def test_an_async_generator_is_followed_while_it_is_closed_or_thrown_into() -> None:
    """What its clean-up awaits."""

    async def cleaning() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            await stands()

    async def main(method: str, *args: Any) -> None:
        generator = cleaning()
        await anext(generator)
        await getattr(generator, method)(*args)

    for args in (("aclose",), ("athrow", ValueError())):
        coroutine = begun(main(*args))  # pyright: ignore[reportArgumentType]
        assert lines(coroutine) == ["main: await getattr(generator, method)(*args)", "cleaning: await stands()", *HELD]
        with contextlib.suppress(ValueError, StopIteration):
            coroutine.send(None)


def test_async_context_managers_are_followed() -> None:
    """Those of `contextlib` are async generators inside."""

    @contextlib.asynccontextmanager
    async def manager() -> AsyncIterator[None]:
        await stands()
        yield

    async def main() -> None:
        async with manager():
            pass

    coroutine = begun(main())
    found = lines(coroutine)
    assert (found[0], found[1].split(":")[0], found[2:]) == (
        "main: async with manager():",
        "__aenter__",
        ["manager: await stands()", *HELD],
    )
    coroutine.close()


@pytest.mark.parametrize("library", ["asyncio", "trio", "anyio-asyncio", "anyio-trio"])
def test_a_task_that_waits_for_its_children_stands_at_its_task_group(library: str) -> None:
    """As the line of the user that matters: all others are the library's."""
    backend = "trio" if "trio" in library else "asyncio"
    found: list[Place | None] = []

    async def child(parent: Any) -> None:
        await checkpoint()
        found.append(line_of_app(await_chain(parent)))

    def this_task() -> Any:
        if backend == "trio":
            return trio.lowlevel.current_task().coro
        task = asyncio.current_task()
        assert task is not None
        return task.get_coro()

    async def with_asyncio() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(child(this_task()))

    async def with_trio() -> None:
        async with trio.open_nursery() as group:
            group.start_soon(child, this_task())

    async def with_anyio() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(child, this_task())

    main = {"asyncio": with_asyncio, "trio": with_trio}.get(library, with_anyio)
    anyio.run(main, backend=backend)
    (place,) = found
    assert place is not None
    assert (place.file, place.function) == (__file__, main.__name__)
    assert place.source.startswith(("async with ", "group."))


def test_a_task_that_waits_for_a_future_stands_where_it_awaits_it() -> None:
    """A future of asyncio in C has no frames."""

    async def main() -> list[str]:
        future = asyncio.get_running_loop().create_future()

        async def wait() -> None:
            await future

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        found = lines(task.get_coro())
        task.cancel()
        return found

    assert asyncio.run(main()) == ["wait: await future"]


def test_a_task_that_sleeps_waits_for_no_job() -> None:
    """Nor does one in a function of the same name elsewhere."""
    coroutine = begun(outer())
    assert [place.is_in(Meaning.HANDS_OVER) for place in await_chain(coroutine)] == [False] * 4
    coroutine.close()
    assert not Place("/work/app.py", 1, "to_thread").is_in(Meaning.HANDS_OVER)
    assert Place("C:\\Python\\Lib\\asyncio\\threads.py", 1, "to_thread").is_in(Meaning.HANDS_OVER)


def test_the_names_of_wrappers_are_those_of_this_python() -> None:
    """`anext()` and `__await__()` give objects of just these types."""

    async def coroutine() -> None:
        await stands()

    wrapped = coroutine()
    generator: Any = numbers()
    wrappers: list[Any] = [wrapped.__await__(), generator.asend(None), generator.athrow(ValueError)]
    wrappers.append(anext(generator, 0))
    names = {type(wrapper).__name__ for wrapper in wrappers}
    for wrapper in wrappers:
        wrapper.close()  # or newer Pythons would warn that it was never awaited
    assert names == set(WRAPPERS), sys.version
