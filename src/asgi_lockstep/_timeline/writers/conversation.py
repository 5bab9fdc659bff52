"""The events of one exchange, by what they mean for who reads a request and its response."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..events import TimelineEvent, TimelineExchange
from ..timeline import Timeline

#: With which messages an app begins its answer. A websocket that is closed before it is accepted gets a 403 (www.rst:
#: Close - send event).
_ANSWERS = ("http.response.start", "websocket.accept", "websocket.http.response.start", "websocket.close")

#: Pieces of the body of a response.
_PIECES = ("http.response.body", "websocket.http.response.body")

#: Messages that carry a body which is nowhere in a message.
FILES = ("http.response.pathsend", "http.response.zerocopysend")

#: By which a websocket ends, whoever closes it.
_CLOSES = (("sends", "websocket.close"), ("receives", "websocket.disconnect"))


@dataclass(frozen=True)
class Conversation:
    """One exchange, and what happened in it.

    Args:
        exchange: which one.
        events: what happened in it, oldest first.
        lost: how many events of its timeline are gone; the oldest of the exchange may be among them.
    """

    exchange: TimelineExchange
    events: tuple[TimelineEvent, ...]
    lost: int = 0

    @classmethod
    def all_of(cls, timeline: Timeline) -> Iterator[Conversation]:
        """One for each exchange of a timeline that is a request or a websocket."""
        events = defaultdict[int | None, list[TimelineEvent]](list)
        for event in timeline:
            events[event.exchange].append(event)
        for exchange in timeline.exchanges:
            if exchange.kind != "lifespan":
                yield cls(exchange, tuple(events[exchange.number]), timeline.lost)

    def passed(self, kind: str, *types: str) -> Iterator[tuple[TimelineEvent, dict[str, Any]]]:
        """The events of a kind in which a message of one of these types passed, with the message."""
        for event in self.events:
            if event.kind == kind and event.message is not None and event.message.get("type") in types:
                yield event, event.message

    def _first(self, kind: str, *types: str) -> TimelineEvent | None:
        return next((event for event, _ in self.passed(kind, *types)), None)

    def of_kind(self, kind: str) -> TimelineEvent | None:
        """The first event of a kind."""
        return next((event for event in self.events if event.kind == kind), None)

    @cached_property
    def answered(self) -> TimelineEvent | None:
        """When the app began its answer."""
        return self._first("sends", *_ANSWERS)

    @cached_property
    def answer(self) -> dict[str, Any]:
        """The message by which it did; one without keys if it did not."""
        return (self.answered and self.answered.message) or {}

    @cached_property
    def accepted(self) -> bool:
        """Whether this is a websocket that is open, or was."""
        return self.answer.get("type") == "websocket.accept"

    @cached_property
    def requested(self) -> TimelineEvent | None:
        """When the app had got the last piece of the request that it got before it answered."""
        got = [event for event, _ in self.passed("receives", "http.request", "websocket.connect")]
        if self.answered is not None:
            got = [event for event in got if event.number < self.answered.number]
        return got[-1] if got else None

    @cached_property
    def finished(self) -> TimelineEvent | None:
        """When the response was complete, or when the websocket was closed."""
        if self.accepted:
            closes = [event for kind, name in _CLOSES if (event := self._first(kind, name))]
            return min(closes, key=lambda event: event.number, default=None)
        if self.answer.get("type") == "websocket.close":
            return self.answered
        passed = self.passed("sends", *_PIECES, *FILES)
        return next((event for event, message in passed if not message.get("more_body")), None)

    @cached_property
    def pieces(self) -> list[dict[str, Any]]:
        """The messages that carry the body of the response."""
        return [message for _, message in self.passed("sends", *_PIECES)]

    @cached_property
    def left(self) -> TimelineEvent | None:
        """When the app learned that the client had gone, with the response not yet complete."""
        left = self._first("receives", "http.disconnect", "websocket.disconnect")
        if left is None or (self.finished is not None and self.finished.number <= left.number):
            return None
        return left

    @cached_property
    def beginning_lost(self) -> bool:
        """Whether the timeline had to forget how the app began its answer."""
        return self.answered is None and self.lost > 0 and (bool(self.pieces) or self.of_kind("raises") is None)

    @cached_property
    def over(self) -> TimelineEvent | None:
        """When there was nothing more to wait for, as far as is known; None where nothing is known."""
        last = self.events[-1] if self.events else None
        return self.finished or self.left or self.of_kind("ends") or last
