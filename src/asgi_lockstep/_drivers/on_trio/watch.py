"""Whether a trio run that is not ours can still move: a task of its own looks while somebody waits."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence

import trio

from ..._protocol.steps import Move
from ..calls.tasks import Signal
from ..clock.idle_time import Awaited
from ..inspection.threads import PAUSE
from ..rest.watch import LOOK_EVERY, Waiter, Watch
from .clocks import JumpingClock
from .world import TrioWorld, waits_for_sockets


class _Scheduled(trio.abc.Instrument):
    """Counts the tasks that become ready."""

    count = 0

    def task_scheduled(self, task: trio.lowlevel.Task) -> None:
        """Called by trio when a task becomes ready."""
        self.count += 1


class TrioWatch(Watch):
    """The watch of a trio run: a system task that lives only while somebody waits for long."""

    def __init__(self) -> None:
        super().__init__()
        self._looking = False
        #: The scopes of the calls that wait and are not looked after yet, and that of the pause between two looks.
        self.waiting_shortly: set[trio.CancelScope] = set()
        self._pause = trio.CancelScope()
        self._token = trio.lowlevel.current_trio_token()
        self._clock = trio.lowlevel.current_clock()
        self.world = TrioWorld(self._clock if isinstance(self._clock, JumpingClock) else None)
        if isinstance(self._clock, JumpingClock):
            self._clock.on_rest = self._look_at_rest

    @property
    def is_virtual(self) -> bool:
        """Whether the clock of the run is ours, and tells of each rest."""
        return isinstance(self._clock, JumpingClock)

    async def wait(self, move: Move, awaited: Awaited | None, signal: Signal) -> Waiter | None:
        if not self.is_virtual:
            self.beats += 1
            shortly = trio.move_on_after(LOOK_EVERY)  # nearly always enough, and cheaper than a task
            self.waiting_shortly.add(shortly)
            try:
                with shortly:
                    while True:
                        await signal.wait()  # until something of the call has changed
                        if move.until():
                            return None
            finally:
                self.waiting_shortly.discard(shortly)
            if move.until():
                return None
        return await super().wait(move, awaited, signal)

    def add(self, waiter: Waiter) -> None:
        super().add(waiter)
        if not self._looking and not self.is_virtual:
            self._looking = True
            trio.lowlevel.spawn_system_task(self._look_on, name="asgi-lockstep watch")

    async def _look_on(self) -> None:
        scheduled = _Scheduled()
        trio.lowlevel.add_instrument(scheduled)
        try:
            while self.waiters:
                before = scheduled.count
                with trio.move_on_after(LOOK_EVERY) as self._pause:
                    await trio.sleep_forever()  # in which the run moves on, if it can
                only_this_task = scheduled.count - before == 1
                self.look(LOOK_EVERY, only_this_task and self._is_blocked())
        finally:
            self._looking = False
            trio.lowlevel.remove_instrument(scheduled)

    def call_in(self, function: Callable[[], object]) -> None:
        self._token.run_sync_soon(function)

    def _now(self) -> float:
        return trio.current_time()

    def _look_soon(self) -> None:
        self._pause.deadline = min(self._pause.deadline, trio.current_time() + LOOK_EVERY)
        for shortly in self.waiting_shortly:
            shortly.cancel()

    def _look_at_rest(self, waited: float) -> float:
        """Called by a virtual clock when no task is ready and there is no deadline; how long the run may sleep."""
        if not self.waiters:
            return math.inf
        self.look(waited, self._is_blocked())
        return PAUSE

    def _current_task(self) -> object:
        return trio.lowlevel.current_task()

    def _quiet_threads(self) -> Sequence[str]:
        return self._clock.clock.quiet_threads if isinstance(self._clock, JumpingClock) else ()

    def _is_idle(self) -> bool:
        if _is_guest():
            return False  # the loop of its host goes on, and nobody here knows what it does
        deadline = trio.lowlevel.current_statistics().seconds_to_next_deadline
        return deadline == math.inf and not waits_for_sockets()


def _is_guest() -> bool:
    """Whether the current run is not that of a `trio.run()`, but turned by another loop."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_code is not trio.run.__code__:
        frame = frame.f_back
    return frame is None


_watch: trio.lowlevel.RunVar[TrioWatch] = trio.lowlevel.RunVar("asgi_lockstep_watch")


def watch_of_run() -> TrioWatch:
    """The watch of the current run, of which there is one, however many clients use the run."""
    try:
        return _watch.get()
    except LookupError:
        watch = TrioWatch()
        _watch.set(watch)
        return watch
