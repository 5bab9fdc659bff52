"""How the end of a websocket is raised: as our own class, and as Starlette's for those who have imported it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any, Self

from .._httpx import httpx
from .._protocol.exchange import ClientDisconnected, Exchange
from .._protocol.websocket_exchange import WebSocketExchange
from ..errors import WebSocketDisconnect

_logger = logging.getLogger("asgi_lockstep")


class WebSocketDenialResponse(httpx.Response, WebSocketDisconnect):  # type: ignore[misc]  # both can be pickled
    """The app refused the handshake: an HTTP response, raised.

    `status_code`, `headers` and `content` are those of the response; `code` and `reason` those of the disconnect that
    a websocket library reports for it.
    """

    code = 1006
    reason = refused = ""

    def closed_by_app(self, code: int, reason: str, refused: str) -> Self:
        """The same, where the app has closed instead of accepting.

        Args:
            code, reason: of its close.
            refused: the URL.
        """
        self.code, self.reason, self.refused = code, reason, refused
        return self

    def __str__(self) -> str:
        if self.refused:
            return WebSocketDisconnect.__str__(self)
        return f"the websocket handshake was refused with status {self.status_code}"


def disconnected(code: int, reason: str = "") -> WebSocketDisconnect:
    """The exception for a websocket that was closed.

    Args:
        code, reason: of the close.
    """
    exception: WebSocketDisconnect = _class_for(WebSocketDisconnect)(code, reason)
    return exception


def denied(exchange: WebSocketExchange, request: httpx.Request) -> WebSocketDenialResponse:
    """The exception for a handshake that was answered with an HTTP response."""
    return denial(exchange.denial_status, exchange.denial_headers, bytes(exchange.denial_body), request)


def refused(exchange: WebSocketExchange, request: httpx.Request) -> WebSocketDenialResponse:
    """The exception for a handshake that the app has closed instead of accepting: a server answers 403.

    The code and the reason, which no client ever sees, are those of the app.
    """
    code = 1000 if exchange.close_code is None else exchange.close_code
    return denial(403, [], b"", request).closed_by_app(code, exchange.close_reason, str(request.url))


def failed(exchange: WebSocketExchange, request: httpx.Request) -> WebSocketDenialResponse:
    """The exception for a handshake that the app has failed in, or never answered: a server answers 500."""
    return denial(500, exchange.server.error_headers, exchange.server.error_body, request)


def denial(
    status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes, request: httpx.Request
) -> WebSocketDenialResponse:
    """The same for a response of which these are the parts."""
    response: WebSocketDenialResponse = _class_for(WebSocketDenialResponse)(
        status_code=status,
        headers=[*headers],
        stream=httpx.ByteStream(body),  # `content=` would add a content-length
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


def is_expected_failure(exception: BaseException, exchange: Exchange) -> bool:
    """Whether it would tell nobody anything that an app failed with this: it is what its framework raised because the
    client has gone, for an exception that is on its way to the test already.
    """
    if isinstance(exception, BaseExceptionGroup):
        return all(is_expected_failure(part, exchange) for part in exception.exceptions)
    told = exchange.disconnected and type(exception).__name__.startswith(_CLIENT_HAS_GONE)
    return told or is_expected_end(exception, exchange)


def log_end(exception: BaseException, exchange: WebSocketExchange) -> None:
    """Say what to write, where what the app has raised at the end of its websocket is what its framework raises because
    the client has gone. Servers do not swallow it, and so no client should. Nothing is put on the exception itself,
    whose text is tested: pytest shows the log with a test that fails.
    """
    if not is_expected_failure(exception, exchange):
        return
    leaf = exception
    while isinstance(leaf, BaseExceptionGroup):
        leaf = leaf.exceptions[0]
    iterates = _ITERATES.get(type(leaf).__module__.partition(".")[0])
    instead = f", or `async for ... in {iterates}`, which ends" if iterates else ""
    _logger.warning(
        "The client of %s has gone (code %s): with %s the app's framework says so to whoever reads on, and servers log "
        "it as an error. If the client may go here, let the app end: `except %s: pass`%s.",
        exchange.request,
        exchange.close_code,
        type(leaf).__name__,
        type(leaf).__name__,
        instead,
    )


#: How the exceptions are called with which frameworks end an app whose client has gone.
_CLIENT_HAS_GONE = ("WebSocketDisconnect", "ClientDisconnect")

#: What ends there instead of raising, by the framework of the exception.
_ITERATES = {"starlette": "websocket.iter_text()"}


#: Where Starlette has its classes of the same names.
_THEIRS = {WebSocketDenialResponse: "starlette.testclient", WebSocketDisconnect: "starlette.websockets"}


def _class_for(own: type) -> Any:
    """`own`, also a subclass of what Starlette has of it, if the user has imported that; nobody else can catch it."""
    theirs = [
        getattr(sys.modules.get(module), base.__name__, None)
        for base, module in _THEIRS.items()
        if issubclass(own, base)
    ]
    return _bridged(own, *(cls for cls in theirs if cls is not None))


@cache
def _bridged(own: type, *theirs: type) -> Any:
    bases = [cls for cls in theirs if not any(cls is not other and issubclass(other, cls) for other in (own, *theirs))]
    if not bases:
        return own
    names = {"__module__": own.__module__, "__doc__": own.__doc__, "__reduce__": _reduce_bridged}
    return type(own.__name__, (own, *bases), names)


def _reduce_bridged(exception: Any) -> tuple[Any, ...]:
    """Pickle: a class that was made while the test ran is made again where it is unpickled."""
    return _as_it_was, (type(exception).__bases__[0], exception.args), exception.__getstate__()


def _as_it_was(own: type, args: tuple[Any, ...]) -> Any:
    cls = _class_for(own)
    return cls.__new__(cls, *args)
