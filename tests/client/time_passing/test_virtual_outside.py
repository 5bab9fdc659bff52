"""A virtual clock stands still while something outside of the loop is under way, which takes real time."""

from __future__ import annotations

import _thread
import asyncio
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import anyio
import anyio.from_thread
import anyio.lowlevel
import pytest

from drivers.other_threads import running
from virtual import Note, Virtual, on

#: How long something outside takes, in seconds of real time; the deadline of the app is shorter by its own clock.
OUTSIDE = 0.015
DEADLINE = 0.001

take_long = partial(time.sleep, OUTSIDE)


def in_turn(*functions: Callable[[], object]) -> None:
    """Call each of them, in a thread."""
    for function in functions:
        function()


@on()
def test_a_job_in_a_thread(virtual: Virtual) -> None:
    """A deadline does not fire meanwhile: on a real machine the job would be quick."""

    async def work(note: Note) -> None:
        for _ in range(2):
            with anyio.fail_after(DEADLINE):
                await anyio.to_thread.run_sync(take_long)
            note("done")
        await anyio.sleep(DEADLINE)
        note("slept")

    assert virtual.notes(work) == [(0.0, "done"), (0.0, "done"), (DEADLINE, "slept")]


@on()
def test_a_job_that_calls_back(virtual: Virtual) -> None:
    """From its thread into the loop, which sleeps for it in turn: the thread waits for the clock."""

    def job() -> None:
        take_long()
        anyio.from_thread.run(anyio.sleep, 2)
        take_long()

    async def work(note: Note) -> None:
        await anyio.to_thread.run_sync(job)
        note("done")

    assert virtual.notes(work) == [(2.0, "done")]


@on()
def test_a_job_that_calls_back_again_and_again(virtual: Virtual) -> None:
    """Between two calls the thread is at work, and a timer of somebody else waits for it."""

    def job() -> None:
        for _ in range(10):
            anyio.from_thread.run(anyio.sleep, 2)
            time.sleep(OUTSIDE / 30)

    async def work(note: Note) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep, 1000)
            await anyio.to_thread.run_sync(job)
            note("done")
        note("slept")

    assert virtual.notes(work) == [(20.0, "done"), (1000.0, "slept")]


@on()
def test_a_job_that_waits_for_one_at_work(virtual: Virtual) -> None:
    """One thread waits for the clock, and the clock for the other."""

    async def sleep_in_a_thread() -> None:
        await anyio.to_thread.run_sync(anyio.from_thread.run, anyio.sleep, DEADLINE / 2)

    async def work(note: Note) -> None:
        with anyio.fail_after(DEADLINE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(sleep_in_a_thread)
                await anyio.to_thread.run_sync(take_long)
                note("worked")
        note("slept")

    assert virtual.notes(work) == [(0.0, "worked"), (DEADLINE / 2, "slept")]


@on()
def test_a_job_that_calls_back_for_a_job(virtual: Virtual) -> None:
    """From a thread into the loop, and from there to another thread, for which the clock waits."""

    async def ask() -> None:
        await anyio.to_thread.run_sync(take_long)
        await anyio.sleep(DEADLINE / 2)

    async def work(note: Note) -> None:
        with anyio.fail_after(DEADLINE):
            await anyio.to_thread.run_sync(anyio.from_thread.run, ask)
        note("done")

    assert virtual.notes(work) == [(DEADLINE / 2, "done")]


@on()
def test_several_jobs_at_once(virtual: Virtual) -> None:
    """The clock waits for the last of them."""

    async def work(note: Note) -> None:
        with anyio.fail_after(DEADLINE):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(anyio.to_thread.run_sync, partial(time.sleep, OUTSIDE / 3))
                tasks.start_soon(anyio.to_thread.run_sync, take_long)
        note("done")

    assert virtual.notes(work) == [(0.0, "done")]


@on("asyncio")
def test_a_job_of_asyncio(virtual: Virtual) -> None:
    """`to_thread()`, the default executor and one of the app's own."""

    async def work(note: Note) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(DEADLINE):
            await asyncio.to_thread(take_long)
        async with asyncio.timeout(DEADLINE):
            await loop.run_in_executor(None, take_long)
        with ThreadPoolExecutor(1) as pool:
            async with asyncio.timeout(DEADLINE):
                await loop.run_in_executor(pool, take_long)
            async with asyncio.timeout(DEADLINE):
                await asyncio.wrap_future(pool.submit(take_long))
        note("done")

    assert virtual.notes(work) == [(0.0, "done")]


@on("asyncio")
def test_a_job_that_waits_for_another_one(virtual: Virtual) -> None:
    """Neither thread looks as if it were at work, and still both are."""

    async def work(note: Note) -> None:
        loop, begun, go = asyncio.get_running_loop(), threading.Event(), threading.Event()

        def job() -> None:
            begun.set()
            go.wait()

        with ThreadPoolExecutor(2) as pool:
            async with asyncio.timeout(DEADLINE):
                waiting = loop.run_in_executor(pool, job)
                await loop.run_in_executor(pool, begun.wait)
                _thread.start_new_thread(in_turn, (take_long, go.set))
                await waiting
        note("done")

    assert virtual.notes(work) == [(0.0, "done")]


@on("asyncio")
def test_a_thread_that_calls_into_the_loop(virtual: Virtual) -> None:
    """One that the app has started itself."""

    async def work(note: Note) -> None:
        loop, event = asyncio.get_running_loop(), asyncio.Event()

        def call_in() -> None:
            take_long()
            loop.call_soon_threadsafe(event.set)

        thread = threading.Thread(target=call_in)
        thread.start()
        async with asyncio.timeout(DEADLINE):
            await event.wait()
        thread.join()
        note("done")

    assert virtual.notes(work) == [(0.0, "done")]


@on()
def test_a_socket(virtual: Virtual) -> None:
    """Whoever is at its other end: here a thread that nobody can see."""

    async def work(note: Note) -> None:
        here, there = socket.socketpair()
        with here, there:
            _thread.start_new_thread(lambda: (take_long(), there.send(b"x")), ())
            with anyio.fail_after(DEADLINE):
                await anyio.wait_readable(here)
            note(here.recv(1))

    assert virtual.notes(work) == [(0.0, b"x")]


@on()
def test_a_call_over_the_loopback(virtual: Virtual) -> None:
    """To a server in a thread, which is slow to answer; the app's deadlines are for the network, and fire there."""

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(connection.recv(5).upper())
            take_long()

    async def work(note: Note) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = threading.Thread(target=serve, args=(listener,))
            server.start()
            with anyio.fail_after(DEADLINE):
                async with await anyio.connect_tcp("127.0.0.1", listener.getsockname()[1]) as stream:
                    await stream.send(b"hello")
                    note(await stream.receive())
                    with pytest.raises(anyio.EndOfStream):
                        await stream.receive()
            server.join()
        await anyio.sleep(1)
        note("slept")

    assert virtual.notes(work) == [(0.0, b"HELLO"), (1.0, "slept")]


@on()
@pytest.mark.skipif(sys.platform == "win32", reason="a selector cannot run subprocesses there")
def test_a_subprocess(virtual: Virtual) -> None:
    """Until it has ended; then time passes again."""

    async def work(note: Note) -> None:
        with anyio.fail_after(DEADLINE):
            result = await anyio.run_process([sys.executable, "-I", "-S", "-c", "print(7)"])
        note(result.stdout.strip())
        await anyio.sleep(1)
        note("slept")

    assert virtual.notes(work) == [(0.0, b"7"), (1.0, "slept")]


@on()
def test_an_app_that_works_takes_no_time(virtual: Virtual) -> None:
    """Code that runs on the loop is no waiting."""

    def compute() -> None:
        take_long()

    async def work(note: Note) -> None:
        with anyio.fail_after(DEADLINE):
            compute()
            await anyio.lowlevel.checkpoint()
        note("done")

    assert virtual.notes(work) == [(0.0, "done")]


@on(entered=True)
def test_an_idle_worker_holds_nothing_up(virtual: Virtual) -> None:
    """Libraries keep their threads for the next job; an hour passes at once."""

    async def work(note: Note) -> None:
        await anyio.to_thread.run_sync(int)
        for _ in range(10):
            await anyio.sleep(360)
        note("slept")

    assert virtual.notes(work, timeout=1) == [(3600.0, "slept")]


@on(entered=True)
@pytest.mark.parametrize("limit", [None, 3600], ids=["for-ever", "for-a-time"])
def test_threads_of_others(virtual: Virtual, limit: float | None) -> None:
    """They hold nothing up if they cannot reach what a task waits for, whether they go on by themselves or not."""
    stop = threading.Event()

    async def work(note: Note) -> None:
        await anyio.sleep(3600)
        note("slept")

    with running(lambda: stop.wait(limit), stop.set):
        assert virtual.notes(work, timeout=5) == [(3600.0, "slept")]
