"""Threads that use one lock, and a runner that turns as the test says."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from contextvars import Context
from typing import Any

from asgi_lockstep._drivers.calls.app_tasks import AppTask
from asgi_lockstep._drivers.calls.contract import LoopRunner, Outcome
from asgi_lockstep._drivers.calls.tasks import AppMain, Signal, Spawned, do_nothing
from asgi_lockstep._drivers.clock.idle_time import IdleTime
from asgi_lockstep._drivers.turning.turn_lock import TurnLock

SAFE = 30.0


class Script(LoopRunner):
    """A runner that turns until its condition holds, and asks again whenever it is poked."""

    def __init__(self) -> None:
        self.owner: int | None = None
        #: The threads that turned, in order.
        self.turned_by: list[int] = []
        #: Set while somebody turns.
        self.turning = threading.Event()
        self._inside = threading.Lock()
        self._poked = threading.Semaphore(0)

    def turn(self, until: Callable[[], bool], patience: float | None = None, idle: IdleTime | None = None) -> Outcome:
        assert self._inside.acquire(blocking=False), "two threads turn one runner"
        try:
            self.turned_by.append(threading.get_ident())
            while not until():
                self.turning.set()
                if patience is not None:
                    return Outcome.RESTED
                assert self._poked.acquire(timeout=SAFE), "nobody poked"
            return Outcome.MET
        finally:
            self.turning.clear()
            self._inside.release()

    @property
    def beats(self) -> int:
        raise NotImplementedError

    @property
    def busy_thread(self) -> int | None:
        raise NotImplementedError

    def poke(self) -> None:
        self._poked.release()

    def may_turn_here(self) -> bool:
        return self.owner in (None, threading.get_ident())

    def coroutines_of(self, call: object) -> list[object]:
        return []

    def spawn(self, main: AppMain, context: Context, never_begun: Callable[[], None] = do_nothing) -> Spawned:
        raise NotImplementedError

    async def checkpoint(self) -> None:
        raise NotImplementedError

    def signal(self) -> Signal:
        raise NotImplementedError

    def app_tasks(self) -> list[AppTask]:
        raise NotImplementedError

    def outside(self) -> list[str]:
        raise NotImplementedError

    def renew(self) -> Callable[[], bool]:
        raise NotImplementedError

    def close(self, grace: float = 0.0, quietly: bool = False) -> None:
        raise NotImplementedError


class User(threading.Thread):
    """A thread that takes the lock, turns until its answer is there, and gives the lock back."""

    def __init__(self, lock: TurnLock, runner: Script, name: str, log: list[Any]) -> None:
        super().__init__(name=name)
        self.answer = threading.Event()
        self._turn_lock = lock
        self._runner = runner
        self._log = log
        self.start()

    def run(self) -> None:
        """Do as `SyncDriver.run` does, and log what became of it."""
        try:
            with self._turn_lock:
                outcome = self._turn_lock.turn(self.answer.is_set, None, self._runner.turn)
        except BaseException as exc:
            self._log.append((self.name, type(exc)))
        else:
            self._log.append((self.name, outcome))

    def give_answer(self) -> None:
        """Make its condition hold, and let whoever turns see that; then wait for its end."""
        self.answer.set()
        self._runner.poke()
        self.join(SAFE)
        assert not self.is_alive()

    def interrupt(self) -> None:
        """Ctrl-C."""
        exception = ctypes.py_object(KeyboardInterrupt)
        assert ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident or 0), exception)


def until(condition: Callable[[], bool]) -> None:
    """Return when the condition holds; that it will takes as long as it takes."""
    pause = threading.Event()
    for _ in range(10_000):
        if condition():
            return
        pause.wait(0.001)
    raise AssertionError("that never happened")


def waits(lock: TurnLock, count: int) -> None:
    """Return when so many threads wait for the lock, and one has it."""
    until(lambda: len(lock._waiting) == count and lock._holder is not None)
