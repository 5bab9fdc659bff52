"""When an asyncio loop rests: no callback of it is ready to run. Two ways to see that, by public means only.

`RestSelector` is exact: a loop asks its selector to wait only when nothing is ready, and says for how long.
`RestCounter` serves loops that were made elsewhere (uvloop, a `loop_factory`, Windows): tasks and futures schedule
everything through the public `loop.call_soon`; a pass of the loop without a new call is a rest. Timers are seen as they
are set; of I/O it is only known whether the loop has ever been asked for any, and then nothing is proven any more.
"""

from __future__ import annotations

import asyncio
import selectors
from typing import Any, Protocol

from ..clock.real_time import real_time
from ..clock.virtual_clock import VirtualClock

#: In which of the passes without a rest the decider is told, and a loop without sockets is polled: signal handlers wait
#: for that.
POLL_EVERY = 8


#: What a decider answers whose turn is over: do not wait, the loop has been stopped.
OVER = -1.0


class Decider(Protocol):
    """The runner of the loop, which is told of every pass and decides what a rest means."""

    #: Whether the turn is over; the loop stops at the end of the pass.
    @property
    def over(self) -> bool: ...

    def at_rest(self, next_timer: float | None, sockets: int, moved: bool) -> float | None:
        """How long to wait for the next event at this rest, in seconds; None for as long as it takes, or OVER.

        Args:
            next_timer: after how many seconds the next timer is due; None if there is none.
            sockets: how many files the loop watches for the app.
            moved: whether something has run since the last rest.
        """

    def waited(self, seconds: float) -> None:
        """Note that the loop has waited for so many seconds."""

    def moving(self, passes: int) -> None:
        """Something was ready in each of the last `passes` passes; some of them are told together."""


class RestSelector(selectors.DefaultSelector):
    """The selector of a loop of ours; tells the decider of each pass.

    Args:
        clock: the clock of the loop, if it is a virtual one.
    """

    def __init__(self, clock: VirtualClock | None = None) -> None:
        super().__init__()
        self.clock = clock
        self._decider: Decider | None = None
        self._passes = 0
        #: How many files the loop watches for the app.
        self.sockets = 0
        #: How many passes the loop has made; for the watchdog.
        self.beats = 0
        #: Whether the loop waits for an event now.
        self.waiting = False

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """From here on count what is registered: the loop has what it needs for itself, and the rest is the app's."""
        self.sockets = 0

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """As `selectors.BaseSelector`, and counted: `len(get_map())` is dear, and would be asked for in every pass."""
        key = super().register(fileobj, events, data)
        self.sockets += 1
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """As `selectors.BaseSelector`, and counted."""
        key = super().unregister(fileobj)
        self.sockets -= 1
        return key

    def begin(self, decider: Decider | None) -> None:
        """Tell `decider` of each pass from here on, as a turn begins; None as it ends."""
        self._decider = decider
        self.waiting = False

    def ring(self) -> None:
        """Nothing to do: whoever wakes the loop makes the selector return, and the loop asks it again."""

    def _noted(self, events: list[tuple[selectors.SelectorKey, int]]) -> list[tuple[selectors.SelectorKey, int]]:
        """Events of a rest: what they bring runs before the next one, without a pass of its own, and is a move."""
        self._passes += bool(events)
        return events

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for events as any selector does, but ask first."""
        decider = self._decider
        self.beats += 1
        if decider is not None:
            if timeout is None or timeout > 0:
                moved, self._passes = self._passes > 0, 0
                wait = decider.at_rest(timeout, self.sockets, moved)
                if wait == OVER:
                    return []  # whatever has arrived meanwhile belongs to the next turn
                timeout = wait if timeout is None or wait is None else min(timeout, wait)
                if timeout != 0:
                    begin = real_time()
                    self.waiting = True
                    # The rest: until a file is ready, a timer is due, or another thread calls in or pokes the loop.
                    events = super().select(timeout)
                    self.waiting = False
                    decider.waited(real_time() - begin)
                    return self._noted(events)
                return self._noted(super().select(0))  # another look at once, at what has come meanwhile
            self._passes += 1
            if self._passes % POLL_EVERY == 0:  # nearly every call has come to its rest by then
                decider.moving(POLL_EVERY)
            elif not self.sockets:
                return []  # nothing to be polled for but calls of other threads, which the loop has queued itself
        elif timeout == 0 and not self.sockets:
            return []  # a single pass, see SteppedLoop.settle(), or the end of the loop
        if self.clock is None or timeout == 0:
            return super().select(timeout)  # a poll between two passes, or the end of the loop
        begin = real_time()
        events = super().select(timeout)  # the end of the loop: its last tasks may wait for threads
        self.clock.jump_to(self.clock.now + real_time() - begin)  # while the loop is closed, nobody decides
        return events
