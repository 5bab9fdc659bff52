"""What a reader of a timeline may not see in it: exchanges that look right, and are not what somebody wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from .events import TimelineEvent, TimelineExchange
from .timeline import Timeline

#: From which status on the server says that it has failed.
_OF_SERVER: Final = 500

#: What ends an event of a stream: an empty line (https://html.spec.whatwg.org/multipage/server-sent-events.html).
_EVENT_ENDS: Final = ("\n\n", "\r\r", "\r\n\r\n")


def hints(timeline: Timeline) -> Iterator[str]:
    """A sentence or two for each exchange about which there is something to say, the oldest first."""
    for exchange in timeline.exchanges:
        events = [event for event in timeline if event.exchange == exchange.number]
        yield from _unexplained(exchange, events)
        yield from _unended_event(exchange, events)


def _unexplained(exchange: TimelineExchange, events: Sequence[TimelineEvent]) -> Iterator[str]:
    """A response that says that the server has failed, and nothing says why."""
    status = next((start.get("status") for start in _sent(events, "http.response.start")), None)
    if isinstance(status, int) and status >= _OF_SERVER and not any(map(_explains, events)):
        endpoint = exchange.endpoint
        where = f" The endpoint is {endpoint.function} at {endpoint}." if endpoint else ""
        yield (
            f"{exchange.request} was answered with {status}, and no exception came out of the app or was logged: if "
            f"there was one, something in the app has caught it, as a middleware does.{where} logger.exception(...) "
            "where it is caught shows it here."
        )


def _explains(event: TimelineEvent) -> bool:
    return event.kind in ("raises", "refused") or (event.kind in ("logs", "sends", "task_ends") and event.details != "")


def _unended_event(exchange: TimelineExchange, events: Sequence[TimelineEvent]) -> Iterator[str]:
    """A stream of events whose last one has no empty line behind it."""
    started = next(iter(_sent(events, "http.response.start")), {})
    pieces = [str(piece.get("body") or "") for piece in _sent(events, "http.response.body")]
    if not _is_event_stream(started) or not any(event.kind == "ends" for event in events):
        return
    text = "".join(pieces)
    last = text.replace("\r\n", "\n").rpartition("\n\n")[2]
    if text.endswith(_EVENT_ENDS) or not any(_is_field(line) for line in last.splitlines()):
        return
    yield (
        f"The stream of {exchange.request} has ended within an event, {_short(last)}: there is no empty line behind "
        "it, so no client takes it for one. Each event ends with two line ends."
    )


def _is_event_stream(started: dict[str, Any]) -> bool:
    pairs = [pair for pair in started.get("headers") or () if len(pair) == 2]
    types = [str(value) for name, value in pairs if str(name).lower() == "content-type"]
    return any(value.startswith("text/event-stream") for value in types)


def _is_field(line: str) -> bool:
    return line.partition(":")[0] in ("data", "event", "id", "retry")


def _short(text: str) -> str:
    return repr(text) if len(text) <= 60 else f"{text[:60]!r}..."


def _sent(events: Sequence[TimelineEvent], kind: str) -> list[dict[str, Any]]:
    """The messages of a type that the app has sent."""
    sent = [event.message for event in events if event.kind == "sends" and event.message is not None]
    return [message for message in sent if message.get("type") == kind]
