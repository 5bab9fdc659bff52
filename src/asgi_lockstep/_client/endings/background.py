"""What an app still does for requests whose responses are complete, where the client does not wait for it."""

from __future__ import annotations

from dataclasses import dataclass

from ..._protocol.http_exchange import HTTPExchange
from ...errors import BackgroundFailed
from ..failures import noted


@dataclass(frozen=True, slots=True)
class BackgroundWork:
    """An app call that goes on behind its response.

    Args:
        request: which one, for example `"POST /jobs"`.
        sent_at: the line that has sent it, as `file:line`.
    """

    request: str
    sent_at: str


class Background:
    """The detached app calls of one client."""

    def __init__(self) -> None:
        self._exchanges: list[HTTPExchange] = []

    def add(self, exchange: HTTPExchange) -> None:
        """Keep an eye on a call that nobody may wait for; those that have ended well are forgotten."""
        self._exchanges = [other for other in self._exchanges if not other.ended or other.detached_failure]
        self._exchanges.append(exchange)

    @property
    def running(self) -> list[HTTPExchange]:
        """The calls whose response is complete and who have not ended, the oldest first."""
        return [exchange for exchange in self._exchanges if exchange.done and not exchange.ended]

    @property
    def work(self) -> list[BackgroundWork]:
        """The same, for people to look at."""
        return [BackgroundWork(exchange.request, exchange.sent_at) for exchange in self.running]

    def raise_failure(self) -> None:
        """Raise the first failure since the last time, with a note for each other one."""
        __tracebackhide__ = True
        failures = [_failure(exchange) for exchange in self._exchanges if exchange.detached_failure]
        self._exchanges = [exchange for exchange in self._exchanges if not exchange.ended]
        if failures:
            for other in failures[1:]:
                failures[0].add_note(f"And {other}")
            raise failures[0]


def _failure(exchange: HTTPExchange) -> BaseException:
    assert exchange.exception is not None
    failure = BackgroundFailed(exchange.request, exchange.exception)
    failure.__cause__ = exchange.exception
    return noted(failure, exchange)
