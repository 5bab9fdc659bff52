"""One pass of a loop by its private parts does to everything in it what the public way does.

These tests fail when a release of Python changes those parts.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import closing
from contextvars import ContextVar, copy_context
from typing import Any

import pytest

from asgi_lockstep._drivers.calls.tasks import do_nothing
from asgi_lockstep._drivers.on_asyncio import ready_pass as module
from asgi_lockstep._drivers.on_asyncio.ready_pass import full_pass, ready_pass

Pass = Callable[[Any], None]


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop of asyncio's own."""
    with closing(asyncio.SelectorEventLoop()) as made:
        yield made


def short_pass(loop: Any) -> bool:
    """A pass as a runner makes it."""
    return ready_pass(loop, sys.get_asyncgen_hooks())


@pytest.fixture(params=[full_pass, short_pass], ids=["public", "private"])
def one_pass(request: pytest.FixtureRequest) -> Pass:
    """Both ways: what is asserted of one holds for the other."""
    made: Pass = request.param
    return made


def test_this_python_has_the_parts() -> None:
    """Else every stream is slower again, and `ready_pass` has to be looked at."""
    assert module.KNOWN


def test_a_pass_runs_what_is_ready_and_not_what_that_makes_ready(
    loop: asyncio.AbstractEventLoop, one_pass: Pass
) -> None:
    """In order, each once; what was cancelled is not run."""
    ran: list[str] = []

    def again(name: str) -> None:
        ran.append(name)
        loop.call_soon(again, name + "'")

    loop.call_soon(again, "a")
    loop.call_soon(ran.append, "cancelled").cancel()
    loop.call_soon(again, "b")
    one_pass(loop)
    first = list(ran)
    one_pass(loop)
    assert (first, ran) == (["a", "b"], ["a", "b", "a'", "b'"])


def test_a_task_is_in_a_running_loop(loop: asyncio.AbstractEventLoop, one_pass: Pass) -> None:
    """On the thread that makes the pass, in its own context; and afterwards nothing runs."""
    variable: ContextVar[str] = ContextVar("variable", default="outside")
    seen: list[object] = []

    async def main() -> None:
        variable.set("inside")
        task = asyncio.current_task()
        seen.extend([asyncio.get_running_loop() is loop, loop.is_running(), task in asyncio.all_tasks()])
        loop.call_soon_threadsafe(seen.append, variable.get())

    task = loop.create_task(main(), context=copy_context())
    one_pass(loop)
    one_pass(loop)
    assert (seen, task.done(), task.exception()) == ([True, True, True, "inside"], True, None)
    assert (loop.is_running(), variable.get()) == (False, "outside")
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()


def test_only_the_thread_that_makes_the_pass_may_call_in(loop: asyncio.AbstractEventLoop, one_pass: Pass) -> None:
    """`call_soon()` checks that in debug mode, where both are the public way, and the loop knows its thread in both."""
    seen: list[object] = []
    loop.call_soon(lambda: seen.append(getattr(loop, "_thread_id", None)))
    one_pass(loop)
    assert (seen, getattr(loop, "_thread_id", 0)) == ([threading.get_ident()], None)


def test_the_loop_closes_the_async_generators_of_the_pass(loop: asyncio.AbstractEventLoop, one_pass: Pass) -> None:
    """PEP 525: the first step of one tells the loop, and the hooks of whoever calls are back afterwards."""
    ended: list[str] = []
    before = sys.get_asyncgen_hooks()

    async def numbers() -> AsyncGenerator[int, None]:
        try:
            yield 1
        finally:
            ended.append("closed")

    async def main() -> AsyncGenerator[int, None]:
        generator = numbers()
        await anext(generator)
        return generator

    task = loop.create_task(main())
    one_pass(loop)
    after = sys.get_asyncgen_hooks()
    loop.run_until_complete(loop.shutdown_asyncgens())
    assert (ended, after, task.done()) == (["closed"], before, True)


def test_a_failure_goes_to_the_handler_of_the_loop(loop: asyncio.AbstractEventLoop, one_pass: Pass) -> None:
    """And what is ready behind it still runs."""
    seen: list[object] = []
    loop.set_exception_handler(lambda _loop, context: seen.append(context["exception"]))
    failure = ValueError("no")

    def fails() -> None:
        raise failure

    loop.call_soon(fails)
    loop.call_soon(seen.append, "next")
    one_pass(loop)
    assert seen == [failure, "next"]


def test_what_must_end_the_run_goes_through(loop: asyncio.AbstractEventLoop, one_pass: Pass) -> None:
    """Ctrl-C in a callback; the rest stays ready, and the loop can be used again."""
    seen: list[str] = []

    def interrupts() -> None:
        raise KeyboardInterrupt

    loop.call_soon(interrupts)
    loop.call_soon(seen.append, "next")
    with pytest.raises(KeyboardInterrupt):
        one_pass(loop)
    before = (list(seen), loop.is_running())
    one_pass(loop)
    assert (before, seen) == (([], False), ["next"])


def test_a_stop_of_the_app_ends_this_pass_and_no_other(loop: asyncio.AbstractEventLoop, one_pass: Pass) -> None:
    """`loop.stop()` in the pass does not stop the run after it before its time."""
    loop.call_soon(loop.stop)
    one_pass(loop)

    async def main() -> str:
        await asyncio.sleep(0)
        return "done"

    assert loop.run_until_complete(main()) == "done"


@pytest.mark.parametrize("known", [True, False])
def test_in_debug_mode_and_on_an_unknown_python_the_public_way_is_taken(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """Only that one looks at the files."""
    looks: list[float | None] = []
    selector = vars(loop)["_selector"]
    monkeypatch.setattr(module, "KNOWN", known)
    monkeypatch.setattr(selector, "select", looks.append)
    monkeypatch.setattr(loop, "_process_events", do_nothing)
    short_pass(loop)
    if known:
        assert looks == []
        loop.set_debug(True)
        short_pass(loop)
    assert looks == [0]


def test_a_timer_that_is_due_is_taken_with_what_is_ready(loop: asyncio.AbstractEventLoop, one_pass: Pass) -> None:
    """As `run_forever()` does it: behind what was ready before, in the same pass."""
    seen: list[str] = []
    loop.call_at(loop.time() - 1, seen.append, "due")
    loop.call_at(loop.time() + 3600, seen.append, "not due")
    loop.call_soon(seen.append, "ready")
    one_pass(loop)
    assert seen == ["ready", "due"]
