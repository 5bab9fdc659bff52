"""The private parts of asyncio's loops that we look at: these tests fail when a release of Python changes them."""

from __future__ import annotations

import asyncio
import math
import socket
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import closing, contextmanager
from types import SimpleNamespace
from typing import Any

import anyio
import pytest

from asgi_lockstep._drivers.on_asyncio import loop_internals
from asgi_lockstep._drivers.on_asyncio.rest_selector import RestSelector

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "default": asyncio.new_event_loop,
    "selector": asyncio.SelectorEventLoop,
    "ours": lambda: asyncio.SelectorEventLoop(RestSelector()),
}

#: The default loop of Windows has no selector, and is asked nothing about files.
WITH_FILES = [name for name in LOOPS if name != "default" or sys.platform != "win32"]


@pytest.fixture(params=LOOPS)
def loop(request: pytest.FixtureRequest) -> Iterator[asyncio.AbstractEventLoop]:
    """Each kind of asyncio's own loops, new."""
    with closing(LOOPS[request.param]()) as made:
        yield made


@pytest.fixture(params=WITH_FILES)
def loop_with_files(request: pytest.FixtureRequest) -> Iterator[asyncio.AbstractEventLoop]:
    """Each that has a selector, new."""
    with closing(LOOPS[request.param]()) as made:
        yield made


@contextmanager
def uvloop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that shows nothing."""
    with closing(pytest.importorskip("uvloop").new_event_loop()) as made:
        yield made


# Timers.


def test_a_new_loop_has_no_timers(loop: asyncio.AbstractEventLoop) -> None:
    """And shows that it has none: an empty list, and not None."""
    assert loop_internals.timers(loop) == []


def test_the_timers_of_a_loop_are_those_that_will_fire(loop: asyncio.AbstractEventLoop) -> None:
    """The next one first, in whichever order they were set."""
    last, first, middle = loop.call_later(90, print), loop.call_later(30, print), loop.call_at(loop.time() + 60, print)
    assert loop_internals.timers(loop) == [first, middle, last]


def test_a_timer_that_was_cancelled_will_not_fire(loop: asyncio.AbstractEventLoop) -> None:
    """Although the loop still has it."""
    timers = [loop.call_later(seconds, print) for seconds in (30, 60, 90)]
    timers[0].cancel()
    timers[2].cancel()
    assert loop_internals.timers(loop) == [timers[1]]


def test_a_timer_at_a_time_that_never_comes_will_not_fire(loop: asyncio.AbstractEventLoop) -> None:
    """It is set, and is no timer for us."""
    loop.call_at(math.inf, print)
    assert loop_internals.timers(loop) == []


def test_a_task_that_sleeps_has_a_timer_and_one_that_sleeps_for_ever_has_none(loop: asyncio.AbstractEventLoop) -> None:
    """For `anyio.sleep_forever()` a timer is set at a time that never comes."""

    async def main() -> list[list[float]]:
        found = []
        for sleep in (asyncio.sleep(3600), anyio.sleep_forever(), anyio.sleep(3600)):
            task = asyncio.ensure_future(sleep)
            await asyncio.sleep(0)
            timers = loop_internals.timers(loop)
            assert timers is not None
            found.append([round(timer.when() - loop.time(), -1) for timer in timers])
            task.cancel()
            await asyncio.wait([task])
        return found

    assert loop.run_until_complete(main()) == [[3600.0], [], [3600.0]]


# Files.


def test_a_new_loop_has_no_files(loop_with_files: asyncio.AbstractEventLoop) -> None:
    """Its own, by which it is woken from other threads, does not count; and it shows that it has none."""
    assert loop_internals.files(loop_with_files) == []


def test_the_files_of_a_loop_are_those_that_it_watches(loop_with_files: asyncio.AbstractEventLoop) -> None:
    """By their descriptors, as long as it does."""
    loop = loop_with_files
    ours, theirs = socket.socketpair()
    with ours, theirs:
        loop.add_reader(ours, print)
        loop.add_writer(theirs.fileno(), print)
        watched = loop_internals.files(loop)
        loop.remove_reader(ours)
        loop.remove_writer(theirs)
        assert (watched, loop_internals.files(loop)) == ([ours.fileno(), theirs.fileno()], [])


def test_a_task_that_waits_for_bytes_watches_a_file(loop_with_files: asyncio.AbstractEventLoop) -> None:
    """As a server does, or a database driver."""
    loop = loop_with_files
    ours, theirs = socket.socketpair()
    ours.setblocking(False)

    async def main() -> list[int] | None:
        task = asyncio.ensure_future(loop.sock_recv(ours, 1))
        await asyncio.sleep(0)
        files = loop_internals.files(loop)
        task.cancel()
        await asyncio.wait([task])
        return files

    with ours, theirs:
        assert loop.run_until_complete(main()) == [ours.fileno()]


def test_the_files_of_a_loop_that_was_closed_are_not_known() -> None:
    """Its selector has no map any more."""
    loop = asyncio.SelectorEventLoop()
    loop.close()
    assert loop_internals.files(loop) is None


def test_a_loop_without_a_selector_does_not_show_its_files() -> None:
    """The default loop of Windows has a proactor, of which `_selector` is another name."""
    loop: Any = SimpleNamespace(_selector=object(), _ssock=None)
    assert loop_internals.files(loop) is None


# IdleTime.


def test_a_loop_is_idle_if_nothing_is_ready_but_who_asks(loop: asyncio.AbstractEventLoop) -> None:
    """A callback that waits for its turn, or a task, is ready; a timer is not."""

    async def main() -> list[bool]:
        found = [loop_internals.is_idle(loop)]
        loop.call_later(3600, print)
        found.append(loop_internals.is_idle(loop))
        loop.call_soon(bool)
        found.append(loop_internals.is_idle(loop))
        await asyncio.sleep(0)
        found.append(loop_internals.is_idle(loop))
        task = asyncio.ensure_future(asyncio.sleep(0))
        found.append(loop_internals.is_idle(loop))
        await task
        return found

    assert loop.run_until_complete(main()) == [True, True, False, True, False]


# Loops that show nothing.


def test_uvloop_shows_neither_timers_nor_files() -> None:
    """It has some, and still the answer is that nobody knows."""
    ours, theirs = socket.socketpair()
    with uvloop() as loop, ours, theirs:
        loop.call_later(3600, print)
        loop.add_reader(ours, print)
        assert (loop_internals.timers(loop), loop_internals.files(loop)) == (None, None)
        loop.remove_reader(ours)


def test_uvloop_is_never_known_to_be_idle() -> None:
    """It does not show what is ready."""

    async def main() -> bool:
        return loop_internals.is_idle(asyncio.get_running_loop())

    with uvloop() as loop:
        assert loop.run_until_complete(main()) is False


def test_a_loop_shows_whether_async_generators_have_begun(loop: asyncio.AbstractEventLoop) -> None:
    """Until they have ended, or were closed with the loop."""

    async def numbers() -> AsyncGenerator[int, None]:
        yield 1

    generator = numbers()
    seen = [loop_internals.has_async_generators(loop)]

    async def begin() -> None:
        await anext(generator)

    loop.run_until_complete(begin())
    seen.append(loop_internals.has_async_generators(loop))
    loop.run_until_complete(loop.shutdown_asyncgens())
    assert [*seen, loop_internals.has_async_generators(loop)] == [False, True, False]


def test_a_loop_that_does_not_show_its_async_generators_may_have_some() -> None:
    """As one of another library."""
    assert loop_internals.has_async_generators(SimpleNamespace())  # type: ignore[arg-type]
