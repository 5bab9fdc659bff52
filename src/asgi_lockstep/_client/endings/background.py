"""What an app still does for requests whose responses are complete, where the client does not wait for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..._drivers.calls.app_call import AppCall
from ..._protocol.http_exchange import HTTPExchange
from ...errors import BackgroundFailed


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
    """The detached app calls of one client.

    Args:
        raises: whether exceptions of the app are raised in the test; a server would only log them.
    """

    def __init__(self, raises: Callable[[], bool]) -> None:
        self._raises = raises
        self._calls: list[AppCall[HTTPExchange]] = []

    def add(self, call: AppCall[HTTPExchange]) -> None:
        """Keep an eye on a call that nobody may wait for; those that have ended well are forgotten."""
        self._calls = [other for other in self._calls if not other.exchange.ended or other.exchange.detached_failure]
        self._calls.append(call)

    @property
    def running(self) -> list[AppCall[HTTPExchange]]:
        """The calls whose response is complete and who have not ended, the oldest first."""
        return [call for call in self._calls if call.exchange.done and not call.exchange.ended]

    @property
    def work(self) -> list[BackgroundWork]:
        """The same, for people to look at."""
        return [BackgroundWork(call.exchange.request, call.sent_at) for call in self.running]

    def raise_failure(self) -> None:
        """Raise the first failure since the last time, with a note for each other one; if failures are raised."""
        __tracebackhide__ = True
        failures = [_failure(call) for call in self._calls if call.exchange.detached_failure]
        self._calls = [call for call in self._calls if not call.exchange.ended]
        if failures and self._raises():
            for other in failures[1:]:
                failures[0].add_note(f"And {other}")
            raise failures[0]


def _failure(call: AppCall[HTTPExchange]) -> BaseException:
    exchange = call.exchange
    assert exchange.exception is not None
    failure = BackgroundFailed(exchange.request, exchange.exception, call.sent_at)
    failure.__cause__ = exchange.exception
    return failure
