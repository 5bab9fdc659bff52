"""Whose turn it is, where several threads use one client.

One thread holds the lock: it may change exchanges and turn the runner. Others wait for it, each with a condition
under which it could go on. Whoever turns hands the lock over as soon as the app rests and someone else can go on;
so an answer reaches its thread although another thread is still waiting for its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..._protocol.exchange import nobody
from ..calls.contract import LoopRunner, Outcome
from ..clock.idle_time import IdleTime
from ..clock.real_time import real_time
from ..inspection.known_code import Meaning, means

#: How often a thread that waits looks up, in seconds.
_AWAKE_EVERY = 0.1


class _Waiter:
    """A thread that waits for the lock."""

    __slots__ = ("called", "can_turn", "ready")

    def __init__(self, ready: Callable[[], bool], can_turn: bool) -> None:
        self.ready = ready
        self.can_turn = can_turn
        self.called = threading.Semaphore(0)


class _Allowance:
    """How long a thread may wait that cannot turn the runner itself, for the one that can."""

    def __init__(self, patience: float | None, idle: IdleTime | None) -> None:
        self._deadline = None if patience is None else real_time() + patience
        self._idle = idle
        #: What it means when it is used up.
        self.outcome = Outcome.TIMED_OUT if patience is None else Outcome.RESTED

    def used_up(self) -> bool:
        """Whether it has waited long enough, after another `_AWAKE_EVERY`."""
        if self._deadline is not None:
            return real_time() >= self._deadline
        if self._idle is None:
            return False
        self._idle.waited(_AWAKE_EVERY)
        return self._idle.over


def _at_once() -> bool:
    return True


class TurnLock:
    """Mutual exclusion around a runner, that can be passed on in the middle of a turn.

    Args:
        runner: what is turned.
        can_turn: whether the calling thread may turn it.
        refuse: raises if the calling thread must not wait for the lock; asked before it waits.
    """

    def __init__(self, runner: LoopRunner, can_turn: Callable[[], bool], refuse: Callable[[], None] = nobody) -> None:
        self._runner = runner
        self._can_turn = can_turn
        self._refuse = refuse
        #: Held from `acquire()` to `release()`, and all the while that it is passed on.
        self._turn_lock = threading.Lock()
        self._holder: int | None = None
        #: Who waits, how many have ever queued up, and what guards both.
        self._waiting: list[_Waiter] = []
        self._queued = 0
        self._queue = threading.Lock()

    @property
    def held_here(self) -> bool:
        """Whether the calling thread holds the lock already: then the app is calling its own client."""
        return self._holder == threading.get_ident()

    def acquire(self) -> None:
        """Wait for the lock; whoever turns the runner meanwhile hands it over at the next rest."""
        if self._turn_lock.acquire(blocking=False):  # nearly always
            self._holder = threading.get_ident()
            return
        self._refuse()
        waiter = self._queue_up()
        if waiter is None:
            return
        try:
            self._wait(waiter)
        except BaseException:
            if self.held_here:
                self.release()
            raise

    def reacquire(self) -> None:
        """The same in the middle of a run: an interrupt is raised only when the lock is here again."""
        waiter = self._queue_up()
        if waiter is not None:
            self._wait(waiter, to_clean_up=True)

    def _queue_up(self) -> _Waiter | None:
        """A place in the queue, with whoever turns told of it; None if the lock lay there, and is ours."""
        waiter = self._join(_at_once)
        if self._take_where_it_lies(waiter):
            return None
        self._runner.poke()
        return waiter

    def _join(self, ready: Callable[[], bool]) -> _Waiter:
        waiter = _Waiter(ready, self._can_turn())
        with self._queue:
            self._waiting.append(waiter)
            self._queued += 1
        return waiter

    def release(self) -> None:
        """Pass the lock on, to one who can go on, or else to one who can turn."""
        self._holder = None
        while True:
            queued = self._queued
            if self._waiting and self._pass_on():
                return
            self._turn_lock.release()
            # Who has queued up before that was not seen above, and has not found the lock either.
            if self._queued == queued or not self._turn_lock.acquire(blocking=False):
                return

    def _pass_on(self) -> bool:
        with self._queue:
            waiter = next((waiter for waiter in self._waiting if waiter.ready()), None) or next(
                (waiter for waiter in self._waiting if waiter.can_turn), None
            )
            if waiter is None:
                return False
            self._waiting.remove(waiter)
            self._holder = -1  # on its way
            waiter.called.release()
            return True

    def turn(
        self,
        until: Callable[[], bool],
        patience: float | None,
        runner: Callable[..., Outcome],
        idle: IdleTime | None = None,
    ) -> Outcome:
        """Turn the runner, or have it turned, until `until()` holds; the lock is ours again on return.

        Args:
            until, patience, idle: see `LoopRunner.turn`.
            runner: what turns it here.
        """

        def until_someone_can_go_on() -> bool:
            return until() or (bool(self._waiting) and any(waiter.ready() for waiter in list(self._waiting)))

        while True:
            if self._can_turn():
                outcome = runner(until_someone_can_go_on, patience, idle)
                if until() or outcome is not Outcome.MET:
                    return outcome
            waiter = self._join(until)
            self.release()
            may_wait = _Allowance(patience, idle)
            if not self._wait(waiter, to_clean_up=True, may_wait=may_wait) and not until():
                return may_wait.outcome
            if until():
                return Outcome.MET

    @means(Meaning.CANNOT_CALL_IN)
    def _wait(self, waiter: _Waiter, *, to_clean_up: bool = False, may_wait: _Allowance | None = None) -> bool:
        """Wait until the lock is ours, and raise what has interrupted the waiting; False if it came too late.

        Args:
            waiter: how we stand in the queue.
            to_clean_up: an interrupted run needs the lock once more, as soon as possible, before the interrupt is
                raised; without this, the place in the queue is given up (unless the lock is on its way).
            may_wait: for how long; when that has passed, the lock is taken where it lies.
        """
        interrupt: BaseException | None = None
        while True:
            try:
                if waiter.called.acquire(timeout=_AWAKE_EVERY):  # so that Ctrl-C gets through on Windows
                    break
                if may_wait is not None and may_wait.used_up() and self._take_where_it_lies(waiter):
                    return False
            except BaseException as exc:
                interrupt = exc
                if to_clean_up:
                    waiter.ready = _at_once
                    self._runner.poke()
                elif self._give_up(waiter):
                    raise
        self._holder = threading.get_ident()
        if interrupt is not None:
            raise interrupt
        return True

    def _take_where_it_lies(self, waiter: _Waiter) -> bool:
        """Take the lock if nobody has it, although nobody has passed it on."""
        with self._queue:
            if waiter not in self._waiting or not self._turn_lock.acquire(blocking=False):
                return False
            self._waiting.remove(waiter)
            self._holder = threading.get_ident()
            return True

    def _give_up(self, waiter: _Waiter) -> bool:
        """Leave the queue; False if the lock is on its way to us already."""
        with self._queue:
            if waiter not in self._waiting:
                return False
            self._waiting.remove(waiter)
            return True
