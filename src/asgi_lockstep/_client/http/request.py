"""From an httpx request to a call of the app."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any, TypeVar

from ..._drivers.calls.app_call import AppCall
from ..._drivers.inspection.source_lines import link_of_test
from ..._httpx import httpx
from ..._protocol.exchange import Exchange
from ..._protocol.http_exchange import HTTPExchange
from ..._protocol.scope import connection_scope
from ..._protocol.shapes import BREAKS_A_LINE, header_of_more_lines
from ..._protocol.websocket_exchange import WebSocketExchange
from ..._types import ASGI3App, Scope
from ...errors import UsageError
from ..handed_over import HANDSHAKE
from ..network_errors import app_timeout
from ..options import ExchangeOptions
from ..values import checked_limit

E = TypeVar("E", bound=Exchange)

#: Put on a request by the clients: nobody will look at the response before it is complete.
COLLECT = "asgi_lockstep.collect"

#: Put on a request by `client.open()`: the test sends the body by hand.
BY_HAND = "asgi_lockstep.by_hand"

_WEBSOCKET_SCHEMES = ("ws", "wss")


def collecting(request: httpx.Request, collect: bool) -> httpx.Request:
    """`request`, with the word for the transport whether its response is looked at before it is complete."""
    request.extensions = {**request.extensions, COLLECT: collect}
    return request


def is_collected(request: httpx.Request) -> bool:
    """Whether nobody looks at the response before it is complete."""
    return bool(request.extensions.get(COLLECT))


def by_hand(client: Any, method: str, url: httpx.URL | str, kwargs: dict[str, Any]) -> tuple[httpx.Request, Any]:
    """A request whose body the test will send piece by piece, and the auth to send it with."""
    kwargs = {**kwargs, "extensions": {**(kwargs.get("extensions") or {}), BY_HAND: True}}
    auth = kwargs.pop("auth", httpx.USE_CLIENT_DEFAULT)
    request: httpx.Request = client.build_request(method, url, **kwargs)
    request.headers.pop("content-length", None)  # nobody knows it yet
    request.headers.setdefault("transfer-encoding", "chunked")
    return request, auth


def is_websocket(request: httpx.Request) -> bool:
    """Whether the request is a websocket handshake.

    Raises:
        UsageError: its URL is that of a websocket, and the test did not ask for one in the way that this client has.
    """
    __tracebackhide__ = True
    if request.url.scheme not in _WEBSOCKET_SCHEMES:
        return False
    if not request.extensions.get(HANDSHAKE):
        raise UsageError(
            f"{request.url} is the URL of a websocket, and {request.method} is no way to open one. Write: "
            f'client.websocket_connect("{request.url}").'
        )
    return True


def http_call(
    app: ASGI3App, request: httpx.Request, options: ExchangeOptions, state: Mapping[str, Any]
) -> AppCall[HTTPExchange]:
    """The call of the app for `request`, with its scope, and its body if that is in memory already."""
    manual = bool(request.extensions.get(BY_HAND))
    body = request.read() if isinstance(request.stream, httpx.ByteStream) and not manual else None
    scope = _scope(request, "http", options, state)
    exchange = HTTPExchange(
        scope,
        body,
        collect=bool(request.extensions.get(COLLECT)),
        body_chunks=options.body_chunks,
        detached=options.background == "detach",
        by_hand=manual,
        upload_limit=options.upload_limit,
        download_limit=options.download_limit,
    )
    return _call(app, exchange, request)


def websocket_call(
    app: ASGI3App, request: httpx.Request, options: ExchangeOptions, state: Mapping[str, Any]
) -> AppCall[WebSocketExchange]:
    """The call of the app for a websocket handshake."""
    return _call(app, WebSocketExchange(_scope(request, "websocket", options, state)), request)


def _call(app: ASGI3App, exchange: E, request: httpx.Request) -> AppCall[E]:
    """The call for an exchange; the `read` of httpx's `timeout=` is how long the app may rest, None for ever."""
    __tracebackhide__ = True
    limit = request.extensions.get("timeout", {}).get("read")
    if type(limit) is not float or not limit >= 0:  # nearly always it is one that makes sense
        limit = checked_limit(limit)
    return AppCall(app, exchange, sent_at=link_of_test(), limit=limit, timed_out=app_timeout)


def _scope(request: httpx.Request, kind: str, options: ExchangeOptions, state: Mapping[str, Any]) -> Scope:
    url = request.url
    if not url.host or url.scheme not in ("http", "https", *_WEBSOCKET_SCHEMES):
        raise UsageError(
            f"The URL {str(url)!r} has no host or scheme that an ASGI app could be reached at. Give the client a "
            f'base_url, for example base_url="http://testserver", or write the URL in full.'
        )
    headers = request.headers.raw
    if BREAKS_A_LINE.search(b"".join(chain.from_iterable(headers))):
        raise UsageError(
            f"The header {header_of_more_lines(headers)!r} of the request has CR, LF or NUL in it, which no client can "
            "send: leave that out."
        )
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
