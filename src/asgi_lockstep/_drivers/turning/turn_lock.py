"""Whose turn it is, where several threads use one client.

One thread holds the lock: it may change exchanges and turn the runner. Others wait for it, each with a condition under
which it could go on. Whoever turns hands the lock over as soon as the app rests and someone else can go on; so an
answer reaches its thread although another thread is still waiting for its own.

There is one condition variable, and one holder. The lock goes from thread to thread under that condition, and never
lies free while somebody waits who can use it. So whatever interrupts a thread, and wherever: `_holder` says who has it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from threading import get_ident
from typing import TypeVar

from ..._protocol.steps import always
from ..calls.contract import LoopRunner, Outcome
from ..calls.tasks import do_nothing
from ..clock.idle_time import IdleTime
from ..clock.real_time import real_time
from ..inspection.held_signals import SIGNALS, may_be_left
from ..inspection.known_code import Meaning, means

T = TypeVar("T")

#: How often a thread that waits looks again, in seconds: a wait without end does not let Ctrl-C through on Windows.
_AWAKE_EVERY = 0.1


class _Waiter:
    """A thread that waits for the lock.

    Args:
        ready: whether it could go on; asked by whoever has the lock, at each rest.
        can_turn: whether it could turn the runner itself.
    """

    __slots__ = ("can_turn", "ready", "thread")

    def __init__(self, ready: Callable[[], bool], can_turn: bool) -> None:
        self.ready = ready
        self.can_turn = can_turn
        self.thread = get_ident()


class _Allowance:
    """How long a thread may wait that cannot turn the runner itself: `patience` in seconds, or else its idle time."""

    def __init__(self, patience: float | None, idle: IdleTime | None) -> None:
        self._deadline = None if patience is None else real_time() + patience
        self._idle = idle
        #: What it means when it is used up.
        self.outcome = Outcome.TIMED_OUT if patience is None else Outcome.RESTED

    def used_up(self) -> bool:
        """Whether it has waited long enough, after `_AWAKE_EVERY` seconds more."""
        if self._deadline is not None:
            return real_time() >= self._deadline
        if self._idle is None:
            return False
        self._idle.waited(_AWAKE_EVERY)
        return self._idle.over


class TurnLock:
    """Mutual exclusion around a runner, that can be passed on in the middle of a turn.

    `with lock:` waits for it, and gives it back at the end of the block. It cannot be taken twice by one thread.

    Args:
        runner: the loop that is turned.
        can_turn: whether the calling thread may turn it.
        refuse: raises if the calling thread must not wait for the lock; asked before it waits.
    """

    def __init__(
        self, runner: LoopRunner, can_turn: Callable[[], bool], refuse: Callable[[], None] = do_nothing
    ) -> None:
        self._runner = runner
        self._can_turn = can_turn
        self._refuse = refuse
        #: The thread that has the lock; guarded by the condition, as the list of those who wait is.
        self._holder: int | None = None
        self._waiting: list[_Waiter] = []
        self._guard = threading.Lock()
        self._changed = threading.Condition(self._guard)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of thread {self._holder}, {len(self._waiting)} wait>"

    def let_go(self) -> None:
        """Ask nobody any more: the runner is closed, and each would hold the other."""
        self._can_turn, self._refuse = always, do_nothing

    @property
    def held_here(self) -> bool:
        """Whether the calling thread holds the lock already: then the app is calling its own client."""
        return self._holder == get_ident()

    @property
    def is_free(self) -> bool:
        """Whether no thread holds it."""
        return self._holder is None

    def __enter__(self) -> None:
        """Wait for the lock; whoever turns the runner meanwhile hands it over at the next rest.

        Where the lock lies free, which it nearly always does, this is the beginning of `_acquire()` alone;
        `test_a_lock_that_nobody_waits_for_is_taken_and_left_as_any_other` compares both, here and at the exit.

        Raises:
            Deadlock: the caller is the app itself, which `refuse` knows. The lock was not taken.
            KeyboardInterrupt: it came while this waited. The lock was not taken, or has been passed on.
        """
        if self._holder is not None:
            self._refuse()
        try:
            with self._guard:
                if self._holder is None:  # nearly always: the short way in
                    self._holder = get_ident()
                    return
            self._acquire(raises_at_once=True)
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, kind: object = None, exception: object = None, traceback: object = None) -> None:
        """Pass the lock on, if it is ours: to one who can go on, or else to one who can turn; or leave it free."""
        if self._holder != get_ident():
            return
        if not self._waiting:  # nearly always: the short way out, without the guard
            self._holder = None
            if not self._waiting:  # who has come in between sees a lock that lies free, or is seen here
                return
        with self._guard:
            if self._holder in (None, get_ident()):
                self._pass_on()

    def without(self, call: Callable[[], T]) -> T:
        """What `call()` returns, while others may have the lock; on return it is ours again.

        Raises:
            KeyboardInterrupt: it came while this waited for the lock, and is raised when the lock is ours again.
            Exception: what `call()` raises; then, too, the lock is ours again.
        """
        self.__exit__()
        try:
            return call()
        finally:
            self._acquire(raises_at_once=False)

    def turn(
        self,
        until: Callable[[], bool],
        patience: float | None,
        turn_here: Callable[..., Outcome],
        idle: IdleTime | None = None,
    ) -> Outcome:
        """Turn the runner, or have it turned, until `until()` holds; the lock is ours again on return.

        Args:
            until, patience, idle: see `LoopRunner.turn`.
            turn_here: what turns it on this thread; called like `LoopRunner.turn`.

        Raises:
            KeyboardInterrupt: it came while another thread had the lock, and is raised when the lock is ours again.
            Exception: as `turn_here` does.
        """
        for_others = False

        def until_someone_can_go_on() -> bool:
            nonlocal for_others
            if until():
                for_others = False
                return True
            for_others = bool(self._waiting) and any(waiter.ready() for waiter in list(self._waiting))
            return for_others

        while True:
            if self._can_turn():
                for_others = False
                outcome = turn_here(until_someone_can_go_on, patience, idle)
                if outcome is not Outcome.MET or not for_others:
                    return outcome
            allowance = _Allowance(patience, idle)
            in_time = self._lend(_Waiter(until, self._can_turn()), allowance)
            if until():
                return Outcome.MET
            if not in_time:
                return allowance.outcome

    # The holder changes in what follows, and in nothing else.

    def _acquire(self, *, raises_at_once: bool) -> None:
        """Wait for the lock, and make whoever turns ask who could go on."""
        waiter = _Waiter(always, self._can_turn())
        with self._guard:
            if self._holder is None:
                self._holder = waiter.thread
                return
            self._waiting.append(waiter)
        self._runner.poke()
        with self._guard:
            self._wait(waiter, raises_at_once=raises_at_once)

    def _lend(self, waiter: _Waiter, allowance: _Allowance) -> bool:
        """Pass the lock on, and wait until it is here again; False if that took longer than is allowed."""
        with self._guard:
            self._waiting.append(waiter)
            self._pass_on()
            return self._wait(waiter, raises_at_once=False, allowance=allowance)

    def _pass_on(self) -> None:
        """Choose the next holder among those who wait."""
        chosen = next((waiter for waiter in self._waiting if waiter.ready()), None) or next(
            (waiter for waiter in self._waiting if waiter.can_turn), None
        )
        if chosen is None:
            self._holder = None
        else:
            self._waiting.remove(chosen)
            self._holder = chosen.thread
            self._changed.notify_all()

    @may_be_left
    @means(Meaning.CANNOT_CALL_IN)
    def _wait(self, waiter: _Waiter, *, raises_at_once: bool, allowance: _Allowance | None = None) -> bool:
        """Wait until `waiter` holds the lock; False if that took longer than is allowed.

        Args:
            raises_at_once: whether an interrupt gives the place in the queue up. A run that is under way needs the lock
                once more to clean up, as soon as possible, before the interrupt is raised.
            allowance: for how long; when that is used up, the lock is taken as soon as nobody has it.
        """
        interrupt: BaseException | None = None
        in_time = True
        try:
            while self._holder != waiter.thread:
                try:
                    SIGNALS.raise_here()
                    if self._holder is None and (not in_time or waiter.ready()):
                        self._holder = waiter.thread
                    # Until the lock is passed on. It may be passed on to others only, or lie free with nobody who
                    # could turn; hence a look now and then, by which `allowance` is measured, too.
                    elif not self._changed.wait(_AWAKE_EVERY) and allowance is not None:
                        in_time = not allowance.used_up()
                except BaseException as exc:
                    if raises_at_once and waiter in self._waiting:
                        raise
                    interrupt = exc
                    waiter.ready = always
                    self._runner.poke()
        finally:
            if waiter in self._waiting:  # it took the lock where that lay, or has given up
                self._waiting.remove(waiter)
        if interrupt is not None:
            raise interrupt
        return in_time
