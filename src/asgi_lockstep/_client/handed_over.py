"""How a request leaves httpx's pipeline before anything is sent, to become a conversation in the hands of the test."""

from __future__ import annotations

from typing import Any, Protocol

from .._drivers.calls.app_call import AppCall
from .._httpx import httpx
from .options import ExchangeOptions

#: Put on a request by `client.websocket_connect()`: what has the URL of a websocket otherwise is a mistake of the test.
HANDSHAKE = "asgi_lockstep.handshake"


class Asked(Protocol):
    """A request that was asked for, whether httpx has seen it or not."""

    @property
    def request(self) -> httpx.Request:
        """The request, as httpx has it."""
        ...


class HandedOver(Exception):
    """Carries a websocket handshake, or a request whose body the test sends by hand, past the rest of the pipeline.

    A return value would have to be a response, which event hooks would take for one.

    Args:
        call: the call of the app, of an `HTTPExchange` or a `WebSocketExchange`, which has not begun.
        options: what holds for it.
        asked: knows the request: its URL, headers, cookies.
    """

    def __init__(self, call: AppCall[Any], options: ExchangeOptions, asked: Asked) -> None:
        self.call = call
        self.options = options
        self.asked = asked
