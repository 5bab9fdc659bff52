"""Where a client's app lives: one loop while the client is entered, a lazy one while it is not."""

from __future__ import annotations

import atexit
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, TypeVar, TypeVarTuple

from ..._protocol.steps import Steps, move
from ...errors import UsageError
from ..clock.idle_time import Awaited
from ..clock.virtual_clock import VirtualClock
from ..inspection.threads import other_threads
from ..rest.backend import Backend
from .backends import backend_named, choose, loop_runs_here
from .sync_driver import Pull, SyncDriver

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
L = TypeVar("L", bound=SyncDriver)

#: How many lazy loops one thread keeps. Test suites have module-level clients by the hundred, and each loop holds
#: three file descriptors; the least recently used ones are closed.
LAZY_LOOPS = 16


class _Recent(threading.local):
    """The client_loops with a lazy loop that this thread has used, oldest first."""

    def __init__(self) -> None:
        self.client_loops: OrderedDict[int, ClientLoops] = OrderedDict()


_recent = _Recent()

#: Homes of clients that were thrown away and not closed. The garbage collector finds them at any moment, also in the
#: middle of the app's own loop, where nothing must wait; so their loops are closed the next time a loop is asked for.
_abandoned: deque[ClientLoops] = deque()


def _close_abandoned() -> None:
    while _abandoned and not loop_runs_here():
        _abandoned.popleft().close_lazy()


atexit.register(_close_abandoned)


class LazyDriver(SyncDriver):
    """The loop of a client that is not entered; `ClientLoops` looks after it each time that it has been turned."""

    #: Called then, with this driver. Set by `ClientLoops`.
    used: Callable[[LazyDriver], None]

    def run(self, steps: Steps[T], awaited: Awaited | None = None, pull: Pull | None = None) -> T:
        try:
            return super().run(steps, awaited, pull)
        finally:
            self.used(self)

    def act(self, change: Callable[[*Ts], T], *args: *Ts) -> T:
        try:
            return super().act(change, *args)
        finally:
            if self.idle:
                self.used(self)

    def renew(self) -> None:
        """See `LoopRunner.renew`."""
        super().run(move(self.runner.renew(), "worker threads to be let go"))


class ClientLoops:
    """Hands out the driver that a call of the client has to use.

    Args:
        backend: the name of the backend.
        options: the options of the backend.
        driver: `"auto"` or `"thread"`.
        clock: the virtual clock of its loops; None for real time.
        block_warning: after how many seconds a thread that is blocked is reported; None for never.
    """

    def __init__(
        self,
        backend: str,
        options: Mapping[str, Any],
        driver: str,
        clock: VirtualClock | None = None,
        block_warning: float | None = None,
    ) -> None:
        self._backend_name = backend
        self._options = dict(options)
        self._driver = driver
        self.clock = clock
        self._block_warning = block_warning
        self._lock = threading.Lock()
        #: The driver of the entered client.
        self.entered: SyncDriver | None = None
        #: The lazy drivers by thread; a loop that any thread may turn has the key 0.
        self._lazy: dict[int, LazyDriver] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.entered or self._lazy or 'no loop yet'}>"

    @property
    def lazy(self) -> list[LazyDriver]:
        """The loops of the client while it is not entered."""
        return [driver for driver in self._lazy.values() if not driver.closed]

    def enter(self) -> SyncDriver:
        """Make the loop of the entered client."""
        if self.entered is not None:
            raise UsageError(
                "This client is entered already. Leave its `with` block first, or use client.derive() for a second "
                "user."
            )
        _close_abandoned()
        self.entered = self._new_driver(SyncDriver)
        return self.entered

    @cached_property
    def _backend(self) -> Backend:
        """Asked for when the first loop is: until then it does not matter whether it is installed."""
        return backend_named(self._backend_name)

    def _new_driver(self, kind: type[L]) -> L:
        """A driver of the kind, with a loop of its own, for the situation of the caller."""
        return kind(
            partial(self._backend.new_runner, self._options, self.clock),
            own_thread=choose(self._backend, self._driver).own_thread,
            block_warning=self._block_warning,
        )

    def abandon(self) -> None:
        """Nobody will use these loops again; safe to call from a finalizer."""
        if self._lazy:
            _abandoned.append(self)

    def leave(self) -> None:
        """End the loop of the entered client."""
        driver, self.entered = self.entered, None
        if driver is not None:
            driver.close()

    def current(self) -> SyncDriver:
        """The driver for an exchange that begins now, on this thread."""
        return self.entered or self._lazy_driver()

    def _lazy_driver(self) -> LazyDriver:
        key = threading.get_ident() if self._backend.bound_to_thread else 0
        with self._lock:
            driver = self._lazy.get(key)
            if driver is None or driver.closed:
                _close_abandoned()
                driver = self._lazy[key] = self._new_driver(LazyDriver)
                driver.used = self._used
            return driver

    def _used(self, driver: LazyDriver) -> None:
        if self._backend.bound_to_thread:
            if driver.idle:
                self._close(driver)
            return
        if other_threads() and driver.idle:
            # Python waits for threads before anything of ours runs at its exit, and they for the end of their loop.
            driver.renew()
        recent = _recent.client_loops
        recent[id(self)] = self
        recent.move_to_end(id(self))
        while len(recent) > LAZY_LOOPS:
            _, oldest = recent.popitem(last=False)
            oldest.close_lazy(only_idle=True)

    def close_lazy(self, only_idle: bool = False) -> None:
        """End the lazy loops, or those of them on which no call of the app is under way."""
        _recent.client_loops.pop(id(self), None)
        for driver in list(self._lazy.values()):
            if driver.idle or not only_idle:
                self._close(driver)

    def _close(self, driver: SyncDriver) -> None:
        with self._lock:
            for key in [key for key, value in self._lazy.items() if value is driver]:
                del self._lazy[key]
        driver.close()
