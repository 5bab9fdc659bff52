"""A signal that comes before a wait that nobody would wake: it is raised instead of waiting."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest

from alarms import Alarm, alarm_set, come_in_asyncio
from asgi_lockstep._drivers.calls.contract import LoopRunner
from asgi_lockstep._drivers.calls.tasks import do_nothing
from asgi_lockstep._drivers.inspection.held_signals import SIGNALS
from asgi_lockstep._drivers.turning.turn_lock import TurnLock
from asgi_lockstep._drivers.turning.worker_thread import WorkerThread

if sys.platform == "win32":
    pytest.skip("there are no alarms on Windows", allow_module_level=True)


#: After how many seconds a wait ends that should not have begun.
LONG = 20


@pytest.fixture(autouse=True)
def has_come() -> Iterator[None]:
    """An alarm has come in the middle of a loop, and has not been raised yet."""
    with alarm_set(), SIGNALS.held():
        come_in_asyncio()
        yield


def test_the_wait_for_a_worker(no_hang_event: threading.Event) -> None:
    """Whose function is blocked; it is called off."""
    worker = WorkerThread(no_hang_event.set)
    with pytest.raises(Alarm):
        worker.call(lambda: no_hang_event.wait(LONG))
    worker.close()


def test_the_wait_for_a_lock(no_hang_event: threading.Event) -> None:
    """Which another thread has."""

    class Runner:
        poke = staticmethod(do_nothing)

    lock = TurnLock(cast("LoopRunner", cast("Any", Runner())), lambda: True)
    taken = threading.Event()

    def hold() -> None:
        with lock:
            taken.set()
            no_hang_event.wait(LONG)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait()
    with pytest.raises(Alarm), lock:
        pytest.fail("it was taken")
    no_hang_event.set()
    thread.join()


@pytest.fixture
def no_hang_event() -> Iterator[threading.Event]:
    """What a thread waits for, and is told of when the test is over."""
    event = threading.Event()
    yield event
    event.set()
