"""The calls of a client that varies what the app gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..._drivers.calls.app_call import AppCall
from ..._protocol.http_exchange import HTTPExchange
from ..._protocol.variation import ExchangeVariation, Variations
from ..._protocol.varied_exchanges import VariedHTTPExchange, VariedWebSocketExchange
from ..._protocol.websocket_exchange import WebSocketExchange
from ..._types import ASGI3App
from ..options import CLIENT, ExchangeOptions
from .call import Calls
from .prepared import Prepared


class VariedCalls(Calls):
    """Makes the calls of one app, each with a variation of its own.

    Args:
        app, options, state: as of `Calls`.
        variations: of the client.
    """

    def __init__(
        self, app: ASGI3App, options: ExchangeOptions, state: Mapping[str, Any], variations: Variations
    ) -> None:
        super().__init__(app, options, state)
        self._variations = variations

    def of_http(
        self, prepared: Prepared, options: ExchangeOptions, new: Callable[..., HTTPExchange] = VariedHTTPExchange
    ) -> AppCall[HTTPExchange]:
        __tracebackhide__ = True
        return super().of_http(prepared, options, partial(new, self._begin(options)))

    def of_websocket(
        self,
        prepared: Prepared,
        options: ExchangeOptions,
        new: Callable[..., WebSocketExchange] = VariedWebSocketExchange,
    ) -> AppCall[WebSocketExchange]:
        __tracebackhide__ = True
        return super().of_websocket(prepared, options, partial(new, self._begin(options)))

    def _begin(self, options: ExchangeOptions) -> ExchangeVariation:
        return self._variations.begin(_asked_for(options))


def _asked_for(options: ExchangeOptions) -> set[str]:
    """What the test has asked for by name, and so gets as it is."""
    asked = {
        "extensions": options.extensions,
        "client": options.client != CLIENT,
        "spec_version": options.spec_version is not None or "asgi" in options.scope,
        "body": options.body_chunks is not None,
        "end": options.disconnect_after is not None,
    }
    return {*options.scope, *(name for name, is_asked in asked.items() if is_asked)}


def calls_of(app: ASGI3App, options: ExchangeOptions, state: Mapping[str, Any]) -> Calls:
    """What makes the calls of a client.

    Args:
        app, options, state: as of `Calls`.
    """
    if options.variations is None:
        return Calls(app, options, state)
    return VariedCalls(app, options, state, options.variations)
