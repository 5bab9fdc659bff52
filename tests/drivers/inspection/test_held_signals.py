"""What handlers of signals raise: at once in code of the app or the test, by the call that is under way elsewhere."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import NoReturn

import pytest

from alarms import Alarm, alarm_set, come_in, come_in_asyncio, ring
from asgi_lockstep._drivers.inspection.held_signals import HeldSignals, may_be_left

if sys.platform == "win32":
    pytest.skip("there are no alarms on Windows", allow_module_level=True)


@pytest.fixture(autouse=True)
def alarm() -> Iterator[None]:
    """For each test."""
    with alarm_set():
        yield


@pytest.fixture
def signals() -> HeldSignals:
    """Ones of its own, which no client uses."""
    return HeldSignals()


def come() -> None:
    """The signal comes, in code of a test."""
    signal.raise_signal(signal.SIGALRM)


def held(signals: HeldSignals, *calls: Callable[[], object]) -> None:
    """Make calls as a client does."""
    try:
        signals.hold()
        for call in calls:
            call()
    finally:
        signals.release()


def test_in_the_middle_of_a_loop_it_waits_for_the_end(signals: HeldSignals) -> None:
    """What follows is done first."""
    done: list[str] = []
    with pytest.raises(Alarm):
        held(signals, come_in_asyncio, lambda: done.append("the rest"))
    assert done == ["the rest"]


def test_in_code_of_the_test_it_is_raised_at_once(signals: HeldSignals) -> None:
    """A blocked thread has to be left where it is blocked."""
    done: list[str] = []
    with pytest.raises(Alarm):
        held(signals, come, lambda: done.append("the rest"))
    assert done == []


def test_what_was_raised_at_once_and_is_kept_from_the_call_is_raised_by_it(signals: HeldSignals) -> None:
    """By an app, or a task that nobody awaits."""

    def keep() -> None:
        with suppress(Alarm):
            come()

    with pytest.raises(Alarm):
        held(signals, keep)


@pytest.mark.parametrize("kind", [TimeoutError, SystemExit])
def test_an_app_may_handle_what_its_own_handler_raises(signals: HeldSignals, kind: type[BaseException]) -> None:
    """As the time limit of a job, or a graceful shutdown, is written."""

    def stop(*_: object) -> NoReturn:
        raise kind

    def handle() -> None:
        with suppress(kind):
            come()

    signal.signal(signal.SIGALRM, stop)
    held(signals, handle)


def test_a_second_signal_does_not_wait(signals: HeldSignals) -> None:
    """Where nobody raises the first one, there is a way out."""
    done: list[str] = []
    with pytest.raises(Alarm):
        held(signals, come_in_asyncio, come_in_asyncio, lambda: done.append("the rest"))
    assert done == []


def test_in_a_finalizer_it_waits(signals: HeldSignals) -> None:
    """Python would only report it."""

    class Dying:
        def __del__(self) -> None:
            come()

    with pytest.raises(Alarm):
        held(signals, Dying)


@pytest.mark.parametrize(
    ("file", "waits"),
    [
        (asyncio.tasks.__file__, True),
        (str(pytest.importorskip("trio").__file__), True),
        (str(pytest.importorskip("outcome").__file__), True),
        (str(pytest.importorskip("sniffio").__file__), True),
        (str(pytest.importorskip("httpx2").__file__), True),
        (str(pytest.importorskip("starlette").__file__), False),
        (signal.__file__, False),  # called by a test
        ("<string>", False),  # generated, and called by a test
    ],
)
def test_where_it_waits(signals: HeldSignals, file: str, waits: bool) -> None:
    """In the parts of a loop and of the client; Python's other modules are their callers'."""
    done: list[bool] = []
    with pytest.raises(Alarm):
        held(signals, lambda: come_in(file), lambda: done.append(True))
    assert bool(done) is waits


def test_a_wait_for_another_thread_is_left(signals: HeldSignals, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits; a loop that waits for a thread is blocked, too."""
    names = {**vars(signal), "lock": threading.Lock}
    exec(compile("def allocate(): raise_signal(SIGALRM); return lock()", "<string>", "exec"), names)
    monkeypatch.setattr(threading, "_allocate_lock", names["allocate"])
    code = compile("wait(0)", asyncio.events.__file__, "exec")
    done: list[str] = []
    with pytest.raises(Alarm):
        held(signals, lambda: exec(code, {"wait": threading.Event().wait}), lambda: done.append("the rest"))
    assert done == []


def test_a_function_that_may_be_left_is_left(signals: HeldSignals) -> None:
    """A wait of ours in which nobody could wake it."""

    @may_be_left
    def wait() -> None:
        come_in(signal.__file__)

    done: list[str] = []
    with pytest.raises(Alarm):
        held(signals, wait, lambda: done.append("the rest"))
    assert done == []


def test_what_waits_is_woken_and_ends(signals: HeldSignals) -> None:
    """The condition for which it waits holds then, and it raises at its end."""
    seen: list[object] = []

    def wait() -> None:
        until = signals.or_came(lambda: False)
        with signals.waking(lambda: seen.append("woken")):
            seen.append(until())
            come_in_asyncio()
            seen.append(until())
        seen.append("never reached")

    with pytest.raises(Alarm):
        held(signals, wait)
    assert seen == [False, "woken", True]


def test_what_has_come_before_a_wait_is_raised_instead_of_it(signals: HeldSignals) -> None:
    """Nobody would wake it any more."""

    def wait() -> None:
        with signals.waking(lambda: None):
            pytest.fail("it waits")

    with pytest.raises(Alarm):
        held(signals, come_in_asyncio, wait)


def test_of_calls_inside_of_each_other_the_outermost_raises_it(signals: HeldSignals) -> None:
    """What belongs together in there is done first: a loop is made, and kept."""
    done: list[str] = []
    with pytest.raises(Alarm):
        held(signals, lambda: held(signals, come_in_asyncio), lambda: done.append("kept"))
    assert done == ["kept"]


def test_the_handlers_are_there_again_after_the_call(signals: HeldSignals) -> None:
    """Also if the call was interrupted; one that was set meanwhile stays."""
    with pytest.raises(Alarm):
        held(signals, come)
    assert signal.getsignal(signal.SIGALRM) is ring
    held(signals, lambda: signal.signal(signal.SIGALRM, signal.SIG_IGN))
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_IGN


def test_a_handler_that_was_read_in_a_call_and_set_after_it_does_what_it_stood_for(signals: HeldSignals) -> None:
    """As servers do, who put back what was there before; also in the next call."""
    kept = SimpleNamespace(handler=None)

    def keep() -> None:
        kept.handler = signal.getsignal(signal.SIGALRM)

    held(signals, keep)
    signal.signal(signal.SIGALRM, kept.handler)
    with pytest.raises(Alarm):
        come_in_asyncio()
    with pytest.raises(Alarm):
        held(signals, come)


def test_a_signal_without_a_handler_of_python_is_left_alone(signals: HeldSignals) -> None:
    """It ends the process, or is ignored."""
    seen: list[object] = []
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    held(signals, lambda: seen.append(signal.getsignal(signal.SIGALRM)))
    assert seen == [signal.SIG_DFL]


def test_other_threads_hold_nothing(signals: HeldSignals) -> None:
    """Python calls handlers in the main thread alone."""
    seen: list[object] = []
    thread = threading.Thread(
        target=lambda: held(signals, lambda: seen.append(signal.getsignal(signal.SIGALRM) is ring))
    )
    thread.start()
    thread.join()
    assert seen == [True]


def test_while_a_thread_is_started_it_waits(signals: HeldSignals, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a short wait in `threading`, and mostly the business of a pool of threads."""

    class Started(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            come_in(threading.__file__)
            return super().wait(timeout)

    done: list[bool] = []
    thread = threading.Thread(target=int)
    monkeypatch.setattr(thread, "_started", Started())
    with pytest.raises(Alarm):
        held(signals, thread.start, thread.join, lambda: done.append(True))
    assert done == [True]


def test_no_handler_is_kept_after_the_call(signals: HeldSignals) -> None:
    """That of `asyncio.run()` refers to the task of the whole test."""

    class Handler:
        def __call__(self, *_: object) -> None: ...

    ours = Handler()
    kept = weakref.ref(ours)
    signal.signal(signal.SIGALRM, ours)
    held(signals, int)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    del ours
    assert kept() is None
