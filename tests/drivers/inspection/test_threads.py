"""Which threads may still call into a loop."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import anyio
import anyio.to_thread
import pytest
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.inspection.known_code import Meaning
from asgi_lockstep._drivers.inspection.source_lines import shown
from asgi_lockstep._drivers.inspection.threads import (
    busy_workers,
    describe_thread,
    other_threads,
    threads_that_may_call_in,
)
from asgi_lockstep._drivers.turning.worker_thread import WorkerThread
from drivers.other_threads import comes_to, running

#: What a caller knows where no task waits for a job.
ANYIO_WORKER = (Meaning.ANYIO_WORKER,)


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
        seen.append(thread in threads_that_may_call_in(idle=ANYIO_WORKER))
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.to_thread.run_sync, job)
            while not started.wait(0.001):
                await checkpoint()
            seen.append(thread in threads_that_may_call_in(idle=ANYIO_WORKER))
            stop.set()

    anyio.run(main)
    assert seen == [True, False, True]


def test_an_idle_worker_of_an_executor_is_not_left_out() -> None:
    """Whether it has just been given a job nobody knows."""
    with ThreadPoolExecutor(1) as executor:
        thread = executor.submit(threading.current_thread).result()
        assert becomes_idle(thread)
        assert thread in threads_that_may_call_in(idle=ANYIO_WORKER)


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
