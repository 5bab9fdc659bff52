"""How the end of a websocket is raised: as our own class, and as Starlette's for those who have imported it."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import httpx2

from .._protocol.exchange import Exchange
from .._protocol.http_exchange import ClientDisconnected
from .._protocol.websocket_exchange import WebSocketExchange
from ..errors import WebSocketDisconnect


class WebSocketDenialResponse(httpx2.Response, WebSocketDisconnect):  # type: ignore[misc]  # both can be pickled
    """The app refused the handshake: an HTTP response, raised.

    `status_code`, `headers` and `content` are those of the response; `code` and `reason` those of the disconnect that
    a websocket library reports for it.
    """

    code = 1006
    reason = ""

    def __str__(self) -> str:
        return f"the websocket handshake was refused with status {self.status_code}"


def disconnected(code: int, reason: str = "") -> WebSocketDisconnect:
    """The exception for a websocket that was closed."""
    exception: WebSocketDisconnect = _class_for(WebSocketDisconnect, _starlette_class())(code=code, reason=reason)
    return exception


def denied(exchange: WebSocketExchange, request: httpx2.Request) -> WebSocketDenialResponse:
    """The exception for a handshake that was answered with an HTTP response."""
    response: WebSocketDenialResponse = _class_for(WebSocketDenialResponse, _starlette_class())(
        status_code=exchange.denial_status,
        headers=exchange.denial_headers,
        stream=httpx2.ByteStream(bytes(exchange.denial_body)),  # `content=` would add a content-length
        request=request,
    )
    response.read()
    return response


def is_expected_end(exception: BaseException, exchange: Exchange) -> bool:
    """Whether an app ended with, or because of, what its `send()` to this client that has gone raised.

    www.rst, Disconnected Client: a server ignores that, whatever a framework makes of it on the way.
    """
    cause: BaseException | None = exception
    while cause is not None:
        if isinstance(cause, ClientDisconnected) and cause.exchange is exchange:
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _starlette_class() -> type | None:
    """`starlette.websockets.WebSocketDisconnect`, if the user has imported it; nobody else can catch it."""
    module = sys.modules.get("starlette.websockets")
    return getattr(module, "WebSocketDisconnect", None)


@cache
def _class_for(own: type, other: type | None) -> Any:
    """`own`, also a subclass of `other` where there is one."""
    if other is None or issubclass(own, other):
        return own
    return type(own.__name__, (own, other), {"__module__": own.__module__, "__doc__": own.__doc__})
