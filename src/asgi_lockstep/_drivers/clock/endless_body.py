"""How long an app may go on sending to a client that collects the whole body: such a response may have no end."""

from __future__ import annotations

from ..._protocol.http_exchange import HTTPExchange

#: How much of a body is collected before a plain request is refused to go on, in bytes.
COLLECTED_AT_MOST = 2**30

#: How much of the time between two looks counts as sending, in seconds: a debugger's prompt does not.
_LONGEST_GAP = 1.0


class EndlessBody:
    """Measures how long the app of one exchange has been sending.

    Args:
        exchange: whose body is collected.
        limit: how long the app may send, in seconds.
    """

    __slots__ = ("_exchange", "_limit", "_sending", "_silent")

    def __init__(self, exchange: HTTPExchange, limit: float) -> None:
        self._exchange = exchange
        self._limit = limit
        self._sending = 0.0
        self._silent = 0.0

    def passed(self, seconds: float, moved: bool) -> None:
        """Note that so many seconds have passed since the last look, and whether a message has passed meanwhile.

        The time since the message before is sending once there is another one; silence is idle time.
        """
        self._silent += min(seconds, _LONGEST_GAP)
        if not moved:
            return
        exchange = self._exchange
        if exchange.started and not exchange.complete:
            self._sending += self._silent
        self._silent = 0.0

    @property
    def over(self) -> bool:
        """Whether the app has been sending for too long, or too much."""
        return self._sending >= self._limit or self._exchange.bytes_collected > COLLECTED_AT_MOST
