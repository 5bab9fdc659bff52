"""Which backends there are, which one runs here, and where an app on one of them has to run."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from typing import NamedTuple

from ...errors import MissingExtra, UnknownOption
from ..clock.virtual_clock import VirtualClock
from ..rest.backend import Backend


class Row(NamedTuple):
    """Where a backend is. Its module is imported when the first of its loops is asked for, or seen.

    Args:
        module: the full name of the module that has it as `BACKEND`.
        library: what it runs on: a module that nobody has imported runs nothing, and is not asked.
        extra: what installs the library; None if it comes with Python.
    """

    module: str
    library: str
    extra: str | None = None


#: All of them. Which one runs is asked from the last to the first: a run of trio may be the guest of an asyncio loop.
ROWS: dict[str, Row] = {
    "asyncio": Row("asgi_lockstep._drivers.on_asyncio.backend", "asyncio"),
    "trio": Row("asgi_lockstep._drivers.on_trio.backend", "trio", extra="trio"),
}

DRIVERS = ("auto", "thread", "free")

#: What to write for an event loop with a virtual clock; docs/waiting.md has it, too.
HOW_TO_BE_VIRTUAL = """\
Run the test on a loop of asgi_lockstep.clock. With anyio's plugin:

  from asgi_lockstep.clock import virtual_loop_factory

  @pytest.fixture
  def anyio_backend():
      return "asyncio", {"loop_factory": virtual_loop_factory}

On trio it returns "trio", {"clock": virtual_trio_clock()}. With pytest-asyncio (1.4 or newer), in conftest.py:

  from asgi_lockstep.clock import virtual_loop_factory

  def pytest_asyncio_loop_factories(config, item):
      return {"virtual": virtual_loop_factory}

Without a plugin: asyncio.Runner(loop_factory=virtual_loop_factory)."""


@cache  # an import that is done already still costs a microsecond, and this is asked before every turn
def backend_named(name: str) -> Backend:
    """The backend of the row `name`.

    Raises:
        MissingExtra: its library is not installed; the text has the command that installs it.
    """
    __tracebackhide__ = True
    row = ROWS[name]
    try:
        backend: Backend = import_module(row.module).BACKEND
    except ImportError:
        if row.extra is None:
            raise
        raise MissingExtra(row.library, f'backend="{name}"', row.extra) from None
    return backend


def backend_here() -> Backend | None:
    """The backend of the loop that runs on the calling thread, or None if none does."""
    for name, row in reversed(ROWS.items()):
        if sys.modules.get(row.library) is not None:
            backend = backend_named(name)
            if backend.runs_here():
                return backend
    return None


def running_backend() -> Backend:
    """The backend of the coroutine that calls.

    Raises:
        RuntimeError: no event loop is running here.
    """
    backend = backend_here()
    if backend is None:
        raise RuntimeError("no running event loop")  # as asyncio says it
    return backend


def loop_runs_here() -> bool:
    """Whether the caller is inside of a running event loop, of whichever backend."""
    # Every loop that runs has hooks for async generators (PEP 525); where there are none, nothing has to be asked. The
    # question is put before every turn, and to ask each backend would cost as much as the rest of it.
    return sys.get_asyncgen_hooks().firstiter is not None and backend_here() is not None


def virtual_clock_here() -> VirtualClock | None:
    """The virtual clock of the running event loop, or None where its time is real.

    Raises:
        RuntimeError: no event loop is running here.
    """
    return running_backend().virtual_clock_here()


def check(backend: str, driver: str) -> None:
    """Refuse names that do not exist; whether the library is installed shows when its first loop is made.

    Raises:
        UnknownOption: the text lists the names there are.
    """
    __tracebackhide__ = True
    if backend not in tuple(ROWS):  # not in the dict itself: what cannot be hashed is no name either
        raise UnknownOption("backend", backend, tuple(ROWS))
    if driver not in DRIVERS:
        raise UnknownOption("driver", driver, DRIVERS)


class Choice(NamedTuple):
    """Where the app runs, and why."""

    own_thread: bool
    reason: str


def choose(backend: Backend, driver: str) -> Choice:
    """Where an app on `backend` runs when it is started from here.

    Args:
        driver: one of `DRIVERS`.
    """
    # Four cases, the first that fits counts.
    if driver != "auto":
        return Choice(True, f'driver="{driver}" was asked for')
    if loop_runs_here():
        return Choice(True, "an event loop already runs on this thread, and would wait for the app")
    refusal = backend.why_no_new_loop_here()
    if refusal is not None:
        return Choice(True, refusal)
    return Choice(False, "nothing else runs on this thread")
