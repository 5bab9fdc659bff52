"""A thread of our own, on which the waiting caller has functions called."""

from __future__ import annotations

import ctypes
import gc
import threading
import weakref
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from asgi_lockstep._drivers.calls.tasks import do_nothing
from asgi_lockstep._drivers.turning.worker_thread import WorkerThread, _Job


@pytest.fixture
def worker() -> Iterator[WorkerThread]:
    """A worker, closed at the end."""
    made = WorkerThread(do_nothing)
    yield made
    made.close()


def test_all_calls_are_made_on_one_thread(worker: WorkerThread) -> None:
    """It is never the thread of the caller."""
    threads = {worker.call(threading.get_ident) for _ in range(3)}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_a_call_returns_what_the_function_returns(worker: WorkerThread) -> None:
    """The object itself."""
    answer = object()
    assert worker.call(lambda: answer) is answer


@pytest.mark.parametrize("exception", [ValueError(), KeyboardInterrupt(), SystemExit(), StopIteration()])
def test_a_call_raises_what_the_function_raises(worker: WorkerThread, exception: BaseException) -> None:
    """The object itself; and the thread serves the next call."""

    def fail() -> None:
        raise exception

    with pytest.raises(type(exception)) as caught:
        worker.call(fail)
    assert caught.value is exception
    assert worker.call(lambda: "alive") == "alive"


def test_the_traceback_of_an_exception_reaches_into_the_function(worker: WorkerThread) -> None:
    """The line of the app is what the user wants to see."""

    def fail_here() -> None:
        raise ValueError

    with pytest.raises(ValueError) as caught:
        worker.call(fail_here)
    assert caught.traceback[-1].name == "fail_here"


@pytest.mark.usefixtures("only_new_garbage")
def test_nothing_of_a_finished_call_is_kept_alive(worker: WorkerThread) -> None:
    """Neither the function nor its result, nor an exception with the frames it came through."""

    class Value:
        """Something that can be watched."""

    def fail(value: Value) -> None:
        raise ValueError

    results: list[weakref.ref[Value]] = []
    for index in range(2):
        value = Value()
        results.append(weakref.ref(value))
        with suppress(ValueError):
            worker.call(lambda value=value: fail(value) if index else value)  # type: ignore[misc]  # noqa: B023
        del value
    worker.call(do_nothing)
    gc.collect()
    assert [result() for result in results] == [None, None]


def test_the_worker_knows_its_own_thread(worker: WorkerThread) -> None:
    """That is how an app that calls its own client is found out."""
    assert (worker.is_current, worker.call(lambda: worker.is_current)) == (False, True)


def test_the_thread_ends_with_close() -> None:
    """`close()` returns when it is gone; calling it again does nothing."""
    worker = WorkerThread(do_nothing)
    assert "alive" in repr(worker)
    worker.close()
    worker.close()
    assert "ended" in repr(worker)


def test_a_worker_can_be_closed_from_its_own_thread() -> None:
    """By a client that the garbage collector finds there; it does not wait for itself."""
    worker = WorkerThread(do_nothing)
    thread = worker.call(threading.current_thread)
    worker.call(worker.close)
    thread.join(30)
    assert not thread.is_alive()


def test_an_interrupt_of_the_caller_makes_the_running_call_return() -> None:
    """Ctrl-C comes out of `call()`, after what ran on the thread has been told, and has ended."""
    running, stop = threading.Event(), threading.Event()
    events: list[str] = []

    def interrupt() -> None:
        events.append("interrupt")
        stop.set()

    def run() -> None:
        running.set()
        stop.wait(30)
        events.append("returned")

    def caller() -> None:
        try:
            interruptible.call(run)
        except KeyboardInterrupt:
            events.append("raised")

    interruptible = WorkerThread(interrupt)
    thread = threading.Thread(target=caller)
    thread.start()
    running.wait(30)
    assert ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident or 0), ctypes.py_object(KeyboardInterrupt)
    )
    thread.join(30)
    interruptible.close()
    assert events == ["interrupt", "returned", "raised"]


def test_an_interrupt_after_the_answer_has_come_does_not_wait_for_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer is looked up; it was taken out of a queue, and an interrupt between the two lost it."""
    interrupted: list[str] = []
    worker = WorkerThread(lambda: interrupted.append("poked"))
    wait = _Job.wait

    def wait_and_be_interrupted(job: _Job, seconds: float | None = None) -> None:
        wait(job, seconds)
        if not interrupted:
            raise KeyboardInterrupt

    with closing(worker), monkeypatch.context() as patch:
        patch.setattr(_Job, "wait", wait_and_be_interrupted)
        with pytest.raises(KeyboardInterrupt):
            worker.call(do_nothing)
        assert (worker.is_stuck, worker.call(lambda: "alive")) == (False, "alive")
