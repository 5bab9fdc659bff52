"""From a request that is ready to the call of the app for it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..._drivers.calls.app_call import AppCall
from ..._drivers.happenings.recorder import own_template
from ..._drivers.inspection.source_lines import frame_of_test
from ..._httpx import httpx
from ..._protocol.exchange import Exchange
from ..._protocol.http_exchange import HTTPExchange
from ..._protocol.scope import connection_scope, connection_template
from ..._protocol.websocket_exchange import WebSocketExchange
from ..._types import ASGI3App, HeaderPairs, Scope
from ...errors import UsageError
from ..handed_over import HANDSHAKE
from ..network_errors import app_timeout
from ..options import ExchangeOptions
from ..values import checked_limit
from .prepared import BY_HAND, COLLECT, Prepared
from .remembered import remember
from .target import Target, parts_of

E = TypeVar("E", bound=Exchange)

#: How many functions of ours there are from where a request comes to the transport to where its line is looked for.
_FUNCTIONS_OF_OURS = 4

#: Asked for with every request.
_frame = sys._getframe

#: The schemes of connections with TLS.
_WITH_TLS = ("https", "wss")

#: How many templates of scopes are remembered.
_AT_MOST = 1024


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


class Calls:
    """Makes the calls of one app for the requests of one client.

    Args:
        app, state: the app, and what its lifespan has put into `scope["state"]`.
        options: what holds for every request that says nothing else.
    """

    def __init__(self, app: ASGI3App, options: ExchangeOptions, state: Mapping[str, Any]) -> None:
        self._app = app
        self._options = options
        self._state = state
        #: The templates of scopes by method and target.
        self._templates: dict[tuple[str, Target], dict[str, Any]] = {}

    def of_http(
        self, prepared: Prepared, options: ExchangeOptions, new: Callable[..., HTTPExchange] = HTTPExchange
    ) -> AppCall[HTTPExchange]:
        """The call for a request, with its scope, and its body if that is in memory already.

        Args:
            new: makes the exchange.
        """
        extensions = prepared.extensions
        template = self._template(prepared, options)
        scope = self._scope(template, prepared.headers.lower, options)
        exchange = new(
            scope,
            prepared.body,
            collect=bool(extensions.get(COLLECT)),
            body_chunks=options.body_chunks,
            detached=options.background == "detach",
            by_hand=bool(extensions.get(BY_HAND)),
            upload_limit=options.upload_limit,
            download_limit=options.download_limit,
            rule_book=options.rule_book,
            server=options.habits,
        )
        return self._call(exchange, prepared, template, exchange.scope is scope and not options.scope)

    def of_websocket(
        self,
        prepared: Prepared,
        options: ExchangeOptions,
        new: Callable[..., WebSocketExchange] = WebSocketExchange,
    ) -> AppCall[WebSocketExchange]:
        """The call for a websocket handshake; `new` makes the exchange."""
        template = self._template(prepared, options)
        scope = self._scope(template, prepared.headers.lower, options)
        exchange = new(scope, options.rule_book, options.habits)
        return self._call(exchange, prepared, template, exchange.scope is scope and not options.scope)

    def _call(self, exchange: E, prepared: Prepared, template: dict[str, Any], is_plain: bool) -> AppCall[E]:
        """The call for an exchange; the `read` of httpx's `timeout=` is how long the app may rest, None for ever.

        Args:
            exchange, prepared: the exchange, and the request that it is for.
            template: what its scope has in common with others.
            is_plain: whether that and the headers are all that there is to say about its scope, in the timeline.
        """
        __tracebackhide__ = True
        limit = prepared.extensions.get("timeout", {}).get("read")
        if type(limit) is not float or not limit >= 0:  # nearly always it is one that makes sense
            limit = checked_limit(limit)
        sent_at = frame_of_test(_frame(_FUNCTIONS_OF_OURS))
        recorder = self._options.recorder
        if is_plain:
            note = recorder.request(template, prepared.headers.lower, sent_at)
        else:
            note = recorder.request(own_template(exchange.scope), (), sent_at)
        return AppCall(self._app, exchange, limit=limit, timed_out=app_timeout, recorder=recorder, note=note)

    def _template(self, prepared: Prepared, options: ExchangeOptions) -> dict[str, Any]:
        if options is not self._options:
            return _template(prepared, options)
        key = prepared.method, prepared.target
        known = self._templates.get(key)
        if known is None:
            known = remember(self._templates, key, _template(prepared, options), _AT_MOST)
        return known

    def _scope(self, template: dict[str, Any], headers: HeaderPairs, options: ExchangeOptions) -> Scope:
        scope = connection_scope(template, headers, self._state)
        if options.scope:
            scope.update(options.scope)
        return scope


def _template(prepared: Prepared, options: ExchangeOptions) -> dict[str, Any]:
    """What the scopes of such requests have in common."""
    target = prepared.target
    kind = "websocket" if target.is_of_websocket else "http"
    path, raw_path, query = target.path, target.raw_path, target.query
    if options.target is not None:
        path, raw_path, query = parts_of(options.target)
    host, port = target.server
    template = connection_template(
        kind=kind,
        method=prepared.method,
        scheme=target.scheme,
        host=host,
        port=port,
        path=path,
        raw_path=raw_path,
        query_string=query,
        root_path=options.root_path,
        client=options.client,
    )
    template["http_version"] = options.http_version
    if options.spec_version is not None:
        template["asgi"]["spec_version"] = options.spec_version
    # What is said of one protocol means nothing to the other; without TLS there is none to speak of (tls.rst).
    offering = (kind, "tls") if target.scheme in _WITH_TLS else (kind,)
    for name, offer in options.extensions.items():
        if name.split(".")[0] in offering:
            template["extensions"][name] = dict(offer)
    return template
