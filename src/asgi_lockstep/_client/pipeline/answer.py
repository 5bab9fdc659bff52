"""From an answered call of the app to a response that was read, where httpx would have nothing to do for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, TypeVar

from ..._httpx import CHOICE, httpx
from ..._protocol.http_exchange import HTTPExchange
from ..._protocol.tables import HTTPState
from ..http.response import extensions_of, show_debug
from ..http.whole_response import AsyncWholeResponse, WholeResponse
from .transport import Begun

Kind = TypeVar("Kind", WholeResponse, AsyncWholeResponse)

#: Headers of a response for which httpx has something to do.
_FOR_HTTPX: Final = frozenset((b"set-cookie", b"set-cookie2", b"content-encoding"))

#: Where httpx says which requests it has sent; it says so itself, where anybody listens.
_LOG: Final = logging.getLogger(CHOICE.name)

#: What stands for the headers and the body of a response that has them already.
_NO_HEADERS: Final = httpx.Headers()
_READ: Final = httpx.ByteStream(b"")

_COMPLETE: Final = HTTPState.COMPLETE


def whole_response(
    kind: type[Kind], begun: Begun[Any, Any], default_encoding: str | Callable[[bytes], str | None], seconds: float
) -> Kind | None:
    """The response, read; None where httpx has to look at it: a redirect, a cookie, an encoding, a failure, its log.

    Args:
        kind: the class of the client's responses.
        begun: the call of the app.
        default_encoding: of the client.
        seconds: how long it took.
    """
    exchange: HTTPExchange = begun.call.exchange
    if exchange.app_end != "returned" or exchange.state is not _COMPLETE or exchange.disconnected:
        return None
    if exchange.refusal is not None:
        return None
    if not exchange.collect or 300 <= exchange.status < 400 or not isinstance(default_encoding, str):
        return None
    if not _FOR_HTTPX.isdisjoint([name.lower() for name, _ in exchange.headers]):
        return None
    if _LOG.isEnabledFor(logging.INFO):
        return None
    response = kind(
        exchange.status,
        headers=_NO_HEADERS,
        stream=_READ,
        extensions=extensions_of(exchange),
        default_encoding=default_encoding,
    )
    if exchange.debug is not None:
        show_debug(response, exchange.debug)
    response.holds(exchange.headers, exchange.body, begun.prepared, seconds)
    return response


def with_elapsed(response: httpx.Response, seconds: float) -> httpx.Response:
    """`response`, where httpx has sent a request on which the app has worked before: that counts, too."""
    first = response.history[0] if response.history else response
    first.elapsed += timedelta(seconds=seconds)
    return response
