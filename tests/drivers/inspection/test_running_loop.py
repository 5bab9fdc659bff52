"""What runs on the calling thread already."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import closing

import pytest
import trio

from asgi_lockstep._drivers.inspection.running_loop import async_library_here, loop_runs_here, trio_run_exists_here
from asgi_lockstep._drivers.on_trio.loop_runner import SteppedRun


def test_nothing_runs_in_a_sync_test() -> None:
    """No loop, no run, no library."""
    assert (loop_runs_here(), trio_run_exists_here()) == (False, False)
    with pytest.raises(RuntimeError):
        async_library_here()


def test_nothing_runs_where_trio_was_never_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra may be missing: trio is asked only if somebody has imported it."""
    monkeypatch.delitem(sys.modules, "trio")
    assert (loop_runs_here(), trio_run_exists_here()) == (False, False)
    with pytest.raises(RuntimeError):
        async_library_here()
    assert "trio" not in sys.modules


def test_inside_asyncio() -> None:
    """A coroutine is told its library."""

    async def main() -> None:
        assert (loop_runs_here(), trio_run_exists_here(), async_library_here()) == (True, False, "asyncio")

    asyncio.run(main())


def test_inside_trio() -> None:
    """A coroutine is told its library."""

    async def main() -> None:
        assert (loop_runs_here(), trio_run_exists_here(), async_library_here()) == (True, True, "trio")

    trio.run(main)


def test_a_guest_run_exists_but_does_not_run_between_two_turns() -> None:
    """The test may run asyncio code meanwhile, but no second trio."""
    with closing(SteppedRun({})):
        assert (loop_runs_here(), trio_run_exists_here()) == (False, True)


def test_asyncio_beside_a_guest_run_is_asyncio() -> None:
    """The innermost library is the one whose coroutine asks."""

    async def main() -> None:
        assert (loop_runs_here(), trio_run_exists_here(), async_library_here()) == (True, True, "asyncio")

    with closing(SteppedRun({})):
        asyncio.run(main())


def test_another_thread_has_its_own_situation() -> None:
    """A loop on this thread does not matter there."""
    answers: list[tuple[bool, bool]] = []

    async def main() -> None:
        thread = threading.Thread(target=lambda: answers.append((loop_runs_here(), trio_run_exists_here())))
        thread.start()
        thread.join()

    trio.run(main)
    asyncio.run(main())
    assert answers == [(False, False), (False, False)]


def test_a_loop_of_uvloop_is_seen() -> None:
    """It sets hooks for async generators as asyncio's own loops do, which is what is looked at first."""
    uvloop = pytest.importorskip("uvloop")

    async def main() -> bool:
        return loop_runs_here()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(main())
    assert not loop_runs_here()
