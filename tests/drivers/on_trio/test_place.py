"""What of a trio run belongs to a thread is there while it is turned, and nowhere between two turns."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from contextlib import closing

import trio

from asgi_lockstep._drivers.calls.contract import Outcome
from asgi_lockstep._drivers.on_trio.loop_runner import SteppedRun
from asgi_lockstep._drivers.on_trio.place import MOVABLE
from drivers.app_calls import spawn


def in_a_thread(call: Callable[[], None]) -> None:
    """Call in a thread, and wait for its end."""
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


def test_trio_still_notes_its_runs_where_we_look_for_them() -> None:
    """The one private name of trio's; where it is gone, a run stays on the thread that has made it."""
    assert MOVABLE


def test_the_thread_is_free_between_two_turns() -> None:
    """For another run, with the hooks and the handler of Ctrl-C that were there before."""
    before = (sys.get_asyncgen_hooks(), signal.getsignal(signal.SIGINT))

    async def other() -> str:
        return "another run"

    with closing(SteppedRun({})) as run:
        assert (sys.get_asyncgen_hooks(), signal.getsignal(signal.SIGINT)) == before
        assert (trio.run(other), trio.lowlevel.in_trio_run()) == ("another run", False)
        assert run.turn(lambda: True) is Outcome.MET
    assert (sys.get_asyncgen_hooks(), signal.getsignal(signal.SIGINT)) == before


def test_a_run_goes_on_on_another_thread_and_is_closed_on_a_third() -> None:
    """Also when the thread that has made it is over."""
    runs: list[SteppedRun] = []
    threads: list[int] = []
    events = [trio.Event(), trio.Event()]

    async def main() -> None:
        for event in events:
            threads.append(threading.get_ident())
            await event.wait()

    def begin() -> None:
        runs.append(SteppedRun({}))
        spawn(runs[0], main)
        runs[0].turn(lambda: True)

    in_a_thread(begin)
    runs[0].post(events[0].set)
    runs[0].turn(lambda: True)
    in_a_thread(runs[0].close)
    assert (len(threads), threads[1], runs[0].app_tasks()) == (2, threading.get_ident(), [])


def test_a_task_that_ignores_its_cancellation_is_thrown_away_with_its_run() -> None:
    """Nothing of it is left for the garbage collector to complain about."""

    async def stubborn() -> None:
        with trio.CancelScope(shield=True):
            await trio.sleep_forever()

    run = SteppedRun({})
    spawn(run, stubborn)
    run.turn(lambda: True)
    run.close(0, quietly=True)
    assert run.app_tasks() == []
