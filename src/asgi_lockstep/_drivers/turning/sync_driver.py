"""The driver of the sync client: runs steps by turning a runner, on this thread or on a worker's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from sys import get_asyncgen_hooks
from typing import Any, TypeVar, TypeVarTuple

from ..._protocol.steps import Move, Steps, act, move, resumed
from ...diagnosis import Diagnosis
from ...errors import Deadlock
from ..calls.app_call import AppCall, coming_up
from ..calls.app_tasks import AppTask
from ..calls.contract import LAST_GRACE, LoopRunner, Outcome
from ..calls.interrupts import interrupt_behind
from ..calls.tasks import do_nothing
from ..calls.under_way import CallsUnderWay
from ..clock.idle_time import Awaited, IdleTime
from ..clock.virtual_clock import VirtualClock
from ..inspection.held_signals import SIGNALS
from ..inspection.watchdog import WATCHDOG
from ..rest.why_stuck import diagnose, in_the_way
from .backends import loop_runs_here
from .closed_loop import run_without_loop
from .still_open import STILL_OPEN
from .turn_lock import TurnLock
from .worker_thread import WorkerThread

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_LOOP_STANDS_STILL = (
    "The test called the sync client inside of a running event loop, which stands still until the call returns: an app "
    "that needs that loop has to be tested with AsyncTestClient."
)
#: Gives the next piece of the request body in bytes, None at its end.
Pull = Callable[[], bytes | None]


class SyncDriver:
    """One runner, and the right way to turn it from wherever it is called: carries steps out by turning.

    Args:
        new_runner: makes the runner; called on the thread that will turn it. Whoever makes a driver holds signals until
            it is kept.
        own_thread: True if every turn is to be made on a thread of the driver's own.
        block_warning: after how many seconds a thread that is blocked is reported; None for never.
        clock: the virtual clock of the runner; None for real time.
    """

    def __init__(
        self,
        new_runner: Callable[[], LoopRunner],
        *,
        own_thread: bool,
        block_warning: float | None = None,
        clock: VirtualClock | None = None,
    ) -> None:
        self._clock = clock
        self._always_away = own_thread
        self._worker: WorkerThread | None = None
        self._interrupted = False
        #: Whether an interrupt has come out of a run: what is found broken after that is no fault of the app.
        self._was_interrupted = False
        #: Changed under the lock.
        self._calls = CallsUnderWay()
        self.closed = False
        self._made: LoopRunner | None = None
        try:
            self.runner = self._make(new_runner, own_thread)
        except BaseException:
            if self._made is not None:
                self._away().call(partial(self._made.close, 0, quietly=True))
            self._end_worker()
            raise
        STILL_OPEN.add(self)
        #: Held by whoever changes an exchange, or turns the loop.
        self.lock = TurnLock(self.runner, self._can_turn, self._refuse_own_app)
        self._anywhere = self.runner.movable and not own_thread
        if block_warning is not None:
            WATCHDOG.watch(self.runner, block_warning)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.runner!r}, {self._worker or 'on the calling thread'}>"

    def _make(self, new_runner: Callable[[], LoopRunner], own_thread: bool) -> LoopRunner:
        def make() -> LoopRunner:
            self._made = new_runner()  # kept where it is made: an interrupt may take what its thread returns
            return self._made

        return self._away().call(make) if own_thread else make()

    @property
    def idle(self) -> bool:
        """Whether no call of the app is under way."""
        return not self._calls

    def begin(self, call: AppCall[Any], steps: Steps[None], pull: Pull | None = None) -> None:
        """Begin a call of the app, and carry out the first steps about it, of which the first one is `SETTLE`.

        Where the client has all that it will get when the app rests, as nearly always, the steps that follow have
        nothing to do and are left out. Otherwise as `run()`.
        """
        try:
            SIGNALS.hold()
            self.act(self._begin, call)
            if not call.exchange.is_whole:
                self.run(resumed(steps), call, pull)
        except Exception:
            raise
        except BaseException:  # an interrupt, perhaps before the steps could begin, or in what they did about one
            if not call.exchange.ended:
                call.exchange.end_app(had_grace=False)
                self.act(do_nothing)
            raise
        finally:
            SIGNALS.release()

    def _begin(self, call: AppCall[Any]) -> None:
        self._calls.add(call)
        call.begin(self.runner)

    def run(self, steps: Steps[T], awaited: Awaited | None = None, pull: Pull | None = None) -> T:
        """Carry the steps out and return their result.

        Args:
            steps: what has to happen.
            awaited: the call of the app that they are about, whose limit counts; None for none.
            pull: gives the next piece of the request body; called on this thread, without the lock.

        Raises:
            Deadlock: a step waits for what can never happen, or the app itself calls, for which its loop would have to
                wait; the text says what to do about the known shapes.
            TimedOut: the limit of what is awaited has passed, as it says itself.
            UsageError: the loop has been closed, and a step would need it.
            KeyboardInterrupt, SystemExit: the app has raised it, or Ctrl-C was pressed.
            Exception: what the steps or `pull` raise. Each failure is raised into the steps first, which may handle it.
        """
        try:
            SIGNALS.hold()
            with self.lock:
                if self.closed:
                    return run_without_loop(steps)
                step = next(steps)
                while True:
                    try:
                        answer = self._carry_out(step, awaited, pull)
                    except BaseException as exc:
                        step = steps.throw(exc)
                    else:
                        step = steps.send(answer)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        except Exception as exc:
            interrupt = interrupt_behind(exc)
            if interrupt is not None:  # what has failed since then failed because of it
                raise interrupt from None
            raise
        except BaseException:
            self._was_interrupted = True
            raise
        finally:
            SIGNALS.release()

    def move(self, until: Callable[[], bool], waits_for: str, awaited: Awaited | None = None) -> None:
        """Turn the loop until `until()` holds and the app rests.

        Args:
            until, waits_for: see `Move`.
            awaited: whose limit counts; None for none. Raises as `run()`.
        """
        self.run(move(until, waits_for), awaited)

    def act(self, change: Callable[[*Ts], T], *args: *Ts) -> T:
        """Make a change to an exchange, and let the app run until it rests; returns what the change has returned.

        The most frequent run, of which this is the short way: without steps, and for a loop that can surely be turned
        here. `tests/drivers/turning/test_act.py` compares it with `run(act(...))`.

        Raises:
            Exception: what the change raises; then nothing has run. Otherwise as `run()`.
        """
        # As `_surely_here()` has it, without a call: this is on the way of every message.
        if get_asyncgen_hooks().firstiter is None if self._anywhere else self._surely_here():
            with self.lock:  # whoever else waits for it has it at its end: every rest ends this turn
                if not self.closed:
                    result = change(*args)
                    self.runner.settle()
                    if WATCHDOG.failures:
                        WATCHDOG.raise_failure(self.runner)
                    return result
        return self.run(act(partial(change, *args)))

    def _surely_here(self) -> bool:
        """Whether the loop can surely be turned on the calling thread; a short way has to know that quickly."""
        if self._anywhere:
            # A loop that runs has hooks for async generators (PEP 525): where there are some, the long way asks whose.
            return get_asyncgen_hooks().firstiter is None
        return not self._always_away and self.runner.may_turn_here()

    def settle(self) -> None:
        """Let the app run until it rests, or for `PASSES_AFTER_ANSWER` passes if it spins. Raises as `act()`."""
        self.act(do_nothing)

    def _refuse_own_app(self) -> None:
        """Raise where the app calls from inside of its loop: the thread that turns a loop cannot wait for it."""
        if self.is_inside:
            raise Deadlock(
                Diagnosis(
                    "its own app",
                    exchanges=[repr(call.exchange) for call in self._calls],
                    advice="The app called its own sync client from the event loop that has to run it. Call the client "
                    "from the test, or use AsyncTestClient inside the app.",
                )
            )

    def _carry_out(self, step: object, awaited: Awaited | None, pull: Pull | None) -> bytes | None:
        if isinstance(step, Move):
            self._move(step, awaited)
            return None
        assert pull is not None
        return self.lock.without(pull)

    def _move(self, step: Move, awaited: Awaited | None) -> None:
        if self._surely_here() and self.runner.settle_shortly() and step.until():
            if WATCHDOG.failures:
                WATCHDOG.raise_failure(self.runner)
            return  # as nearly always: nothing has to be waited for
        idle = IdleTime(awaited) if awaited is not None and step.patience is None else None
        begun = 0 if self._clock is None else self._clock.now
        outcome = self.lock.turn(step.until, step.patience, self._turn, idle)
        if WATCHDOG.failures:
            WATCHDOG.raise_failure(self.runner)
        if outcome is Outcome.STALLED:
            raise coming_up(Deadlock(self._diagnosis(step, awaited, ())), awaited)
        if outcome is Outcome.UNREACHABLE:
            raise coming_up(Deadlock(self._diagnosis(step, awaited, ()), app_lives=True), awaited)
        if outcome is Outcome.TIMED_OUT:
            assert awaited is not None
            assert idle is not None
            diagnosis = self._diagnosis(step, awaited, self._outside(idle))
            if self._clock is not None:
                diagnosis = replace(diagnosis, virtual_seconds=self._clock.now - begun)
            raise coming_up(awaited.timed_out(diagnosis, idle.endless), awaited)

    def _outside(self, idle: IdleTime) -> list[str]:
        if not self._can_turn():
            return [f"the thread that has entered the client: only in its calls the loop moves ({self.runner!r})"]
        return [*self._where_it_is_turned(self.runner.outside), *in_the_way(idle.why_not_dead)]

    def _diagnosis(self, step: Move, awaited: Awaited | None, outside: Sequence[str]) -> Diagnosis:
        hint = _LOOP_STANDS_STILL if loop_runs_here() else ""
        return diagnose(
            step, awaited, [*self._calls], self.app_tasks(), outside, hint, time_is_real=self._clock is None
        )

    def app_tasks(self) -> list[AppTask]:
        """The tasks of apps that have not ended."""
        return [] if self.closed else self._where_it_is_turned(self.runner.app_tasks)

    def overdue(self) -> float:
        """For how many seconds a timer of the loop has been due, because nobody has turned it since; 0 if none is."""
        return 0.0 if self.closed else max(self._where_it_is_turned(lambda: [self.runner.overdue()]), default=0.0)

    # Which thread.

    @property
    def is_inside(self) -> bool:
        """Whether the caller runs on the loop, or has the lock for another reason."""
        return self.lock.held_here or (self._worker is not None and self._worker.is_current)

    def _can_turn(self) -> bool:
        return self._always_away or self.runner.movable or self.runner.may_turn_here()

    def _must_turn_away(self) -> bool:
        return self._always_away or (self.runner.movable and loop_runs_here())

    def _turn(self, until: Callable[[], bool], patience: float | None, idle: IdleTime | None) -> Outcome:
        if self._must_turn_away():
            turn = partial(self.runner.turn, lambda: self._interrupted or until(), patience, idle)
            with SIGNALS.waking(self._interrupt):
                return self._away().call(turn)
        return self.runner.turn(until, patience, idle)

    def _where_it_is_turned(self, ask: Callable[[], list[T]]) -> list[T]:
        """The answer of the runner, on the thread on which its loop lives; nothing where that is not to be had."""
        if self._always_away:
            return self._away().call(ask)
        return ask() if self._can_turn() else []

    def _away(self) -> WorkerThread:
        if self._worker is None:
            self._worker = WorkerThread(self._interrupt)
        self._interrupted = False
        return self._worker

    def _interrupt(self) -> None:
        self._interrupted = True
        if self._made is not None:
            self._made.poke()

    def close(self, grace: float = LAST_GRACE, quietly: bool = False) -> None:
        """End what is left on the loop, the loop, and the worker thread if any. All as `LoopRunner.close` has it."""
        if self.closed:
            return
        self.closed = True
        try:
            SIGNALS.hold()
            self._close(grace, quietly or self._was_interrupted)
        except BaseException:
            self._close(0, quietly=True)  # an interrupt may have come before it had begun
            raise
        finally:
            STILL_OPEN.discard(self)
            self._end_worker()
            self.lock.let_go()
            SIGNALS.release()

    def _close(self, grace: float, quietly: bool) -> None:
        WATCHDOG.release(self.runner)
        with self.lock:
            if self._must_turn_away():
                self._away().call(partial(self.runner.close, grace, quietly))
            else:
                self.runner.close(grace, quietly)

    def close_at_exit(self, seconds: float) -> None:
        """Close it as Python ends, quietly; unless another thread is inside of it, which may never leave it.

        Args:
            seconds: how long that may take.
        """
        if self.lock.is_free and not (self._worker and self._worker.is_stuck):
            self.close(seconds, quietly=True)

    def _end_worker(self) -> None:
        if self._worker is not None:
            self._worker.close()
