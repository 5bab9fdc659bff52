"""The asyncio loop that moves only inside a turn: its threads, its options, its end."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import anyio.to_thread
import pytest

from asgi_lockstep._drivers.calls.contract import Outcome
from asgi_lockstep._drivers.on_asyncio.loop_runner import SteppedLoop
from asgi_lockstep.errors import MissingExtra, UnknownOption
from drivers.app_calls import spawn
from drivers.other_threads import LateCaller

OPTIONS: dict[str, dict[str, Any]] = {
    "selector": {},
    "loop_factory": {"loop_factory": asyncio.new_event_loop},
    "uvloop": {"use_uvloop": True},
}

pytestmark = pytest.mark.usefixtures("no_hang")


@pytest.fixture(params=OPTIONS)
def runner(request: pytest.FixtureRequest) -> Iterator[SteppedLoop]:
    """A runner of each kind of loop."""
    if request.param == "uvloop" and sys.platform == "win32":
        pytest.skip("uvloop does not exist for Windows")
    with closing(SteppedLoop(OPTIONS[request.param])) as made:
        yield made


def call(runner: SteppedLoop, main: Callable[[], Any]) -> Any:
    """Turn until `main()` has returned, and return what it returned."""
    results: list[Any] = []

    async def app() -> None:
        results.append(await main())

    spawn(runner, app)
    assert runner.turn(lambda: bool(results)) is Outcome.MET
    return results[0]


def anyio_threads() -> set[threading.Thread]:
    """The worker threads of anyio that are alive."""
    return {thread for thread in threading.enumerate() if "AnyIO worker" in thread.name}


# Threads.


def test_one_worker_thread_of_anyio_serves_many_turns(runner: SteppedLoop) -> None:
    """Sync endpoints share a thread: anyio binds its threads to the root task, and there is one for all turns."""
    threads = {call(runner, lambda: anyio.to_thread.run_sync(threading.get_ident)) for _ in range(5)}
    assert len(threads) == 1


def test_renew_ends_the_worker_threads_of_anyio(runner: SteppedLoop) -> None:
    """Python waits at its exit for threads that wait for the end of their loop: `renew()` lets them go."""
    before = anyio_threads()
    call(runner, lambda: anyio.to_thread.run_sync(threading.get_ident))
    (worker,) = anyio_threads() - before
    assert runner.turn(runner.renew()) is Outcome.MET
    worker.join(30)
    assert not worker.is_alive()


def test_two_threads_may_ask_for_the_same_renewal(runner: SteppedLoop) -> None:
    """Before either has turned the loop again: no root task is dropped, which its loop would complain about."""
    runner.turn(lambda: True)
    renewed = [runner.renew(), runner.renew()]
    assert runner.turn(lambda: all(done() for done in renewed)) is Outcome.MET
    assert len([task for task in asyncio.all_tasks(runner._loop) if task.get_name() == "asgi-lockstep root"]) == 1


def test_worker_threads_of_anyio_work_again_after_renew(runner: SteppedLoop) -> None:
    """A renewed loop starts one new thread, which serves all later turns."""
    call(runner, lambda: anyio.to_thread.run_sync(threading.get_ident))
    runner.turn(runner.renew())
    threads = {call(runner, lambda: anyio.to_thread.run_sync(threading.get_ident)) for _ in range(3)}
    assert len(threads) == 1


def test_closing_ends_the_worker_threads(runner: SteppedLoop) -> None:
    """Neither anyio's threads nor those of the executor outlive the loop."""
    before = set(threading.enumerate())
    call(runner, lambda: anyio.to_thread.run_sync(threading.get_ident))
    call(runner, lambda: asyncio.to_thread(threading.get_ident))
    started = set(threading.enumerate()) - before
    runner.close()
    for thread in started:
        thread.join(30)
    assert len(started) == 2
    assert not any(thread.is_alive() for thread in started)


@pytest.mark.parametrize("count", [1, 50])
def test_to_thread_is_no_stall(runner: SteppedLoop, count: int) -> None:
    """`asyncio.to_thread` is waited for, job after job."""

    async def main() -> int:
        for _ in range(count):
            await asyncio.to_thread(threading.get_ident)
        return count

    assert call(runner, main) == count


def test_an_executor_of_the_app_is_no_stall(runner: SteppedLoop) -> None:
    """`run_in_executor` with an executor that nobody has told the loop about."""
    with ThreadPoolExecutor(1) as executor:

        async def main() -> str:
            return await asyncio.get_running_loop().run_in_executor(executor, lambda: "done")

        assert [call(runner, main) for _ in range(20)] == ["done"] * 20


def late_caller() -> LateCaller:
    """A thread that knows the loop."""
    return LateCaller(lambda: asyncio.get_running_loop().call_soon_threadsafe)


def test_a_thread_that_calls_in_later_is_no_stall(runner: SteppedLoop) -> None:
    """Any thread may know the loop; while one is at work, the turn waits."""
    caller = late_caller()
    spawn(runner, caller.main)
    assert runner.turn(caller.called) is Outcome.MET
    assert caller.thread is not None
    caller.thread.join()


def test_a_thread_that_called_in_and_ended_while_the_runner_looked_is_no_stall(runner: SteppedLoop) -> None:
    """The last thread may go between the decision of the loop to wait and the look at the threads."""
    caller = late_caller()
    spawn(runner, caller.main)
    assert runner.turn(caller.called_and_ended) is Outcome.MET


def test_a_task_that_sleeps_for_ever_makes_a_stall() -> None:
    """For anyio's `sleep_forever()` the loop has a timer, at a time that never comes."""
    with closing(SteppedLoop({})) as runner:
        spawn(runner, anyio.sleep_forever)
        assert runner.turn(lambda: False) is Outcome.STALLED


# Options.


def test_an_unknown_option_is_refused() -> None:
    """The text lists the options there are."""
    with pytest.raises(UnknownOption, match=r"^backend_options key='spin' does not exist; known are 'debug', "):
        SteppedLoop({"spin": True})


def test_a_missing_uvloop_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`use_uvloop` needs an extra."""
    monkeypatch.setitem(sys.modules, "winloop" if sys.platform == "win32" else "uvloop", None)
    with pytest.raises(MissingExtra, match=r"needs uvloop, which is not installed\. Run: pip install 'asgi-lockstep"):
        SteppedLoop({"use_uvloop": True})


@pytest.mark.parametrize("debug", [True, False])
def test_debug_reaches_the_loop(debug: bool) -> None:
    """Anyio's option `debug` is asyncio's."""

    async def main() -> bool:
        return asyncio.get_running_loop().get_debug()

    with closing(SteppedLoop({"debug": debug})) as runner:
        assert call(runner, main) is debug


# The end.


@pytest.mark.usefixtures("only_new_garbage")
def test_closing_leaves_nothing_open(runner: SteppedLoop) -> None:
    """No ResourceWarning, for the loop or for what it held."""
    call(runner, lambda: asyncio.sleep(0, "done"))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        runner.close()
        gc.collect()
    assert caught == []


def test_tasks_of_the_app_end_with_the_loop(runner: SteppedLoop) -> None:
    """What the app started by `create_task` is cancelled too."""
    events = []

    async def background() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0)
            events.append("cleaned up")

    async def main() -> asyncio.Task[None]:
        return asyncio.create_task(background())

    task = call(runner, main)
    runner.close()
    assert (events, task.cancelled()) == (["cleaned up"], True)


def test_async_generators_are_closed_with_the_loop(runner: SteppedLoop) -> None:
    """A generator that was left in the middle runs its `finally` block."""
    events = []

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            events.append("closed")

    generator = numbers()
    assert call(runner, generator.__anext__) == 1
    runner.close()
    assert events == ["closed"]


def test_a_task_that_fails_while_it_is_cancelled_is_reported(runner: SteppedLoop) -> None:
    """Its exception goes to the exception handler of the loop."""
    reported: list[dict[str, Any]] = []

    async def background() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            raise ValueError("in the clean-up")

    async def main() -> asyncio.Task[None]:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: reported.append(context))
        return asyncio.create_task(background())

    task = call(runner, main)
    runner.close()
    assert [(context["task"], str(context["exception"])) for context in reported] == [(task, "in the clean-up")]


@pytest.mark.usefixtures("only_new_garbage")
@pytest.mark.skipif(sys.platform != "linux", reason="/proc lists the open files of a process")
def test_closing_gives_back_every_file_descriptor(runner: SteppedLoop) -> None:
    """A loop holds three of them; a suite has hundreds of loops."""
    before = len(os.listdir("/proc/self/fd"))
    runner.close()
    assert len(os.listdir("/proc/self/fd")) <= before - 3


def test_a_registered_socket_does_not_end_patience_early() -> None:
    """While the app waits for bytes, the caller is patient; then the answer is seen."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs, closing(SteppedLoop({})) as runner:
        events = []

        async def main() -> None:
            events.append(await asyncio.get_running_loop().sock_recv(ours, 1))

        def until() -> bool:
            if not sent:
                sent.append(theirs.send(b"!"))
            return bool(events)

        sent: list[int] = []
        spawn(runner, main)
        assert runner.turn(until, patience=600) is Outcome.MET
