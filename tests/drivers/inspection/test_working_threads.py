"""Threads that go on by themselves."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import anyio
import anyio.to_thread

from asgi_lockstep._drivers.inspection.threads import (
    working_threads,
)
from asgi_lockstep._drivers.turning.worker_thread import WorkerThread
from drivers.other_threads import comes_to, running


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
