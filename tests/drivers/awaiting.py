"""Calls of an app that the tests play themselves: what a driver awaits."""

from __future__ import annotations

from asgi_lockstep._drivers.calls.app_call import AppCall
from asgi_lockstep._protocol.exchange import Exchange
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._types import Message
from asgi_lockstep.diagnosis import Diagnosis
from asgi_lockstep.errors import TimedOut
from helpers import hello


class Awaiting:
    """What is awaited: an exchange with a limit, whose app the test plays.

    Args:
        exchange: the conversation.
        limit: how long its app may rest, in seconds.
    """

    def __init__(self, exchange: Exchange, limit: float | None = None) -> None:
        self.exchange = exchange
        self.limit = limit
        self.events = 0
        self.answered_by = None

    def sends(self, message: Message) -> None:
        """The app sends a message."""
        self.exchange.from_app(message)
        self.events += 1

    def timed_out(self, diagnosis: Diagnosis, endless: bool) -> BaseException:
        """See `Awaited.timed_out`."""
        return TimedOut(diagnosis, self.limit or 0.0, "endless" if endless else "")


def request(limit: float | None = None, *, collect: bool = True) -> Awaiting:
    """A request for `/`."""
    scope = {"type": "http", "method": "GET", "path": "/", "asgi": {"version": "3.0"}}
    return Awaiting(HTTPExchange(scope, b"", collect=collect), limit)


def call_for(exchange: Exchange) -> AppCall[Exchange]:
    """A call that has not begun."""
    return AppCall(hello, exchange)
