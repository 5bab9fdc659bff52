"""What runs on the calling thread already."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import closing
from typing import NamedTuple

import pytest
import trio

from asgi_lockstep._drivers.on_trio.loop_runner import SteppedRun
from asgi_lockstep._drivers.turning.backends import (
    backend_here,
    backend_named,
    loop_runs_here,
    running_backend,
    virtual_clock_here,
)
from asgi_lockstep.clock import virtual_loop_factory, virtual_trio_clock


class Here(NamedTuple):
    """What is known about the calling thread."""

    runs: bool
    backend: str | None
    no_asyncio: bool
    no_trio: bool


def look() -> Here:
    """All of it at once."""
    backend = backend_here()
    refusals = [backend_named(name).why_no_new_loop_here() for name in ("asyncio", "trio")]
    name = None if backend is None else backend.name
    return Here(loop_runs_here(), name, *(refusal is not None for refusal in refusals))


async def look_inside() -> Here:
    """From a coroutine."""
    assert running_backend() is backend_here()
    return look()


NOTHING = Here(runs=False, backend=None, no_asyncio=False, no_trio=False)


def test_nothing_runs_in_a_sync_test() -> None:
    """No loop, no run, no library."""
    assert look() == NOTHING
    with pytest.raises(RuntimeError, match=r"^no running event loop$"):
        running_backend()


def test_a_library_that_was_never_imported_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra may be missing: neither trio nor its backend is imported by a look."""
    door = "asgi_lockstep._drivers.on_trio.backend"
    monkeypatch.delitem(sys.modules, "trio")
    monkeypatch.delitem(sys.modules, door, raising=False)
    backend_named.cache_clear()

    async def main() -> str:
        return running_backend().name

    assert (backend_here(), asyncio.run(main())) == (None, "asyncio")
    assert not {"trio", door} & set(sys.modules)


def test_inside_asyncio() -> None:
    """A coroutine is told its library."""
    assert asyncio.run(look_inside()) == Here(runs=True, backend="asyncio", no_asyncio=False, no_trio=False)


def test_inside_trio() -> None:
    """A coroutine is told its library."""
    assert trio.run(look_inside) == Here(runs=True, backend="trio", no_asyncio=False, no_trio=True)


def test_a_guest_run_exists_but_does_not_run_between_two_turns() -> None:
    """The test may run whatever it likes meanwhile: the run is taken from its thread at the end of a turn."""
    with closing(SteppedRun({})):
        assert look() == NOTHING


def test_asyncio_beside_a_guest_run_is_asyncio() -> None:
    """The innermost library is the one whose coroutine asks."""
    with closing(SteppedRun({})):
        here = asyncio.run(look_inside())
    assert here == Here(runs=True, backend="asyncio", no_asyncio=False, no_trio=False)


def test_trio_as_a_guest_of_asyncio_is_trio() -> None:
    """Both run on this thread, and trio is the innermost."""
    seen: list[Here] = []

    async def guest() -> None:
        seen.append(look())

    async def host() -> None:
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        trio.lowlevel.start_guest_run(
            guest,
            run_sync_soon_threadsafe=loop.call_soon_threadsafe,
            done_callback=lambda _: over.set(),
            host_uses_signal_set_wakeup_fd=True,
        )
        await over.wait()
        seen.append(look())

    asyncio.run(host())
    assert [here.backend for here in seen] == ["trio", "asyncio"]


def test_another_thread_has_its_own_situation() -> None:
    """A loop on this thread does not matter there."""
    answers: list[Here] = []

    async def main() -> None:
        thread = threading.Thread(target=lambda: answers.append(look()))
        thread.start()
        thread.join()

    trio.run(main)
    asyncio.run(main())
    assert answers == [NOTHING, NOTHING]


def test_a_loop_of_uvloop_is_seen() -> None:
    """It sets hooks for async generators as asyncio's own loops do, which is what is looked at first."""
    uvloop = pytest.importorskip("uvloop")

    async def main() -> bool:
        return loop_runs_here()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(main())
    assert not loop_runs_here()


def test_the_clock_of_the_running_loop_is_seen() -> None:
    """None where its time is real."""

    async def main() -> float | None:
        clock = virtual_clock_here()
        return None if clock is None else clock.now

    with asyncio.Runner(loop_factory=virtual_loop_factory) as runner:
        virtual = runner.run(main()), trio.run(main, clock=virtual_trio_clock())
    assert (virtual, asyncio.run(main()), trio.run(main)) == ((0.0, 0.0), None, None)
