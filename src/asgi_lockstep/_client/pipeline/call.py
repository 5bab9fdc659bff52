"""From a request that is ready to a call of the app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from ..._drivers.calls.app_call import AppCall
from ..._drivers.inspection.source_lines import link_of_test
from ..._httpx import httpx
from ..._protocol.exchange import Exchange
from ..._protocol.http_exchange import HTTPExchange
from ..._protocol.scope import connection_scope
from ..._protocol.websocket_exchange import WebSocketExchange
from ..._types import ASGI3App, Scope
from ...errors import UsageError
from ..handed_over import HANDSHAKE
from ..network_errors import app_timeout
from ..options import ExchangeOptions
from ..values import checked_limit
from .prepared import BY_HAND, COLLECT, Prepared
from .target import parts_of

E = TypeVar("E", bound=Exchange)


def collecting(request: httpx.Request, collect: bool) -> httpx.Request:
    """`request`, with the word for the transport whether its response is looked at before it is complete."""
    request.extensions = {**request.extensions, COLLECT: collect}
    return request


def by_hand(client: Any, method: str, url: httpx.URL | str, kwargs: dict[str, Any]) -> tuple[httpx.Request, Any]:
    """A request whose body the test will send piece by piece, and the auth to send it with."""
    kwargs = {**kwargs, "extensions": {**(kwargs.get("extensions") or {}), BY_HAND: True}}
    auth = kwargs.pop("auth", httpx.USE_CLIENT_DEFAULT)
    request: httpx.Request = client.build_request(method, url, **kwargs)
    request.headers.pop("content-length", None)  # nobody knows it yet
    request.headers.setdefault("transfer-encoding", "chunked")
    return request, auth


def check_handshake(prepared: Prepared) -> None:
    """Raise if a request to a websocket is no handshake.

    Raises:
        UsageError: the test did not ask for a websocket in the way that this client has.
    """
    __tracebackhide__ = True
    target = prepared.target
    if not prepared.extensions.get(HANDSHAKE):
        raise UsageError(
            f"{target.url} is the URL of a websocket, and {prepared.method} is no way to open one. Write: "
            f'client.websocket_connect("{target.url}").'
        )


def http_call(
    app: ASGI3App, prepared: Prepared, options: ExchangeOptions, state: Mapping[str, Any]
) -> AppCall[HTTPExchange]:
    """The call of the app for a request, with its scope, and its body if that is in memory already."""
    extensions = prepared.extensions
    exchange = HTTPExchange(
        _scope(prepared, "http", options, state),
        prepared.body,
        collect=bool(extensions.get(COLLECT)),
        body_chunks=options.body_chunks,
        detached=options.background == "detach",
        by_hand=bool(extensions.get(BY_HAND)),
        upload_limit=options.upload_limit,
        download_limit=options.download_limit,
    )
    return _call(app, exchange, prepared)


def websocket_call(
    app: ASGI3App, prepared: Prepared, options: ExchangeOptions, state: Mapping[str, Any]
) -> AppCall[WebSocketExchange]:
    """The call of the app for a websocket handshake."""
    return _call(app, WebSocketExchange(_scope(prepared, "websocket", options, state)), prepared)


def _call(app: ASGI3App, exchange: E, prepared: Prepared) -> AppCall[E]:
    """The call for an exchange; the `read` of httpx's `timeout=` is how long the app may rest, None for ever."""
    __tracebackhide__ = True
    limit = prepared.extensions.get("timeout", {}).get("read")
    if type(limit) is not float or not limit >= 0:  # nearly always it is one that makes sense
        limit = checked_limit(limit)
    return AppCall(app, exchange, sent_at=link_of_test(), limit=limit, timed_out=app_timeout)


def _scope(prepared: Prepared, kind: str, options: ExchangeOptions, state: Mapping[str, Any]) -> Scope:
    target = prepared.target
    path, raw_path, query = target.path, target.raw_path, target.query
    if options.target is not None:
        path, raw_path, query = parts_of(options.target)
    host, port = target.server
    scope = connection_scope(
        kind=kind,
        method=prepared.method,
        scheme=target.scheme,
        host=host,
        port=port,
        path=path,
        raw_path=raw_path,
        query_string=query,
        headers=prepared.headers.lower,
        root_path=options.root_path,
        client=options.client,
        state=state,
    )
    scope["http_version"] = options.http_version
    if options.spec_version is not None:
        scope["asgi"]["spec_version"] = options.spec_version
    if options.extensions:
        for name, offer in options.extensions.items():
            if name.split(".")[0] in (kind, "tls"):  # what is said of one protocol means nothing to the other
                scope["extensions"][name] = dict(offer)
    if options.scope:
        scope.update(options.scope)
    return scope
