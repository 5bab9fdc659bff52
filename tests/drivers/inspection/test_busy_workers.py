"""Worker threads that look as if they were at work: for patience alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import anyio
import anyio.to_thread
import pytest
from anyio.lowlevel import checkpoint

from asgi_lockstep._drivers.inspection.threads import busy_workers
from drivers.other_threads import comes_to


def becomes_idle(thread: threading.Thread) -> bool:
    """Whether the thread is seen idle before long; that it gets there takes as long as it takes."""
    pause = threading.Event()
    for _ in range(30_000):
        if all(other.thread is not thread for other in busy_workers()):
            return True
        pause.wait(0.001)
    return False


def works(thread: threading.Thread) -> bool:
    """Whether it is seen at work."""
    return any(other.thread is thread for other in busy_workers())


class Job:
    """One that notes its thread, and stays until it is told to stop."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.stop = threading.Event()
        self.found: list[threading.Thread] = []

    def __call__(self) -> None:
        self.found.append(threading.current_thread())
        self.started.set()
        self.stop.wait(30)


def test_the_calling_thread_does_not_count() -> None:
    """Whoever asks is turning the loop."""
    assert not works(threading.current_thread())


def test_the_workers_of_an_executor_are_idle_between_two_jobs() -> None:
    """They stay for the next job."""
    with ThreadPoolExecutor(1) as executor:
        assert becomes_idle(executor.submit(threading.current_thread).result())


def test_a_worker_of_an_executor_is_busy_with_its_job() -> None:
    """The job may call in, and its end will."""
    job = Job()
    with ThreadPoolExecutor(1) as executor:
        executor.submit(job)
        job.started.wait(30)
        assert works(job.found[0])
        job.stop.set()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_worker_threads_of_anyio_are_idle_between_two_jobs(backend: str) -> None:
    """Their own on asyncio, those of trio's cache on trio; and they cannot move."""

    async def main() -> None:
        thread = await anyio.to_thread.run_sync(threading.current_thread)
        assert becomes_idle(thread)
        assert comes_to(thread, works=False)

    anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_worker_thread_of_anyio_is_busy_with_its_job(backend: str) -> None:
    """Seen while it runs one."""
    job = Job()

    async def main() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.to_thread.run_sync, job)
            while not job.started.wait(0.001):
                await checkpoint()
            assert works(job.found[0])
            job.stop.set()

    anyio.run(main, backend=backend)
