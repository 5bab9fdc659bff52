"""Notices an app that blocks its thread: a `time.sleep()`, a sync HTTP call, a loop without end. It ends nothing."""

from __future__ import annotations

import _thread
import logging
import math
import threading
import warnings
import weakref
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Protocol

from ...errors import BlockingCall
from ..clock.real_time import real_time
from .known_code import Meaning, meanings_of_file
from .source_lines import Owner, Place, line_of_app, owners
from .threads import WATCHERS, stack_of

_logger = logging.getLogger("asgi_lockstep")

#: How often the thread looks, in seconds; more often where a limit is short.
_LOOK_AT_LEAST_EVERY = 1.0

#: After how many seconds without a pass a loop is nudged; one that looks by its own timer makes a hundred a second.
_NUDGE_AFTER = 0.1


class Watched(Protocol):
    """An event loop that is turned, or runs."""

    @property
    def beats(self) -> int:
        """How many passes it has made; a loop that is blocked makes none."""
        ...

    @property
    def busy_thread(self) -> int | None:
        """The thread that runs code of the app or the loop now, and does not wait for an event."""
        ...

    def nudge(self) -> None:
        """Called at each look that finds a busy thread, and no pass for `_NUDGE_AFTER` seconds."""
        ...


class _Guard:
    """The watch over one loop.

    Args:
        watched: the loop.
        limit: after how many seconds in one pass it is reported.
    """

    def __init__(self, watched: Watched, limit: float) -> None:
        self._watched = weakref.ref(watched)
        self.limit = limit
        #: That of whoever has the loop looked after: Python 3.14 can keep in there who records warnings (without a GIL,
        #: it does), and the thread of the watchdog has a context of its own.
        self._context = copy_context()
        self._beats = -1
        self._since = 0.0
        self._reported = False

    @property
    def watched(self) -> Watched | None:
        """The loop, None if it is gone."""
        return self._watched()

    def guards(self, watched: Watched) -> bool:
        """Whether this is the guard of `watched`, or of a loop that is gone."""
        return self._watched() in (watched, None)

    def look(self, failed: Callable[[_Guard, Exception], None]) -> bool:
        """Report the loop once if it has been in one pass for too long; False if the loop is gone.

        Args:
            failed: is told what the report has raised: itself, where warnings are errors.
        """
        watched = self._watched()
        if watched is None:
            return False
        thread = watched.busy_thread
        if thread is None or watched.beats != self._beats:
            self._beats, self._since, self._reported = watched.beats, real_time(), False
            return True
        silent = real_time() - self._since
        if silent >= _NUDGE_AFTER:
            watched.nudge()
        if not self._reported and silent >= self.limit and not _is_at_work(thread):
            self._reported = True
            self._context.run(_report, thread, self.limit, partial(failed, self))
        return True


class Watchdog:
    """Looks after every loop of the process, from a thread that lives while there is one, and a look longer."""

    def __init__(self) -> None:
        self._guards: list[_Guard] = []
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._running = False
        #: How long the watchdog waits between two looks, in seconds.
        self._looks_every = math.inf
        #: What was raised by a report: the loop that is meant, and the exception. Nearly always empty, and asked for
        #: after every turn.
        self.failures: list[tuple[_Guard, Exception]] = []

    def raise_failure(self, watched: Watched) -> None:
        """Raise what was raised by a report on `watched`, in the call during which its thread was blocked.

        Where warnings are errors, a report is one; on the thread of the watchdog nobody would see it.
        """
        __tracebackhide__ = True
        with self._lock:
            found = next((each for each in self.failures if each[0].watched is watched), None)
            if found is None:
                return
            self.failures.remove(found)
        raise found[1].with_traceback(None)  # which would show the watchdog's own frames

    def watch(self, watched: Watched, limit: float) -> None:
        """Look after `watched` until it is released.

        Args:
            limit: how long one pass may take, in seconds; infinity to report nothing.
        """
        with self._lock:
            self._guards.append(_Guard(watched, limit))
            if limit / 4 < self._looks_every:  # else it is soon enough when the watchdog looks next
                self._news.set()
            if not self._running:
                self._running = True
                # A thread of its own, because the thread that is to be reported is blocked. Not a `threading.Thread`:
                # those count as threads that may call into a loop.
                _thread.start_new_thread(self._look_on, ())

    def release(self, watched: Watched) -> None:
        """Look after `watched` no more; nothing, if it was not looked after."""
        with self._lock:
            self._guards = [guard for guard in self._guards if not guard.guards(watched)]

    def _look_on(self) -> None:
        number = threading.get_native_id()
        WATCHERS.add(number)
        in_vain = False
        while True:
            with self._lock:
                guards = list(self._guards)
                if not guards and in_vain:  # a client may live shorter than a thread takes to begin, and there are many
                    self._running = False
                    WATCHERS.discard(number)
                    return
                in_vain = not guards
            gone = [guard for guard in guards if not guard.look(self._failed)]
            if gone:
                with self._lock:
                    self._guards = [guard for guard in self._guards if guard not in gone]
            self._looks_every = min((guard.limit / 4 for guard in guards), default=_LOOK_AT_LEAST_EVERY)
            self._looks_every = min(self._looks_every, _LOOK_AT_LEAST_EVERY)
            # Until it is time to look again, or there is a new loop whose limit is shorter.
            self._news.wait(self._looks_every)
            self._news.clear()

    def _failed(self, guard: _Guard, failure: Exception) -> None:
        """Keep what a report has raised; of a loop that is gone nobody asks for it any more."""
        with self._lock:
            self.failures = [each for each in self.failures if each[0].watched is not None]
            self.failures.append((guard, failure))


def _is_at_work(thread: int) -> bool:
    """Whether it is we who hold the thread up, by a question that takes its time, and not the app."""
    stack = stack_of(thread)
    return bool(stack) and owners[stack[0].f_code.co_filename] is Owner.US


def _report(thread: int, seconds: float, failed: Callable[[Exception], None]) -> None:
    """Say where a thread stands: in the log at once, and as a warning, which pytest shows at the end of its run."""
    stack = stack_of(thread)
    if any(Meaning.DEBUGGER in meanings_of_file(frame.f_code.co_filename) for frame in stack):
        return
    place = line_of_app([Place.of(frame) for frame in reversed(stack)])
    if place is None:
        return
    warning = BlockingCall(str(place), place.function, place.source, seconds)
    try:
        warnings.warn_explicit(warning, None, place.file, place.line)
    except Exception as failure:  # a warning that is an error, of which nobody would hear on this thread
        failed(failure)
    _logger.warning("%s", warning)


#: The watchdog of this process.
WATCHDOG = Watchdog()
