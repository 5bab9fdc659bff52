"""Which threads may still call into a loop."""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.inspection.files_and_signals import describe_file, signal_handlers
from asgi_lockstep._drivers.inspection.source_lines import shown
from asgi_lockstep._drivers.inspection.threads import (
    ANYIO_WORKERS,
    busy_workers,
    describe_thread,
    other_threads,
    threads_that_may_call_in,
    working_threads,
)
from asgi_lockstep._drivers.turning.worker_thread import WorkerThread

#: The module with the names that Windows does not have.
SIGNALS: Any = signal
#: The same for sockets.
SOCKETS: Any = socket


@contextmanager
def running(target: Callable[[], object], release: Callable[[], object]) -> Iterator[threading.Thread]:
    """A thread that runs `target` until `release` is called."""
    thread = threading.Thread(target=target)
    thread.start()
    try:
        yield thread
    finally:
        release()
        thread.join()


def becomes_idle(thread: threading.Thread) -> bool:
    """Whether the thread is seen idle before long; that it gets there takes as long as it takes."""
    pause = threading.Event()
    for _ in range(30_000):
        if thread not in busy_workers():
            return True
        pause.wait(0.001)
    return False


# Threads that may call in.


def test_the_calling_thread_does_not_count() -> None:
    """Whoever asks is turning the loop."""
    assert threading.current_thread() not in threads_that_may_call_in()
    assert threading.current_thread() not in busy_workers()


def test_other_threads_is_the_cheap_question() -> None:
    """It is asked first."""
    stop = threading.Event()
    with running(stop.wait, stop.set):
        assert other_threads()


def test_a_thread_in_code_that_nobody_knows_may_call_in() -> None:
    """At any time; but it is no worker of the loop."""
    stop = threading.Event()
    with running(stop.wait, stop.set) as thread:
        assert thread in threads_that_may_call_in()
        assert thread not in busy_workers()


def test_a_timer_thread_may_call_in() -> None:
    """All its code belongs to `threading`, and still it will call somebody."""
    timer = threading.Timer(3600, print)
    timer.start()
    try:
        assert timer in threads_that_may_call_in()
    finally:
        timer.cancel()
        timer.join()


def test_a_thread_that_waits_may_call_in() -> None:
    """Its job may have been handed over a moment ago: at a queue, for a future."""
    jobs: queue.Queue[None] = queue.Queue()
    future: Future[None] = Future()
    with (
        running(jobs.get, lambda: jobs.put(None)) as at_queue,
        running(future.result, lambda: future.set_result(None)) as at_future,
    ):
        assert {at_queue, at_future} <= set(threads_that_may_call_in())


def test_our_own_worker_that_waits_cannot_call_in() -> None:
    """Nor can the caller that waits for it."""
    worker = WorkerThread(lambda: None)
    thread = worker.call(threading.current_thread)
    seen = thread in threads_that_may_call_in(), threading.current_thread() in worker.call(threads_that_may_call_in)
    worker.close()
    assert seen == (False, False)


# Workers at work.


def test_the_workers_of_an_executor_are_idle_between_two_jobs() -> None:
    """They stay for the next job."""
    threads: list[threading.Thread] = []
    with ThreadPoolExecutor(1) as executor:
        executor.submit(lambda: threads.append(threading.current_thread())).result()
        assert becomes_idle(threads[0])


def test_a_worker_of_an_executor_is_busy_with_its_job() -> None:
    """The job may call in, and its end will."""
    started, stop = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def job() -> None:
        threads.append(threading.current_thread())
        started.set()
        stop.wait(30)

    with ThreadPoolExecutor(1) as executor:
        executor.submit(job)
        started.wait(30)
        assert threads[0] in busy_workers()
        stop.set()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_worker_threads_of_anyio_are_idle_between_two_jobs(backend: str) -> None:
    """Their own on asyncio, those of trio's cache on trio."""

    async def main() -> None:
        thread = await anyio.to_thread.run_sync(threading.current_thread)
        assert becomes_idle(thread)

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_worker_thread_of_anyio_is_busy_with_its_job(backend: str) -> None:
    """Seen while it runs one."""
    started, stop = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def job() -> None:
        threads.append(threading.current_thread())
        started.set()
        stop.wait(30)

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.to_thread.run_sync, job)
            while not started.wait(0.001):
                await checkpoint()
            assert threads[0] in busy_workers()
            stop.set()

    anyio.run(main, backend=backend)


def test_the_thread_of_aiosqlite_is_idle_between_two_queries() -> None:
    """A connection that stays open for the life of an app does not hide a deadlock."""
    aiosqlite = pytest.importorskip("aiosqlite")

    async def main() -> None:
        before = set(threading.enumerate())
        async with aiosqlite.connect(":memory:") as database:
            await database.execute("select 1")
            (thread,) = set(threading.enumerate()) - before
            assert becomes_idle(thread)

    anyio.run(main)


# Workers that certainly have no job.


def test_an_idle_worker_of_anyio_may_be_left_out() -> None:
    """By a caller who knows that no task waits for a job; one at work is a thread like any other."""
    started, stop = threading.Event(), threading.Event()
    seen: list[bool] = []

    def job() -> threading.Thread:
        started.set()
        stop.wait(30)
        return threading.current_thread()

    async def main() -> None:
        thread = await anyio.to_thread.run_sync(threading.current_thread)
        assert becomes_idle(thread)
        seen.append(thread in threads_that_may_call_in())
        seen.append(thread in threads_that_may_call_in(idle=ANYIO_WORKERS))
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.to_thread.run_sync, job)
            while not started.wait(0.001):
                await checkpoint()
            seen.append(thread in threads_that_may_call_in(idle=ANYIO_WORKERS))
            stop.set()

    anyio.run(main)
    assert seen == [True, False, True]


def test_an_idle_worker_of_an_executor_is_not_left_out() -> None:
    """Whether it has just been given a job nobody knows."""
    with ThreadPoolExecutor(1) as executor:
        thread = executor.submit(threading.current_thread).result()
        assert becomes_idle(thread)
        assert thread in threads_that_may_call_in(idle=ANYIO_WORKERS)


# Threads that go on by themselves.


def comes_to(thread: threading.Thread, *, works: bool) -> bool:
    """Whether the thread is seen at work (or not at work) before long; that it gets there takes as long as it takes."""
    pause = threading.Event()
    for _ in range(30_000):
        if (thread in working_threads()) is works:
            return True
        pause.wait(0.001)
    return False


def test_a_thread_that_waits_without_a_limit_does_not_work() -> None:
    """For an event, a condition, a queue or a future: somebody else has to end that."""
    event, condition = threading.Event(), threading.Condition()
    jobs: queue.Queue[None] = queue.Queue()
    future: Future[None] = Future()

    def wait_for_condition() -> None:
        with condition:
            condition.wait()

    def notify() -> None:
        with condition:
            condition.notify()

    waits: list[tuple[Callable[[], object], Callable[[], object]]] = [
        (event.wait, event.set),
        (wait_for_condition, notify),
        (jobs.get, lambda: jobs.put(None)),
        (future.result, lambda: future.set_result(None)),
    ]
    for target, release in waits:
        with running(target, release) as thread:
            assert comes_to(thread, works=False), target


def stands_in(thread: threading.Thread, function: str) -> bool:
    """Whether the innermost frame of the thread is seen in `function` before long."""
    pause = threading.Event()
    for _ in range(30_000):
        frame = sys._current_frames().get(thread.ident or 0)
        if frame is not None and frame.f_code.co_name == function:
            return True
        pause.wait(0.001)
    return False


def test_a_thread_that_waits_with_a_limit_works() -> None:
    """It goes on by itself when that is over."""
    event = threading.Event()
    with running(lambda: event.wait(3600), event.set) as thread:
        assert stands_in(thread, "wait")
        assert thread in working_threads()


def test_a_thread_that_waits_for_a_queue_with_a_limit_works() -> None:
    """It goes on by itself when that is over."""
    jobs: queue.Queue[None] = queue.Queue()
    with running(lambda: jobs.get(timeout=3600), lambda: jobs.put(None)) as thread:
        assert stands_in(thread, "wait")
        assert thread in working_threads()


def test_a_thread_that_computes_works() -> None:
    """In whatever code."""
    stop: list[bool] = []

    def compute() -> None:
        while not stop:
            sum(range(100))

    with running(compute, lambda: stop.append(True)) as thread:
        assert comes_to(thread, works=True)


def test_a_timer_thread_works() -> None:
    """It will call somebody when its time has come."""
    timer = threading.Timer(3600, print)
    timer.start()
    try:
        assert comes_to(timer, works=True)
    finally:
        timer.cancel()
        timer.join()


def test_a_worker_without_a_job_does_not_work() -> None:
    """Ours, that of an executor, and those of anyio and trio."""
    ours = WorkerThread(lambda: None)
    try:
        assert comes_to(ours.call(threading.current_thread), works=False)
    finally:
        ours.close()
    with ThreadPoolExecutor(1) as executor:
        assert comes_to(executor.submit(threading.current_thread).result(), works=False)

    async def main() -> None:
        assert comes_to(await anyio.to_thread.run_sync(threading.current_thread), works=False)

    for backend in ("asyncio", "trio"):
        anyio.run(main, backend=backend)


def test_the_calling_thread_is_not_one_that_works() -> None:
    """Whoever asks is turning the loop."""
    assert threading.current_thread() not in working_threads()


# In words.


def test_a_thread_is_shown_with_the_line_of_the_user_at_which_it_stands() -> None:
    """Whatever that has called."""
    stop = threading.Event()

    def wait_here() -> None:
        stop.wait(30)

    with running(wait_here, stop.set) as thread:
        thread.name = "a thread"
        assert comes_to(thread, works=True)
        line = wait_here.__code__.co_firstlineno + 1
        assert describe_thread(thread) == f"thread 'a thread', at {shown(__file__)}:{line} in wait_here: stop.wait(30)"


def test_a_thread_that_has_ended_is_shown_by_its_name() -> None:
    """It stands nowhere."""
    thread = threading.Thread(target=int, name="a thread")
    thread.start()
    thread.join()
    assert describe_thread(thread) == "thread 'a thread'"


def test_a_thread_of_a_library_is_shown_with_the_line_of_the_library() -> None:
    """Nothing of it is the user's."""
    stop = threading.Event()
    with running(stop.wait, stop.set) as thread:
        assert comes_to(thread, works=False)
        thread.name = "a thread"
        assert describe_thread(thread).startswith(f"thread 'a thread', at {shown(threading.__file__)}:")


def test_a_connected_socket_is_shown_with_its_peer() -> None:
    """A database, for example."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        with socket.create_connection(address) as ours:
            number, port = ours.fileno(), ours.getsockname()[1]
            assert describe_file(number) == (
                f"socket {number}, connected to 127.0.0.1:{address[1]}, at 127.0.0.1:{port}"
            )
            assert ours.getpeername() == address  # it is still open


def test_a_listening_socket_is_shown_as_one() -> None:
    """A server that the app has started."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number, port = server.fileno(), server.getsockname()[1]
        assert describe_file(number) == f"socket {number}, listening, at 127.0.0.1:{port}"


def test_an_unconnected_socket_is_shown_as_one() -> None:
    """Datagrams need no connection."""
    with socket.socket(type=socket.SOCK_DGRAM) as ours:
        ours.bind(("127.0.0.1", 0))
        number, port = ours.fileno(), ours.getsockname()[1]
        assert describe_file(number) == f"socket {number}, unconnected, at 127.0.0.1:{port}"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sockets in the file system")
def test_a_socket_in_the_file_system_is_shown_with_its_path(tmp_path: Path) -> None:
    """Its address is one word."""
    with socket.socket(SOCKETS.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        server.listen()
        number = server.fileno()
        assert describe_file(number) == f"socket {number}, listening, at {str(tmp_path / 's')!r}"


@pytest.fixture
def pipe() -> Iterator[int]:
    """A file descriptor that is no socket."""
    reading, writing = os.pipe()
    yield reading
    os.close(reading)
    os.close(writing)


def test_a_pipe_is_shown_by_its_number(pipe: int) -> None:
    """A subprocess is at its other end."""
    assert describe_file(pipe) == f"file descriptor {pipe}, a pipe or a device"


def test_a_file_that_is_closed_is_shown_by_its_number() -> None:
    """The app may have closed it behind the back of its loop."""
    reading, writing = os.pipe()
    os.close(reading)
    os.close(writing)
    assert describe_file(reading) == f"file descriptor {reading}, which is closed"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc lists the open files of a process")
def test_describing_a_file_leaves_no_other_open(pipe: int) -> None:
    """Not even where it is no socket."""
    before = os.listdir("/proc/self/fd")
    describe_file(pipe)
    assert os.listdir("/proc/self/fd") == before


# Signal handlers.


@pytest.fixture
def handle() -> Iterator[Callable[[Any], None]]:
    """Sets the handler of a signal that nobody else uses."""
    if sys.platform == "win32":
        pytest.skip("Windows has no signals that nobody else uses")
    before = signal.getsignal(SIGNALS.SIGUSR1)

    def set_to(chosen: Any) -> None:
        signal.signal(SIGNALS.SIGUSR1, chosen)

    yield set_to
    signal.signal(SIGNALS.SIGUSR1, before)


def handler(*_: object) -> None:
    """A signal handler."""


class Handler:
    """An object that handles signals."""

    def __call__(self, *_: object) -> None:
        """Handle one."""


def of_module(name: str) -> Callable[..., None]:
    """A handler that was written there."""

    def other(*_: object) -> None:
        pass

    other.__module__, other.__qualname__ = name, "other"
    return other


@pytest.mark.parametrize("chosen", [handler, partial(handler, 1)], ids=["function", "partial"])
def test_the_signal_handler_of_an_app_is_named(handle: Callable[[Any], None], chosen: Any) -> None:
    """With its signal."""
    before = signal_handlers()
    handle(chosen)
    assert [text for text in signal_handlers() if text not in before] == [f"a handler of SIGUSR1: {__name__}.handler"]


def test_an_object_that_handles_signals_is_named(handle: Callable[[Any], None]) -> None:
    """By its own words."""
    chosen = Handler()
    handle(chosen)
    assert f"a handler of SIGUSR1: {__name__}.{chosen!r}" in signal_handlers()


@pytest.mark.parametrize("chosen", [signal.SIG_IGN, signal.SIG_DFL, signal.default_int_handler])
def test_what_python_does_with_a_signal_by_itself_is_no_handler(handle: Callable[[Any], None], chosen: Any) -> None:
    """Nobody hears of it."""
    before = signal_handlers()
    handle(chosen)
    assert signal_handlers() == before


@pytest.mark.parametrize(
    "module", ["_pytest.faulthandler", "pytest_timeout", "asyncio.runners", "coverage.control", "trio._core._ki"]
)
def test_the_handlers_of_a_test_run_are_no_part_of_the_app(handle: Callable[[Any], None], module: str) -> None:
    """They end it; also where they are partial functions."""
    before = signal_handlers()
    handle(of_module(module))
    plain = signal_handlers()
    handle(partial(of_module(module), 1))
    assert (plain, signal_handlers()) == (before, before)


@pytest.mark.parametrize("module", ["signals", "trio_app.jobs", "coverage_report"])
def test_a_module_of_the_app_may_have_a_name_like_theirs(handle: Callable[[Any], None], module: str) -> None:
    """It is another one."""
    handle(of_module(module))
    assert f"a handler of SIGUSR1: {module}.other" in signal_handlers()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_what_a_loop_does_about_an_interrupt_is_no_handler_of_the_app(backend: str) -> None:
    """`asyncio.run()` and `trio.run()` set one for Ctrl-C."""
    before = signal_handlers()

    async def main() -> None:
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        assert signal_handlers() == before

    anyio.run(main, backend=backend)


@pytest.mark.skipif(sys.platform == "win32", reason="loops of Windows handle no signals")
def test_a_handler_that_the_app_has_given_to_its_loop_is_named() -> None:
    """By asyncio's own, which is all that Python knows of it."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(SIGNALS.SIGUSR1, print)
        try:
            assert "a handler of SIGUSR1: asyncio.unix_events._sighandler_noop" in signal_handlers()
        finally:
            loop.remove_signal_handler(SIGNALS.SIGUSR1)

    asyncio.run(main())
