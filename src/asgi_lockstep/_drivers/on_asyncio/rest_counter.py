"""Rests of loops that were made elsewhere: what is scheduled is counted."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextvars import Context
from functools import partial
from itertools import count
from typing import Any, NamedTuple

from ..clock.real_time import real_time
from . import loop_internals
from .rest_selector import OVER, Decider, RestSelector


class _Timed(NamedTuple):
    """A timer that has been set.

    Args:
        when: when it is due, by the time of the loop.
        timer: what cancels it.
    """

    when: float
    timer: asyncio.TimerHandle


class RestCounter:
    """Sees the rests of a loop that was made elsewhere: a pass in which nothing was scheduled is one."""

    def __init__(self) -> None:
        self._decider: Decider | None = None
        self._count = self._seen = 0
        self._moved = False
        #: How many passes have been looked at; for the watchdog.
        self.beats = 0
        self._looking = False
        #: How many turns have begun or ended: a look belongs to one of them.
        self._turn = 0
        self._waits_since: float | None = None
        #: The timers that have been set, and have neither fired nor been found cancelled.
        self._timers: dict[int, _Timed] = {}
        self._numbers = count()
        self._had_io = False

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """From here on each `call_soon` of `loop` is counted, and its timers and I/O are noticed."""
        self._loop = loop
        self._call_soon, self._call_later = loop.call_soon, loop.call_later
        # Attributes of the instance: the class is shared with loops that are none of our business.
        setattr(loop, "call_soon", self._counted)  # noqa: B010
        self._call_in = loop.call_soon_threadsafe
        setattr(loop, "call_soon_threadsafe", self._called_in)  # noqa: B010
        if loop_internals.timers(loop) is None:
            setattr(loop, "call_later", self._timed)  # noqa: B010 - through which uvloop's call_at() goes, too
            for name in _IO:
                setattr(loop, name, self._noticing(getattr(loop, name)))

    def begin(self, decider: Decider | None) -> None:
        """Tell `decider` of each pass from here on, as a turn begins; None as it ends."""
        self._decider = decider
        self._waits_since = None
        self._turn += 1
        self._looking = False  # an interrupt may have taken the look of the last turn with it
        if decider is not None:
            self._seen = -1
            self._look_soon()

    def ring(self) -> None:
        """Have the decider asked again, for another thread has news for it. Called on the loop."""
        self._look_soon()

    def _counted(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:
        self._count += 1
        if self._waits_since is not None:
            self._end_wait()
        self._look_soon()
        return self._call_soon(callback, *args, context=context)

    def _called_in(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:
        # What another thread has the loop do may schedule nothing, and let that thread go on: it is a move, too.
        self._count += 1
        return self._call_in(callback, *args, context=context)

    def _timed(self, delay: float, callback: Any, *args: Any, context: Context | None = None) -> asyncio.TimerHandle:
        number = next(self._numbers)
        timer = self._call_later(delay, partial(self._fire, number, callback), *args, context=context)
        self._timers = {other: timed for other, timed in self._timers.items() if not timed.timer.cancelled()}
        self._timers[number] = _Timed(self._loop.time() + delay, timer)
        return timer

    def _fire(self, number: int, callback: Callable[..., object], *args: Any) -> None:
        """The time of a timer has come. Until then it is pending, also where the loop is late."""
        self._timers.pop(number, None)
        self._count += 1  # it may schedule nothing, and still let a thread go on
        callback(*args)

    def _noticing(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def notice(*args: Any, **kwargs: Any) -> Any:
            self._had_io = True
            return method(*args, **kwargs)

        return notice

    def _look_soon(self) -> None:
        """Look at the count in the next pass; one look at a time, or they would keep each other awake."""
        if not self._looking and self._decider is not None:
            self._looking = True
            self._call_soon(self._look, self._turn)

    def _end_wait(self) -> None:
        begin, self._waits_since = self._waits_since, None
        if begin is not None and self._decider is not None:
            self._decider.waited(real_time() - begin)

    def _look(self, turn: int) -> None:
        if turn != self._turn:
            return
        self._looking = False
        self._end_wait()
        decider = self._decider
        if decider is None or decider.over:
            return
        self.beats += 1
        if self._count != self._seen:
            self._seen = self._count
            self._moved = True
            decider.moving(1)
            self._look_soon()
            return
        moved, self._moved = self._moved, False
        wait = decider.at_rest(self._next_timer(), self.sockets, moved)
        if wait == OVER:
            return
        self._waits_since = real_time()
        if wait is not None:
            self._call_later(wait, self.ring)  # or it would sleep until something is scheduled

    def _next_timer(self) -> float | None:
        """In how many seconds the next timer is due; None without one."""
        timers = loop_internals.timers(self._loop)
        if timers is None:
            whens = [timed.when for timed in self._timers.values() if not timed.timer.cancelled()]
        else:
            whens = [timer.when() for timer in timers]
        left = [max(0.0, when - self._loop.time()) for when in whens if when != math.inf]
        return min(left, default=None)

    @property
    def waiting(self) -> bool:
        """Whether the loop waits for an event now."""
        return self._waits_since is not None

    @property
    def sockets(self) -> int:
        """How many files the loop watches for the app; 1 if it does not show them, and has ever been asked to."""
        files = loop_internals.files(self._loop)
        return int(self._had_io) if files is None else len(files)


#: What an app asks of a loop that brings files into it.
_IO = (
    "add_reader",
    "add_signal_handler",
    "add_writer",
    "connect_accepted_socket",
    "connect_read_pipe",
    "connect_write_pipe",
    "create_connection",
    "create_datagram_endpoint",
    "create_server",
    "create_unix_connection",
    "create_unix_server",
    "getaddrinfo",
    "getnameinfo",
    "sock_accept",
    "sock_connect",
    "sock_recv",
    "sock_recv_into",
    "sock_sendall",
    "subprocess_exec",
    "subprocess_shell",
)


Rest = RestSelector | RestCounter
