"""An asyncio loop that runs only inside `turn()`, on the thread of the caller."""

from __future__ import annotations

import asyncio
import math
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import Context
from typing import Any

from ..calls.app_tasks import AppTask
from ..calls.contract import LAST_GRACE, PASSES_AFTER_ANSWER, LoopRunner, Outcome
from ..calls.tasks import AppMain, Spawned, do_nothing
from ..clock.idle_time import IdleTime, SoLong
from ..clock.real_time import real_time
from ..clock.virtual_clock import VirtualClock
from ..inspection.held_signals import SIGNALS
from ..rest.rest_rules import Turn
from . import loop_internals
from .app_tasks import app_tasks, coroutines_of
from .jobs import Jobs
from .loop_end import LoopEnd
from .new_loop import new_loop
from .ready_pass import full_pass, ready_pass
from .rest_selector import OVER, RestSelector
from .root_task import RootTask, forever
from .tasks import AsyncioApps, AsyncioSignal
from .ways_out import Swallowed
from .ways_to_run import ways_to_run
from .world import AsyncioWorld

#: The longest time for which a loop asks its selector to wait, in seconds: a timer that never comes, such as that of
#: `anyio.sleep_forever()`, shows as this.
FOREVER = 24 * 3600

#: What holds between two turns.
_NO_TURN = Turn(bool, None, None, None)

_PASSES = range(PASSES_AFTER_ANSWER)


class SteppedLoop(LoopRunner):
    """One asyncio loop, turned by whoever calls `turn()`.

    Args:
        options: anyio's options of its asyncio backend: `debug`, `loop_factory`, `use_uvloop`.
        clock: the virtual clock that the loop is to have; None for real time.

    Limits: one thread at a time (see `TurnLock`); the thread must not have a running loop of its own.
    """

    def __init__(self, options: Mapping[str, Any], clock: VirtualClock | None = None) -> None:
        self._loop, self._rest = new_loop(options, clock)
        self._run = ways_to_run(self._loop)
        self._jobs = None if "loop_factory" in options else Jobs(self._loop)
        self._clock = clock
        self._world = AsyncioWorld(self._loop)
        self._rest.watch(self._loop)
        self._swallowed = Swallowed(self._loop)
        self._sees_rest_after_pass = clock is None and isinstance(self._rest, RestSelector)
        self._posted: deque[Callable[[], object]] = deque()
        self._apps = AsyncioApps(self._loop)
        self._turning: int | None = None
        self._turn = _NO_TURN
        self._root = RootTask(forever(self._loop), loop=self._loop, name="asgi-lockstep root")
        self._begun = False
        #: Whether an interrupt has come out of a turn: it may have taken a callback with it that a task waits for.
        self._interrupted = False

    def __repr__(self) -> str:
        where = f"turned by thread {self._turning}" if self._turning else "at rest"
        return f"<{type(self).__name__} of {type(self._loop).__name__}, {where}>"

    def post(self, call: Callable[[], object]) -> None:
        """Run `call` inside the loop: now, if this is the loop's thread at work, else when the next turn begins."""
        if self._turning == threading.get_ident():
            call()
        else:
            self._posted.append(call)

    def spawn(self, main: AppMain, context: Context, never_begun: Callable[[], None] = do_nothing) -> Spawned:
        return self._apps.spawn(self.post, main, context, never_begun)

    async def checkpoint(self) -> None:
        await asyncio.sleep(0)

    def coroutines_of(self, call: object) -> list[Any]:
        return coroutines_of(self._loop, call)

    def signal(self) -> AsyncioSignal:
        return AsyncioSignal(self._loop)

    def turn(self, until: Callable[[], bool], patience: float | None = None, idle: IdleTime | None = None) -> Outcome:
        turn = self._turn = Turn(SIGNALS.or_came(until), patience, idle, self._clock)
        self._turning = threading.get_ident()
        posted, hooks = self._posted, sys.get_asyncgen_hooks()
        try:
            SIGNALS.hold()
            while posted:
                posted.popleft()()
            self._rest.begin(self)
            with SIGNALS.waking(self.poke):
                if not self._begun:
                    self._begin()
                while turn.outcome is None and self._swallowed.exception is None:
                    self._run.forever()  # mostly once; but an app may stop its loop, too
            if self._swallowed.exception is not None:
                self._swallowed.let_out()
        except BaseException:
            self._was_interrupted(hooks)
            raise
        finally:
            self._turning = None
            self._turn = _NO_TURN
            self._rest.begin(None)
            SIGNALS.release()
        assert turn.outcome is not None
        return turn.outcome

    def _was_interrupted(self, hooks: Any) -> None:
        """What comes out of a turn came out of a signal handler: it may have left the loop in any state."""
        self._interrupted = True
        sys.set_asyncgen_hooks(*hooks)  # an interrupt at the end of the loop's run leaves those of the loop

    def settle_shortly(self) -> bool:
        """Pass by pass: mostly one is enough, where `turn()` needs another one to see the rest.

        For a loop whose next pass can be seen to be empty.
        `tests/drivers/on_asyncio/test_ready_pass.py` compares the passes, and `tests/drivers/turning/test_act.py` the
        turns.
        """
        if not (self._sees_rest_after_pass and self._begun):
            return False
        loop, posted = self._loop, self._posted
        self._turning = threading.get_ident()
        hooks = sys.get_asyncgen_hooks()
        try:
            while posted:
                posted.popleft()()
            for _ in _PASSES:
                if not (full_pass(loop) if self._rest.sockets else ready_pass(loop, hooks)):
                    break
            if self._swallowed.exception is not None:
                self._swallowed.let_out()
        except BaseException:
            self._was_interrupted(hooks)
            raise
        finally:
            self._turning = None
        return True

    def _begin(self) -> None:
        """The first turn of a root task; see `RootTask`."""
        self._begun = True
        try:
            self._run.until_complete(self._root)
        except RuntimeError:
            # It complains about a stop(), which is ours at the end of the turn, or one of the app.
            if self._turn.outcome is None and not self._root.was_left and self._swallowed.exception is None:
                raise

    def app_tasks(self) -> list[AppTask]:
        return [described for _, described in app_tasks(self._loop)]

    def cancel_app_tasks(self) -> None:
        self.post(lambda: [task.cancel() for task, _ in app_tasks(self._loop)])

    def overdue(self) -> float:
        timers = loop_internals.timers(self._loop)
        return max(0.0, self._loop.time() - timers[0].when()) if timers else 0.0

    def poke(self) -> None:
        with suppress(RuntimeError):  # closed in the meantime: nobody is turning it
            self._loop.call_soon_threadsafe(self._rest.ring)

    def may_turn_here(self) -> bool:
        return True

    @property
    def beats(self) -> int:
        return self._rest.beats

    @property
    def busy_thread(self) -> int | None:
        return None if self._rest.waiting else self._turning

    # Asked by the selector, or the counter, in every pass of the loop.

    def at_rest(self, next_timer: float | None, sockets: int, moved: bool) -> float | None:
        turn = self._turn
        if turn.met():  # nearly always; the first of the rules, all of which follow
            self._loop.stop()
            return OVER
        if next_timer is None:
            next_timer = math.inf
        elif next_timer >= FOREVER:
            next_timer = self._beyond_forever()
        wait = turn.at_rest(next_timer, sockets > 0, moved, self._world)
        if turn.outcome is not None:
            self._loop.stop()
            return OVER
        return None if wait == math.inf else wait

    def _beyond_forever(self) -> float:
        timers = loop_internals.timers(self._loop)
        return timers[0].when() - self._loop.time() if timers else math.inf

    @property
    def over(self) -> bool:
        """Whether the turn is over."""
        return self._turn.outcome is not None

    def moving(self, passes: int) -> None:
        turn = self._turn
        if turn.outcome is None:
            turn.passed(passes)
            if turn.outcome is not None:
                self._loop.stop()

    def waited(self, seconds: float) -> None:
        if self._turn.idle is not None:
            self._turn.idle.waited(seconds)

    def outside(self) -> list[str]:
        return self._world.outside(has_io=self._rest.sockets > 0)

    def renew(self) -> Callable[[], bool]:
        old = self._root

        def replace() -> None:
            if self._root is not old:
                return  # another thread has asked for the same, and was first
            self._root = RootTask(forever(self._loop), loop=self._loop, name="asgi-lockstep root")
            self._begun = False
            old.let_go()
            old.cancel()

        self.post(replace)
        return old.done

    def close(self, grace: float = LAST_GRACE, quietly: bool = False) -> None:
        if self._loop.is_closed():
            return
        self._posted.clear()
        self._begun = True  # whatever turns are made now, there will be no first one
        quietly = quietly or self._interrupted
        try:
            LoopEnd(self._loop, self._root, self._jobs, self._see_end, grace, quietly).close()
        finally:
            self._swallowed.let_go()

    def _see_end(self, until: Callable[[], bool], seconds: float) -> None:
        if self.settle_shortly() and until():
            return
        deadline = real_time() + seconds  # idle time alone is no limit for what never stops to work
        self.turn(lambda: until() or real_time() >= deadline, None, IdleTime(SoLong(seconds)))
