"""From the situation of the caller to the driver, with the reason as a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from ...errors import MissingExtra, UnknownOption
from ..calls.contract import LoopRunner
from ..clock.virtual_clock import VirtualClock
from ..inspection.running_loop import loop_runs_here, trio_run_exists_here
from ..on_asyncio.loop_runner import SteppedLoop
from .sync_driver import SyncDriver

L = TypeVar("L", bound=SyncDriver)

BACKENDS = ("asyncio", "trio")
DRIVERS = ("auto", "thread")


class Choice(NamedTuple):
    """Where the app runs, and why."""

    own_thread: bool
    reason: str


def choose(backend: str, driver: str) -> Choice:
    """Where an app on `backend` runs when it is started from here."""
    # Four cases, the first that fits counts.
    if driver == "thread":
        return Choice(True, 'driver="thread" was asked for')
    if loop_runs_here():
        return Choice(True, "an event loop already runs on this thread, and would wait for the app")
    if backend == "trio" and trio_run_exists_here():
        return Choice(True, "this thread has a trio run already, and trio allows one for each thread")
    return Choice(False, "nothing else runs on this thread")


def check(backend: str, driver: str) -> None:
    """Raise what is wrong with these names, or with what is installed."""
    __tracebackhide__ = True
    if backend not in BACKENDS:
        raise UnknownOption("backend", backend, BACKENDS)
    if driver not in DRIVERS:
        raise UnknownOption("driver", driver, DRIVERS)


def new_driver(
    kind: type[L],
    backend: str,
    options: Mapping[str, Any],
    driver: str,
    clock: VirtualClock | None = None,
    block_warning: float | None = None,
) -> L:
    """A driver of the kind, with a loop of its own, for the situation of the caller."""
    return kind(
        _runner_factory(backend, options, clock),
        own_thread=choose(backend, driver).own_thread,
        block_warning=block_warning,
    )


def _runner_factory(backend: str, options: Mapping[str, Any], clock: VirtualClock | None) -> Callable[[], LoopRunner]:
    if backend == "asyncio":
        return lambda: SteppedLoop(options, clock)
    try:
        from ..on_trio.loop_runner import SteppedRun
    except ImportError:
        raise MissingExtra("trio", 'backend="trio"', "trio") from None
    return lambda: SteppedRun(options, clock)
