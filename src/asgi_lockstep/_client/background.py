"""What an app still does for requests whose responses are complete, where the client does not wait for it."""

from __future__ import annotations

from dataclasses import dataclass

from .._protocol.http_exchange import HTTPExchange
from ..errors import BackgroundFailed
from .origin import noted


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
        self._exchanges = [*filter(_matters, self._exchanges), exchange]

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
        failed = [exchange for exchange in self._exchanges if exchange.ended and exchange.exception is not None]
        self._exchanges = self.running
        failures = [failure for exchange in failed if (failure := _failure(exchange)) is not None]
        if failures:
            for other in failures[1:]:
                failures[0].add_note(f"And {other}")
            raise failures[0]


def _matters(exchange: HTTPExchange) -> bool:
    return not exchange.ended or exchange.exception is not None


def _failure(exchange: HTTPExchange) -> BaseException | None:
    if exchange.exception is None or not exchange.detached_failure:
        return None
    failure = BackgroundFailed(exchange.request, exchange.exception)
    failure.__cause__ = exchange.exception
    return noted(failure, exchange)
