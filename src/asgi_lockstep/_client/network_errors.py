"""What a connection that breaks looks like to a client: httpx2's own classes, with what was received until then."""

from __future__ import annotations

import httpx2

from .._protocol.http_exchange import HTTPExchange
from ..errors import IncompleteResponse

_SIDES = {"upload": "the request body", "download": "the response body"}


class TruncatedResponse(httpx2.RemoteProtocolError):
    """The app cut its response short; raised on read where exceptions of the app are not raised.

    Args:
        cut: what the app did, in words.

    `received` is the part of the body that has arrived: all of it, or of a stream its first 64 KB.
    """

    def __init__(self, cut: IncompleteResponse) -> None:
        self.received = cut.received
        super().__init__(str(cut))


class RequestCutOff(httpx2.WriteError):
    """The client went away before its response had started, as `disconnect_after` or `disconnect()` asked."""

    def __init__(self, exchange: HTTPExchange) -> None:
        super().__init__(f"{_words(exchange)}, before its response had started")


class ResponseCutOff(httpx2.ReadError):
    """The client went away in the middle of a response, as `disconnect_after` or `disconnect()` asked.

    `received` is the part of the body that has arrived: all of it, or of a stream its first 64 KB.
    """

    def __init__(self, exchange: HTTPExchange, received: bytes) -> None:
        self.received = received
        super().__init__(_words(exchange))


def cut_off(exchange: HTTPExchange, received: bytes) -> httpx2.NetworkError:
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
