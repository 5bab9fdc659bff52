"""The driver of an app that runs by itself: also while the test does something else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from ..._protocol.steps import Steps
from ..calls.contract import LAST_GRACE, LoopRunner, Outcome
from ..clock.idle_time import Awaited
from ..clock.virtual_clock import VirtualClock
from ..inspection.known_code import Meaning, means
from .sync_driver import Pull, SyncDriver

T = TypeVar("T")


class FreeDriver(SyncDriver):
    """Turns the loop on a thread of its own, for a call of the client or for none.

    Between two calls it is another thread that waits for something, which never comes: it has the lock, and hands it
    over at a rest, as threads that share a client do. So all that holds in a call holds here.

    Args:
        new_runner, block_warning, clock: see `SyncDriver`.
        own_thread: it has one in any case.
    """

    def __init__(
        self,
        new_runner: Callable[[], LoopRunner],
        *,
        own_thread: bool = True,
        block_warning: float | None = None,
        clock: VirtualClock | None = None,
    ) -> None:
        super().__init__(new_runner, own_thread=True, block_warning=block_warning, clock=clock)
        self._ends = False
        #: Set when a call may have brought something.
        self._news = threading.Event()
        #: What came out of the loop between two calls: it is raised by the next one.
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._go_on, name="asgi-lockstep free", daemon=True)
        self._thread.start()

    def run(self, steps: Steps[T], awaited: Awaited | None = None, pull: Pull | None = None) -> T:
        """As `SyncDriver.run()`; also raises what has come out of the loop since the last call."""
        try:
            failure, self._failure = self._failure, None
            if failure is not None:
                raise failure
            return super().run(steps, awaited, pull)
        finally:
            self._news.set()

    @means(Meaning.CANNOT_CALL_IN)
    def _go_on(self) -> None:
        while not self._ends:
            self._news.clear()
            try:
                with self.lock:
                    outcome = self.lock.turn(lambda: self._ends, None, self._turn)
            except BaseException as exc:
                self._failure, outcome = exc, Outcome.STALLED
            if outcome is Outcome.STALLED:
                self._news.wait()  # nothing in the app can move, until a call of the client brings something

    def _stop(self, seconds: float | None = None) -> None:
        self._ends = True
        self._news.set()
        self.runner.poke()
        self._thread.join(seconds)

    def close(self, grace: float = LAST_GRACE, quietly: bool = False) -> None:
        """As `SyncDriver.close()`."""
        if not self.closed:
            self._stop()
        super().close(grace, quietly)

    def close_at_exit(self, seconds: float) -> None:
        """As `SyncDriver.close_at_exit()`; an app that blocks its thread is left."""
        self._stop(seconds)
        super().close_at_exit(seconds)
