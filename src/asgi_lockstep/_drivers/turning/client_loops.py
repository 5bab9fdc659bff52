"""Which loop a client has: one while it is entered, a lazy one while it is not."""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property, partial
from typing import Any, TypeVar, TypeVarTuple

from ..._protocol.steps import Move, Steps, move
from ...errors import UsageError
from ..calls.app_call import AppCall
from ..calls.contract import LAST_GRACE, LoopRunner
from ..calls.tasks import do_nothing
from ..clock.idle_time import Awaited
from ..clock.virtual_clock import VirtualClock
from ..inspection.held_signals import SIGNALS
from ..inspection.threads import other_threads
from ..rest.backend import Backend
from .backends import backend_named, choose, loop_runs_here
from .free_driver import FreeDriver
from .still_open import STILL_OPEN
from .sync_driver import Pull, SyncDriver

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
D = TypeVar("D", bound=SyncDriver)


def _lazy_loops() -> int:
    """How many loops of three files each may be kept: in a third of the files that the process may open."""
    if sys.platform == "win32":
        return _FEWEST
    import resource

    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if files == resource.RLIM_INFINITY else max(_FEWEST, min(_MOST, files // 9))


_FEWEST, _MOST = 16, 128

#: How many lazy loops one thread keeps on which no call of the app is under way. Test suites have module-level clients
#: by the hundred; the least recently used ones are closed.
LAZY_LOOPS = _lazy_loops()


_NOT_FREE = (
    'driver="free" lets the app run between two calls, and there nothing would hold up its virtual time: leave out one '
    "of the two, and let time pass with client.sleep()."
)


class _Recent(threading.local):
    """The clients whose lazy loops this thread keeps, the least recently used first; a dict, for its order alone."""

    def __init__(self) -> None:
        self.clients: dict[ClientLoops, None] = {}


_recent = _Recent()

#: The loops of clients that were thrown away and not closed. The garbage collector finds them at any moment, also in
#: the middle of the app's own loop, where nothing must wait; so they are closed the next time a loop is asked for.
_abandoned: deque[ClientLoops] = deque()


def _close_abandoned() -> None:
    while _abandoned and not loop_runs_here():
        _abandoned.popleft().close_abandoned()


class LazyDriver(SyncDriver):
    """The driver of a client that is not entered. With the last call under way it lets go of what others may need.

    Args:
        new_runner, own_thread, block_warning, clock: see `SyncDriver`.
        ends_with_its_calls: whether its loop is closed then, because the thread can have no other beside it.
        grace: how long tasks of the app that are left then, and are cancelled, may take; None for tasks that go on.
    """

    def __init__(
        self,
        new_runner: Callable[[], LoopRunner],
        *,
        own_thread: bool,
        block_warning: float | None = None,
        clock: VirtualClock | None = None,
        ends_with_its_calls: bool,
        grace: float | None = None,
    ) -> None:
        self._ends_with_its_calls = ends_with_its_calls
        self._grace = grace
        super().__init__(new_runner, own_thread=own_thread, block_warning=block_warning, clock=clock)

    def run(self, steps: Steps[T], awaited: Awaited | None = None, pull: Pull | None = None) -> T:
        with self._letting_go():
            return super().run(steps, awaited, pull)

    def act(self, change: Callable[[*Ts], T], *args: *Ts) -> T:
        with self._letting_go():
            return super().act(change, *args)

    @contextmanager
    def _letting_go(self) -> Iterator[None]:
        with SIGNALS.held():
            try:
                yield
            except BaseException as exc:
                self._let_go_after(exc)
                raise
            self._let_go()

    def _let_go(self) -> None:
        if self.closed or not self.idle:
            return
        if self._ends_with_its_calls:
            self.close()
            return
        if self._grace is not None and self.app_tasks():
            super().run(self._end_tasks(self._grace))
        if other_threads():
            # Python waits for threads before anything of ours runs at its exit, and they for the end of their loop.
            super().run(move(self.runner.renew(), "worker threads to be let go"))

    def _end_tasks(self, grace: float) -> Steps[None]:
        self.runner.cancel_app_tasks()
        yield Move(lambda: not self.runner.app_tasks(), "tasks of the app to end", grace)

    def _let_go_after(self, failure: BaseException) -> None:
        """Let go after a call that has failed: its failure is what the test has to see. An interrupt goes first."""
        try:
            self._let_go()
        except Exception as exc:
            failure.add_note(f"After that, its event loop could not be cleaned up: {exc!r}")


class ClientLoops:
    """Hands out the driver that a call of the client has to use.

    Args:
        backend: the name of the backend.
        options: the options of the backend.
        driver: one of `DRIVERS`.
        clock: the virtual clock of its loops; None for real time.
        block_warning: after how many seconds a thread that is blocked is reported; None for never.
        grace: how long what is left on a loop may take to end when that is closed, in seconds.
        why_to_enter: the error of a call while the client is not entered; None if there may be some.
        ends_tasks: whether tasks of the app are cancelled when the last call of a client ends that is not entered.
    """

    def __init__(
        self,
        backend: str,
        options: Mapping[str, Any],
        driver: str,
        clock: VirtualClock | None = None,
        block_warning: float | None = None,
        grace: float = LAST_GRACE,
        why_to_enter: str | None = None,
        ends_tasks: bool = False,
    ) -> None:
        __tracebackhide__ = True
        if driver == "free" and clock is not None:
            raise UsageError(_NOT_FREE)
        self._grace = grace
        self._ends_tasks = ends_tasks
        self._leave: Callable[[SyncDriver], None] = do_nothing
        self._why_to_enter = why_to_enter
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
        return f"<{type(self).__name__} {self.entered or self.lazy or 'no loop yet'}>"

    def before_the_end(self, leave: Callable[[SyncDriver], None]) -> None:
        """Have `leave` called with the driver of a lazy loop before that is closed."""
        self._leave = leave

    @property
    def lazy(self) -> list[LazyDriver]:
        """The loops of the client while it is not entered."""
        return [driver for driver in self._lazy.values() if not driver.closed]

    def enter(self) -> SyncDriver:
        """Make the loop of the entered client.

        Raises:
            UsageError: the client is entered already; the text says what to do instead.
            UnknownOption, MissingExtra, ClockNotVirtual: as `Backend.new_runner` and `backend_named` say.
        """
        if self.entered is not None:
            raise UsageError(
                "This client is entered already. Leave its `with` block first, or use client.derive() for a second "
                "user."
            )
        _close_abandoned()
        self.entered = self._new_driver(FreeDriver if self._driver == "free" else SyncDriver)
        return self.entered

    @cached_property
    def _backend(self) -> Backend:
        """Asked for when the first loop is: until then it does not matter whether it is installed."""
        return backend_named(self._backend_name)

    def _new_driver(self, kind: Callable[..., D]) -> D:
        """A driver of the kind, with a loop of its own, for the situation of the caller."""
        return kind(
            partial(self._backend.new_runner, self._options, self.clock),
            own_thread=choose(self._backend, self._driver).own_thread,
            block_warning=self._block_warning,
            clock=self.clock,
        )

    def abandon(self) -> None:
        """Have its loops closed the next time that a loop is asked for. May be called from a finalizer."""
        if self._lazy or self.entered:
            _abandoned.append(self)

    def close_abandoned(self) -> None:
        """End what a client has left open that was thrown away; silently, because nobody would look for it here."""
        entered, self.entered = self.entered, None
        drivers = self._forget_lazy()
        for driver in drivers if entered is None else [*drivers, entered]:
            if driver in STILL_OPEN:  # or it belongs to the process from which this one was forked
                with suppress(Exception):
                    driver.close(self._grace, quietly=True)

    def leave(self) -> None:
        """End the loop of the entered client."""
        driver, self.entered = self.entered, None
        if driver is not None:
            driver.close(self._grace)

    def current(self) -> SyncDriver:
        """The driver for an exchange that begins now, on this thread.

        Before it is handed out, loops that nobody needs any more are closed: should that fail, no call has begun.

        Raises:
            UsageError: the client has to be entered for that.
            UnknownOption, MissingExtra, ClockNotVirtual: as `enter()`.
        """
        if self.entered is None and self._why_to_enter is not None:
            raise UsageError(self._why_to_enter)
        return self.entered or self._lazy_driver()

    def _lazy_driver(self) -> LazyDriver:
        bound = self._backend.bound_to_thread
        if not bound:  # a loop that is bound to its thread ends with its calls
            self._make_room()
        key = threading.get_ident() if bound else 0
        with self._lock:
            driver = self._lazy.get(key)
            if driver is None or driver.closed:
                _close_abandoned()
                self._lazy = {key: other for key, other in self._lazy.items() if not other.closed}
                with SIGNALS.held():
                    driver = self._lazy[key] = self._new_driver(self._new_lazy(bound))
            return driver

    def _new_lazy(self, bound: bool) -> Callable[..., LazyDriver]:
        return partial(LazyDriver, ends_with_its_calls=bound, grace=self._grace if self._ends_tasks else None)

    def _make_room(self) -> None:
        """Close the loops that this thread has not used for longest, and on which no call of the app is under way."""
        recent = _recent.clients
        recent.pop(self, None)
        recent[self] = None
        if len(recent) > LAZY_LOOPS:
            idle = [client for client in recent if all(driver.idle for driver in client.lazy)]
            for client in idle[:-LAZY_LOOPS]:
                client.close_lazy()

    def driver_of(self, call: AppCall[Any]) -> SyncDriver | None:
        """The driver on which `call` has begun, if that is still open."""
        drivers = self.lazy if self.entered is None else [*self.lazy, self.entered]
        return next((driver for driver in drivers if call.runs_on(driver.runner)), None)

    def close_lazy(self) -> None:
        """End the lazy loops, whatever is under way on them.

        Raises:
            Exception: what leaving one of them raises; they are closed all the same.
        """
        with ExitStack() as stack:
            for driver in self._forget_lazy():
                stack.callback(driver.close, self._grace)
                stack.callback(self._leave, driver)

    def _forget_lazy(self) -> list[LazyDriver]:
        _recent.clients.pop(self, None)
        with self._lock:
            drivers, self._lazy = list(self._lazy.values()), {}
        return drivers
