"""When an asyncio loop rests: no callback of it is ready to run. Two ways to see that, by public means only.

`RestSelector` is exact: a loop asks its selector to wait only when nothing is ready, and says for how long.
`RestCounter` serves loops that were made elsewhere (uvloop, a `loop_factory`, Windows): tasks and futures schedule
everything through the public `loop.call_soon`; a pass of the loop without a new call is a rest. It sees neither
timers nor sockets, so with it nothing can ever be proven to be stuck.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections.abc import Callable
from contextvars import Context
from typing import Any, Protocol

#: In which of the passes without a rest a loop without sockets is polled: signal handlers wait for that.
POLL_EVERY = 8


#: The answer of a decider whose turn is over.
OVER = -1.0


class Decider(Protocol):
    """Who turns the loop; told of every pass."""

    #: Whether the turn is over; the loop stops at the end of the pass.
    @property
    def over(self) -> bool: ...

    def at_rest(self, next_timer: float | None, sockets: int) -> float | None:
        """Nothing is ready. How long to wait for the next event, in seconds; None for as long as it takes, or OVER."""

    def moving(self) -> None:
        """Something is ready."""


class RestSelector(selectors.DefaultSelector):
    """The selector of a loop of ours; tells the decider of each pass."""

    def __init__(self) -> None:
        super().__init__()
        self._decider: Decider | None = None
        self._sockets = self._passes = 0

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """The loop has registered what it needs for itself; anything beyond that belongs to the app."""
        self._sockets = 0

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """See `selectors.BaseSelector`; counted here, because `len(get_map())` is dear and asked for in every pass."""
        key = super().register(fileobj, events, data)
        self._sockets += 1
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """See `selectors.BaseSelector`."""
        key = super().unregister(fileobj)
        self._sockets -= 1
        return key

    def begin(self, decider: Decider | None) -> None:
        """A turn begins (or ends, with None)."""
        self._decider = decider

    def ring(self) -> None:
        """Nothing to do: whoever wakes the loop makes the selector return, and the loop asks it again."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for events as any selector does, but ask first."""
        decider = self._decider
        if decider is not None:
            if timeout is None or timeout > 0:
                wait = decider.at_rest(timeout, self._sockets)
                if wait == OVER:
                    return []  # whatever has arrived meanwhile belongs to the next turn
                timeout = wait if timeout is None or wait is None else min(timeout, wait)
            else:
                decider.moving()
                self._passes += 1
                if self._passes % POLL_EVERY and not self._sockets:
                    return []  # nothing to be polled for but calls of other threads, which the loop has queued itself
        return super().select(timeout)


class RestCounter:
    """Counts what is scheduled on a loop that was made elsewhere."""

    def __init__(self) -> None:
        self._decider: Decider | None = None
        self._count = self._seen = 0
        self._looking = False

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """From here on each `call_soon` of `loop` is counted."""
        self._loop = loop
        self._call_soon = loop.call_soon
        # An attribute of the instance: the class is shared with loops that are none of our business.
        setattr(loop, "call_soon", self._counted)  # noqa: B010

    def begin(self, decider: Decider | None) -> None:
        """A turn begins (or ends, with None)."""
        self._decider = decider
        if decider is not None:
            self._seen = -1
            self._look_soon()

    def ring(self) -> None:
        """Ask the decider again; called on the loop."""
        self._look_soon()

    def _counted(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:
        self._count += 1
        self._look_soon()
        return self._call_soon(callback, *args, context=context)

    def _look_soon(self) -> None:
        """Look at the count in the next pass; one look at a time, or they would keep each other awake."""
        if not self._looking and self._decider is not None:
            self._looking = True
            self._call_soon(self._look)

    def _look(self) -> None:
        self._looking = False
        decider = self._decider
        if decider is None or decider.over:
            return
        if self._count != self._seen:
            self._seen = self._count
            decider.moving()
            self._look_soon()
            return
        wait = decider.at_rest(math.inf, 0)  # timers and sockets cannot be seen: there may always be one
        if wait is not None and OVER != wait < math.inf:
            self._loop.call_later(wait, self.ring)


Rest = RestSelector | RestCounter
