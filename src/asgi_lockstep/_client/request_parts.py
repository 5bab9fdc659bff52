"""From an httpx2 request to an exchange, and from an exchange to an httpx2 response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2

from .._protocol.http_exchange import HTTPExchange
from .._protocol.scope import connection_scope
from .._protocol.tables import HTTPState
from .._protocol.websocket_exchange import WebSocketExchange
from .._types import Scope
from ..errors import IncompleteResponse, NoResponse, UsageError
from .options import ExchangeOptions

#: Put on a request by the clients: nobody will look at the response before it is complete.
COLLECT = "asgi_lockstep.collect"

#: Put on a request by `client.open()`: the test sends the body by hand.
BY_HAND = "asgi_lockstep.by_hand"

_WEBSOCKET_SCHEMES = ("ws", "wss")


def collecting(request: httpx2.Request, collect: bool) -> httpx2.Request:
    """`request`, with the word for the transport whether its response is looked at before it is complete."""
    request.extensions = {**request.extensions, COLLECT: collect}
    return request


def by_hand(client: Any, method: str, url: httpx2.URL | str, kwargs: dict[str, Any]) -> tuple[httpx2.Request, Any]:
    """A request whose body the test will send piece by piece, and the auth to send it with."""
    kwargs = {**kwargs, "extensions": {**(kwargs.get("extensions") or {}), BY_HAND: True}}
    auth = kwargs.pop("auth", httpx2.USE_CLIENT_DEFAULT)
    request: httpx2.Request = client.build_request(method, url, **kwargs)
    request.headers.pop("content-length", None)  # nobody knows it yet
    request.headers.setdefault("transfer-encoding", "chunked")
    return request, auth


def is_websocket(request: httpx2.Request) -> bool:
    """Whether the request is a websocket handshake."""
    return request.url.scheme in _WEBSOCKET_SCHEMES


def http_exchange(request: httpx2.Request, options: ExchangeOptions, state: Mapping[str, Any]) -> HTTPExchange:
    """The exchange for `request`: its scope, and its body if that is in memory already."""
    manual = bool(request.extensions.get(BY_HAND))
    body = request.read() if isinstance(request.stream, httpx2.ByteStream) and not manual else None
    collect = bool(request.extensions.get(COLLECT))
    scope = _scope(request, "http", options, state)
    exchange = HTTPExchange(
        scope, body, collect=collect, body_chunks=options.body_chunks, detached=options.background == "detach"
    )
    exchange.by_hand = manual
    return exchange


def websocket_exchange(
    request: httpx2.Request, options: ExchangeOptions, state: Mapping[str, Any]
) -> WebSocketExchange:
    """The exchange for a websocket handshake."""
    return WebSocketExchange(_scope(request, "websocket", options, state))


def _scope(request: httpx2.Request, kind: str, options: ExchangeOptions, state: Mapping[str, Any]) -> Scope:
    url = request.url
    if not url.host or url.scheme not in ("http", "https", *_WEBSOCKET_SCHEMES):
        raise UsageError(
            f"The URL {str(url)!r} has no host or scheme that an ASGI app could be reached at. Give the client a "
            f'base_url, for example base_url="http://testserver", or write the URL in full.'
        )
    headers = request.headers.raw
    if "host" not in request.headers:
        headers = [(b"host", url.netloc), *headers]
    path, _, query = (url.raw_path if options.target is None else options.target).partition(b"?")
    scope = connection_scope(
        kind=kind,
        method=request.method,
        scheme=url.scheme,
        host=url.raw_host.decode("ascii"),
        port=url.port,
        raw_path=path,
        query_string=query,
        headers=headers,
        root_path=options.root_path,
        client=options.client,
        state=state,
    )
    scope["http_version"] = options.http_version
    if options.spec_version is not None:
        scope["asgi"]["spec_version"] = options.spec_version
    for name, offer in options.extensions.items():
        if name.split(".")[0] in (kind, "tls"):  # what is said of one protocol means nothing to the other
            scope["extensions"][name] = dict(offer)
    scope.update(options.scope)
    return scope


def head_failure(exchange: HTTPExchange, options: ExchangeOptions) -> BaseException | None:
    """What to raise instead of a response, if the app has ended without starting one."""
    if exchange.started or not options.raise_server_exceptions:
        return None
    return exchange.exception or NoResponse(request=exchange.request, cancelled=exchange.app_end == "cancelled")


def body_failure(exchange: HTTPExchange, options: ExchangeOptions, received: bytes) -> BaseException | None:
    """What to raise at the end of the body, if the app has failed or cut it short."""
    raising = options.raise_server_exceptions
    if exchange.detached_failure:
        return None  # settle() and the end of the client raise it
    if exchange.exception is not None and raising:
        return exchange.exception
    # Trailers that never came are no reason: the body is all there, and no client insists on them.
    if exchange.state not in (HTTPState.STARTED, HTTPState.STARTED_TRAILERS):
        return None
    cut = IncompleteResponse(
        request=exchange.request, state=exchange.state.value, status=exchange.status, received=received
    )
    if raising:
        return cut
    error = httpx2.RemoteProtocolError(str(cut))
    error.__cause__ = exchange.exception
    return error


def response_for(
    exchange: HTTPExchange, stream: httpx2.SyncByteStream | httpx2.AsyncByteStream, request: httpx2.Request
) -> httpx2.Response:
    """The response as far as it is known: a 500 where the app failed before it started one."""
    response = httpx2.Response(
        exchange.status if exchange.started else 500,
        headers=exchange.headers,
        stream=stream,
        request=request,
        extensions={"http_version": b"HTTP/" + exchange.scope["http_version"].encode("ascii")},
    )
    #: What the app raised, whether the test sees it raised or not; of a stream, when the app has ended.
    response.extensions["asgi.exception"] = exchange.exception
    if not exchange.ended:
        exchange.at_end = lambda: response.extensions.update({"asgi.exception": exchange.exception})
    for name, hints in exchange.hints.items():
        if name in (exchange.scope.get("extensions") or {}):
            response.extensions[name] = hints
    if exchange.declared_trailers:
        response.extensions["http.response.trailers"] = exchange.trailers
    if exchange.debug is not None:
        response.extensions["http.response.debug"] = exchange.debug
        for name in ("template", "context"):
            if name in exchange.debug:
                setattr(response, name, exchange.debug[name])
    return response
