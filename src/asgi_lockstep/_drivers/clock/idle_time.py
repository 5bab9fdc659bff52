"""How much time a call of the client has left: of its idle time, and of an app that never stops sending."""

from __future__ import annotations

from typing import Protocol

from ..._protocol.exchange import Exchange
from ..._protocol.http_exchange import HTTPExchange
from ...diagnosis import Diagnosis
from ...errors import TimedOut
from .endless_body import EndlessBody
from .real_time import real_time

#: A pass of a loop that is shorter than this, in seconds, and brings no message, is no work but a poll.
_SHORTEST_WORK = 0.005


class Awaited(Protocol):
    """What a client waits for: a call of the app, or something that has no messages."""

    #: How long the app may rest meanwhile, in seconds; None for ever.
    limit: float | None

    @property
    def exchange(self) -> Exchange | None:
        """The conversation that it is about, if it is one."""
        ...

    @property
    def answered_by(self) -> object | None:
        """What the app answers by: whoever refers to it can do that. None if that is not known."""
        ...

    @property
    def events(self) -> int:
        """How many messages have passed, both ways."""
        ...

    def timed_out(self, diagnosis: Diagnosis, endless: bool) -> BaseException:
        """What a driver is to raise when the limit has passed.

        Args:
            diagnosis: who waits for what.
            endless: whether the app goes on sending, to a client that collects.
        """
        ...


class SoLong:
    """What is awaited for a time, and has no messages.

    Args:
        limit: see `Awaited`.
    """

    events = 0
    exchange: Exchange | None = None
    answered_by = None

    def __init__(self, limit: float | None) -> None:
        self.limit = limit

    def timed_out(self, diagnosis: Diagnosis, endless: bool) -> BaseException:
        """Never asked for: who waits for this goes on when the time is over."""
        return TimedOut(diagnosis, self.limit or 0)


class IdleTime:
    """How long one call of the client may go on waiting: its limit, and what of that has been used.

    Idle is the time in which the event loop waits, or turns in vain for an app that polls, since the last message of
    what is awaited.

    Args:
        awaited: whose `limit` counts, as it is now.
    """

    __slots__ = ("_body", "_events", "_last_look", "_limit", "awaited", "used", "why_not_dead")

    def __init__(self, awaited: Awaited) -> None:
        self.awaited = awaited
        self._limit = awaited.limit
        self._events = awaited.events
        #: Who can still reach what it waits for, in words, as far as that was asked.
        self.why_not_dead = ""
        #: How long it has been idle, in seconds.
        self.used = 0.0
        self._last_look = real_time()
        #: Made when it is looked at first: nearly every call has come to its end before.
        self._body: EndlessBody | None = None

    @property
    def left(self) -> float | None:
        """Seconds that the loop may still wait; None for as long as it takes."""
        return None if self._limit is None else max(0.0, self._limit - self.used)

    @property
    def over(self) -> bool:
        """Whether the call has to end."""
        return (self._limit is not None and self.used >= self._limit) or self.endless

    @property
    def endless(self) -> bool:
        """Whether the app goes on sending for longer than a client that collects can wait."""
        return self._body is not None and self._body.over

    def waited(self, seconds: float) -> None:
        """Note that the loop has waited for so many seconds."""
        self._note_events(real_time())
        self.used += seconds

    def look(self, passes: int = 1) -> None:
        """Note that the loop has made so many more passes, in which it did not wait."""
        now = real_time()
        gap = now - self._last_look
        if not self._note_events(now) and gap < passes * _SHORTEST_WORK:
            self.used += gap

    def _note_events(self, now: float) -> bool:
        """Note what the app has done since the last look, and whether that was anything."""
        exchange, events = self.awaited.exchange, self.awaited.events
        if self._limit is not None and isinstance(exchange, HTTPExchange) and exchange.collect:
            self._body = self._body or EndlessBody(exchange, self._limit)
            self._body.passed(now - self._last_look, events != self._events)
        self._last_look = now
        if events == self._events:
            return False
        self._events = events
        self.used = 0.0
        return True
