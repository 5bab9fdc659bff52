"""Which threads may move by themselves, and where they stand."""

from __future__ import annotations

import _thread
import asyncio
import faulthandler
import queue
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import pytest

from asgi_lockstep._drivers.inspection import system_threads, threads
from asgi_lockstep._drivers.inspection.source_lines import shown
from asgi_lockstep._drivers.inspection.threads import (
    describe_thread,
    other_threads,
    threads_that_may_move,
)
from asgi_lockstep._drivers.turning.worker_thread import WorkerThread
from drivers.other_threads import comes_to, running

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux says where a thread stands")


def moving(quiet: tuple[str, ...] = ()) -> list[threading.Thread | None]:
    """The threads that may move, as Python knows them."""
    return [other.thread for other in threads_that_may_move(quiet)]


# Threads that wait until somebody of this process wakes them.


def test_the_calling_thread_does_not_count() -> None:
    """Whoever asks is turning the loop."""
    assert threading.current_thread() not in moving()


def test_other_threads_is_the_cheap_question() -> None:
    """It is asked first."""
    stop = threading.Event()
    with running(stop.wait, stop.set):
        assert other_threads()


def for_ever() -> Iterator[tuple[str, Callable[[], object], Callable[[], object]]]:
    """Waits without a limit of their own, each with what ends it."""
    event, condition, jobs = threading.Event(), threading.Condition(), queue.Queue[None]()
    simple, future, lock = queue.SimpleQueue[None](), Future[None](), threading.Lock()
    loop = asyncio.new_event_loop()

    def wait_for_condition() -> None:
        with condition:
            condition.wait()

    def notify() -> None:
        with condition:
            condition.notify()

    def run_loop() -> None:
        loop.run_forever()
        loop.close()

    lock.acquire()
    yield "event", event.wait, event.set
    yield "condition", wait_for_condition, notify
    yield "queue", jobs.get, lambda: jobs.put(None)
    yield "simple queue", simple.get, lambda: simple.put(None)
    yield "future", future.result, lambda: future.set_result(None)
    yield "lock", lock.acquire, lock.release
    yield "loop", run_loop, lambda: loop.call_soon_threadsafe(loop.stop)


@on_linux
def test_a_thread_that_waits_without_a_limit_cannot_move() -> None:
    """Whatever it waits for, as long as only this process can bring it: also an event loop with nothing to do."""
    for what, target, release in for_ever():
        with running(target, release) as thread:
            assert comes_to(thread, works=False), what


def for_a_time() -> Iterator[tuple[str, Callable[[], object], Callable[[], object]]]:
    """Waits that end by themselves, each with what ends it sooner."""
    event, jobs = threading.Event(), queue.Queue[None]()
    here, there = socket.socketpair()
    stop: list[bool] = []

    def compute() -> None:
        while not stop:
            sum(range(100))

    yield "event", lambda: event.wait(3600), event.set
    yield "queue", lambda: jobs.get(timeout=3600), lambda: jobs.put(None)
    yield "socket", lambda: here.recv(1), lambda: there.send(b"x")
    yield "computation", compute, lambda: stop.append(True)
    here.close()
    there.close()


def test_a_thread_that_goes_on_by_itself_may_move() -> None:
    """Its wait has a limit, it waits for a file, or it does not wait at all."""
    for what, target, release in for_a_time():
        with running(target, release) as thread:
            assert comes_to(thread, works=True), what


def test_a_timer_thread_may_move() -> None:
    """All its code belongs to `threading`, and still it will call somebody."""
    timer = threading.Timer(3600, print)
    timer.start()
    try:
        assert comes_to(timer, works=True)
    finally:
        timer.cancel()
        timer.join()


@on_linux
def test_a_thread_that_python_does_not_list_counts() -> None:
    """One that was started below `threading`."""
    begun, stop = _thread.allocate_lock(), threading.Event()
    begun.acquire()
    numbers: list[int] = []

    def wait() -> None:
        numbers.append(threading.get_native_id())
        begun.release()
        stop.wait(3600)

    _thread.start_new_thread(wait, ())
    begun.acquire()
    found = [thread.number for thread in threads_that_may_move()]
    stop.set()
    assert numbers[0] in found


@on_linux
def test_a_chain_of_threads_is_never_taken_for_one_that_sleeps() -> None:
    """One sleeps until another wakes it, which sleeps before it is looked at: they have to sleep at one moment."""
    wrong = 0
    for _ in range(300):
        done, woken = threading.Event(), threading.Event()

        def first(woken: threading.Event = woken, done: threading.Event = done) -> None:
            woken.wait()
            done.set()

        before = set(moving())
        threading.Thread(target=first).start()
        threading.Timer(0.0005, woken.set).start()
        while not done.is_set():
            wrong += set(moving()) <= before and not done.is_set() and not woken.is_set()
        while set(moving()) - before:
            time.sleep(0)
    assert wrong == 0


def test_our_own_worker_that_waits_cannot_move() -> None:
    """Nor can the caller that waits for it."""
    worker = WorkerThread(lambda: None)
    thread = worker.call(threading.current_thread)
    seen = comes_to(thread, works=False), threading.current_thread() in worker.call(moving)
    worker.close()
    assert seen == (True, False)


@on_linux
def test_a_caller_that_waits_for_our_worker_may_move_once_it_has_been_woken() -> None:
    """Its answer is there, and the worker sleeps again: the frame in which it stands is still that of the wait."""
    caller = next(other for other in _waiting_for_our_worker() if other.thread is threading.main_thread())
    woken = threads.OtherThread(caller.number, caller.thread, system_threads.Stand(False, "running"), caller.stack)
    assert (threads._calls_nobody(caller), threads._calls_nobody(woken)) == (True, False)


def _waiting_for_our_worker() -> list[threads.OtherThread]:
    """The other threads, as seen by a worker of ours for which the calling thread waits."""
    worker = WorkerThread(lambda: None)

    def look() -> list[threads.OtherThread]:
        frames = sys._current_frames()
        number, main = threading.main_thread().native_id, threading.main_thread()
        stand = system_threads.Stand(False, "futex")
        return [threads.OtherThread(number, main, stand, list(threads._stack(frames[main.ident or 0])))]

    seen = worker.call(look)
    worker.close()
    return seen


# Threads that call into no loop, whatever they wait for.


def test_a_thread_that_the_user_calls_quiet_is_left_out() -> None:
    """By its name, or by a pattern that it matches."""
    stop = threading.Event()
    with running(lambda: stop.wait(3600), stop.set) as thread:
        thread.name = "metrics-exporter-1"
        assert comes_to(thread, works=True)
        found = [thread in moving(quiet) for quiet in (("metrics",), ("metrics-exporter-1",), ("metrics-*",))]
    assert found == [True, False, False]


def test_a_thread_of_pytest_timeout_is_left_out() -> None:
    """It ends the test when its time has come."""
    stop = threading.Event()
    with running(lambda: stop.wait(3600), stop.set) as thread:
        assert comes_to(thread, works=True)
        thread.name = "pytest_timeout tests/test_it.py::test"
        assert thread not in moving()


def test_the_main_thread_is_never_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under pytest-xdist it has execnet in its stack, and still it is the test."""
    monkeypatch.setattr(threading.main_thread(), "_name", "pytest_timeout")
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(threading.main_thread() in moving()))
    thread.start()
    thread.join(60)
    assert seen == [True]


@on_linux
def test_the_thread_of_pytests_faulthandler_is_left_out() -> None:
    """It writes a traceback when its time has come; it is native, and nobody has a name for it."""
    before = set(system_threads.other_numbers())
    faulthandler.cancel_dump_traceback_later()
    faulthandler.dump_traceback_later(3600)
    new = set(system_threads.other_numbers()) - before
    left_out = any(not new & {other.number for other in threads_that_may_move()} for _ in range(30_000))
    faulthandler.cancel_dump_traceback_later()
    assert left_out  # as soon as it has come to its wait


@contextmanager
def without_the_list(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A system that does not list its threads."""
    with monkeypatch.context() as patch:
        patch.setattr(system_threads, "_TASKS", "/nowhere")
        yield


def test_without_a_list_of_the_system_every_thread_that_runs_python_may_move(monkeypatch: pytest.MonkeyPatch) -> None:
    """But those of which it is known that they call into no loop."""
    stop = threading.Event()
    with running(stop.wait, stop.set) as thread, without_the_list(monkeypatch):
        found = thread in moving()
        thread.name = "pytest_timeout"
        assert (found, thread in moving()) == (True, False)


def test_where_threads_are_not_threads_of_the_system_nothing_is_known_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gevent replaces what starts them."""
    stop = threading.Event()
    with running(stop.wait, stop.set) as thread, monkeypatch.context() as patch:
        patch.setattr(_thread, "start_new_thread", lambda *_: None)
        assert thread in moving()


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
    with running(lambda: stop.wait(30), stop.set) as thread:
        assert comes_to(thread, works=True)
        thread.name = "a thread"
        assert describe_thread(thread).startswith("thread 'a thread', at ")


def test_a_native_thread_is_shown_with_what_the_system_says() -> None:
    """Its name, and the call in which it sleeps."""
    other = threads.OtherThread(7, None, system_threads.Stand(False, "epoll_wait"))
    assert str(other) == "thread '?', which Python has not started: native, in epoll_wait"
