"""How long a test waits for the next event of a stream, in which comments keep the connection alive for ever."""

from __future__ import annotations

from collections.abc import Sequence

from ..._drivers.clock.real_time import real_time
from ..._exception_parts import seconds_in_words
from ..._protocol.http_exchange import HTTPExchange
from ...diagnosis import Diagnosis
from ..network_errors import AppTimeout

#: How much of a piece is shown, in bytes.
_SHOWN = 60

#: How many pieces have to have come: one may have been on its way for long because somebody was at a breakpoint.
_LEAST = 2

_ADVICE = (
    "client.sse() passes over comments, with which apps keep a connection alive. To see them, and to leave the stream "
    "when nothing else comes, use client.stream() and response.expect_nothing()."
)


class AwaitedEvent:
    """The next event of an `EventSource`, as long as a test waits for it.

    Args:
        exchange: whose response is the stream.
        limit: how long the test waits, in real seconds; None for as long as it takes. What counts as a sign of life
            elsewhere does not here.
    """

    def __init__(self, exchange: HTTPExchange, limit: float | None) -> None:
        self._exchange = exchange
        self._limit = limit
        self._since = real_time()
        self._pieces = 0
        self._last = b""

    def came(self, piece: bytes) -> None:
        """Note a piece of the body, which may be a part of the event."""
        self._pieces += 1
        self._last = piece

    @property
    def is_overdue(self) -> bool:
        """Whether pieces have come, and none of them has completed an event, for too long."""
        return self._limit is not None and self._pieces >= _LEAST and real_time() - self._since >= self._limit

    def timed_out(self, tasks: Sequence[object]) -> AppTimeout:
        """What is raised then.

        Args:
            tasks: those of the app.
        """
        assert self._limit is not None
        request = self._exchange.request
        diagnosis = Diagnosis(
            f"the next event of {request}",
            exchanges=[repr(self._exchange)],
            tasks=[*map(str, tasks)],
            advice=_ADVICE,
            request=request,
        )
        words = (
            f"The test waits for the next event of {request}, and none has come in {seconds_in_words(self._limit)}: "
            f"{self._pieces:,} pieces of the response were no event, the last of them {self._last[:_SHOWN]!r}."
        )
        return AppTimeout(diagnosis, self._limit, words)
