"""What counts as blocked, the three rules, and the clock that jumps.

A task is blocked *durably* if it waits for a future, an event, a lock, a queue, a timer, or in ASGI's `receive()` or
`send()`: only the app and the test can end that. It is not durable to wait for work in a thread, for a socket, a pipe
or a subprocess: that ends by itself. The rules, in order, when no task is ready to run:

1. The client has its answer (or only wanted the app to rest): the call returns.
2. A timer is pending: a real clock waits for it. A virtual clock jumps to it, unless something that is not durable is
   under way; then it stands still until that has ended.
3. Nothing is pending: if everything is durable, nobody will ever move again, which is a `Deadlock`. Otherwise the call
   waits, at most for its limit of idle time.
"""

from __future__ import annotations

from ..._protocol.http_exchange import HTTPExchange
from ..._protocol.steps import Awaited
from .real_time import real_time

#: How much of a body is collected before a plain request is refused to go on, in bytes.
COLLECTED_AT_MOST = 2**30

#: How much of the time between two messages of an app counts as sending, in seconds: a debugger's prompt does not.
_LONGEST_GAP = 1.0

#: A pass of a loop that is shorter than this, in seconds, and brings no message, is no work but a poll.
_SHORTEST_WORK = 0.005


class IdleTime:
    """How long one call may go on waiting: its limit, and what of that has been used.

    Idle is the time in which the event loop waits, or turns in vain for an app that polls, since the last message of
    its exchange. Limited, too, is how long an app may go on sending where the client collects: such a response may have
    no end.

    Args:
        exchange: whose `limit` counts.
    """

    __slots__ = ("_events", "_exchange", "_last_look", "_limit", "_sending", "_used")

    def __init__(self, exchange: Awaited) -> None:
        self._exchange = exchange
        self._limit = exchange.limit
        self._events = exchange.events
        self._used = self._sending = 0.0
        self._last_look = real_time()

    @property
    def left(self) -> float | None:
        """Seconds that the loop may still wait; None for as long as it takes."""
        return None if self._limit is None else max(0.0, self._limit - self._used)

    @property
    def over(self) -> bool:
        """Whether the call has to end."""
        if self._limit is None:
            return False
        if self._used >= self._limit:
            return True
        exchange = self._exchange
        if not isinstance(exchange, HTTPExchange):
            return False
        exchange.endless = self._sending >= self._limit or exchange.bytes_collected > COLLECTED_AT_MOST
        return exchange.endless

    def waited(self, seconds: float) -> None:
        """The loop has waited for so long."""
        self._note_events(real_time())
        self._used += seconds

    def look(self) -> None:
        """The loop has made another pass."""
        now = real_time()
        gap = now - self._last_look
        if not self._note_events(now) and gap < _SHORTEST_WORK:
            self._used += gap

    def _note_events(self, now: float) -> bool:
        """Note what the app has done since the last look, and whether that was anything."""
        exchange, gap = self._exchange, now - self._last_look
        self._last_look = now
        if isinstance(exchange, HTTPExchange) and exchange.collect and exchange.started and not exchange.complete:
            self._sending += min(gap, _LONGEST_GAP)
        if exchange.events == self._events:
            return False
        self._events = exchange.events
        self._used = 0.0
        return True
