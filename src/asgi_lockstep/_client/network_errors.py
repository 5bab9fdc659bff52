"""What a connection that breaks looks like to a client: httpx's own classes, with what was received until then."""

from __future__ import annotations

from .._drivers.clock.idle_time import Awaited
from .._exception_parts import as_it_was
from .._httpx import httpx
from .._protocol.http_exchange import HTTPExchange
from ..diagnosis import Diagnosis
from ..errors import IncompleteResponse, ProtocolViolation, TimedOut

_SIDES = {"upload": "the request body", "download": "the response body"}


class TruncatedResponse(httpx.RemoteProtocolError):
    """The app cut its response short; raised on read where exceptions of the app are not raised.

    Args:
        cut: what the app did, in words.

    `received` is the part of the body that has arrived: all of it, or of a stream its first 64 KB.
    """

    __reduce__ = as_it_was

    def __init__(self, cut: IncompleteResponse) -> None:
        self.received = cut.received
        super().__init__(str(cut))


class ResponseRefused(httpx.RemoteProtocolError):
    """The response is one that no client of a server would get; raised where exceptions of the app are not.

    Args:
        violation: what is wrong with it.
    """

    __reduce__ = as_it_was

    def __init__(self, violation: ProtocolViolation) -> None:
        self.violation = violation
        super().__init__(f"No client would get this response from a server: {violation}")


class RequestCutOff(httpx.WriteError):
    """The client went away before its response had started, as `disconnect_after` or `disconnect()` asked."""

    __reduce__ = as_it_was

    def __init__(self, exchange: HTTPExchange) -> None:
        super().__init__(f"{_words(exchange)}, before its response had started")


class ResponseCutOff(httpx.ReadError):
    """The client went away in the middle of a response, as `disconnect_after` or `disconnect()` asked.

    `received` is the part of the body that has arrived: all of it, or of a stream its first 64 KB.
    """

    __reduce__ = as_it_was

    def __init__(self, exchange: HTTPExchange, received: bytes) -> None:
        self.received = received
        super().__init__(_words(exchange))


def cut_off(exchange: HTTPExchange, received: bytes) -> httpx.NetworkError:
    """The error for a client that went away by itself."""
    return ResponseCutOff(exchange, received) if exchange.started else RequestCutOff(exchange)


def _words(exchange: HTTPExchange) -> str:
    if exchange.cut_off is None:
        return f"The client of {exchange.request} has disconnected: disconnect() was called"
    count = exchange.bytes_uploaded if exchange.cut_off == "upload" else exchange.bytes_read
    return (
        f"The client of {exchange.request} went away after {count} bytes of {_SIDES[exchange.cut_off]}, "
        "as disconnect_after asked"
    )


class AppTimeout(TimedOut, httpx.ReadTimeout):
    """The time limit of a call has passed: `timeout=` of the call, or else of the client (30 seconds).

    Only idle time counts: the time in which the event loop waits, since the last message from or to the app. The app
    goes on as it is: a websocket or an exchange can be used again.
    """


def app_timeout(awaited: Awaited, diagnosis: Diagnosis, endless: bool) -> AppTimeout:
    """What a client raises when the limit of what it awaits has passed; see `Awaited.timed_out`."""
    assert awaited.limit is not None
    exchange = awaited.exchange
    words = _endless(exchange) if endless and isinstance(exchange, HTTPExchange) else ""
    return AppTimeout(diagnosis, awaited.limit, words)


def _endless(exchange: HTTPExchange) -> str:
    """What a plain request gets that is answered without an end."""
    return (
        f"{exchange.request} has no end in sight: {exchange.status} started, {exchange.chunks_sent} chunks, "
        f"{_size(exchange.bytes_collected)}, the app is still sending: use client.stream()."
    )


def _size(count: int) -> str:
    """A number of bytes for people."""
    size, units = float(count), iter(("B", "kB", "MB", "GB"))
    unit = next(units)
    for larger in units:
        if size < 1000:
            break
        size, unit = size / 1000, larger
    return f"{count} B" if unit == "B" else f"{size:.1f} {unit}"
