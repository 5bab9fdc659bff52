"""The three protocols as another server may speak them: exchanges with a variation of what the app gets."""

from __future__ import annotations

from collections import deque
from typing import Any, TypeVar

from .._types import Message, Scope
from .exchange import Exchange
from .http_exchange import HTTPExchange
from .lifespan_exchange import LifespanExchange
from .variation import ExchangeVariation
from .websocket_exchange import ABNORMAL_CLOSURE, WebSocketExchange

E = TypeVar("E", bound=BaseException)


class VariedExchange(Exchange):
    """What they share: each message that the app receives is varied, and what the app raises says how."""

    variation: ExchangeVariation

    def to_app(self) -> Message | None:
        message = super().to_app()
        return None if message is None else self.variation.message(message)

    def explain(self, exception: BaseException) -> None:
        """Note on an exception what has varied until now, and how it comes again."""
        self.variation.explain(exception, self.request)

    def app_raised(self, exception: BaseException) -> None:
        self.explain(exception)
        super().app_raised(exception)


class VariedHTTPExchange(VariedExchange, HTTPExchange):
    """A request whose body comes in other pieces, and whose client may go away.

    Args:
        variation: what varies in it.
        scope, body, options: as of `HTTPExchange`.
    """

    def __init__(self, variation: ExchangeVariation, scope: Scope, body: bytes | None, **options: Any) -> None:
        self.variation = variation
        end = variation.end({"upload": len(body or b"")})
        for side in end:
            options[f"{side}_limit"] = end[side]
        super().__init__(variation.scope(scope), body, **options)
        if body is not None:
            self._pieces = deque(variation.body(self._pieces))

    def feed(self, piece: bytes | None) -> None:
        for part in [piece] if piece is None else self.variation.piece(piece):
            super().feed(part)


class VariedWebSocketExchange(VariedExchange, WebSocketExchange):
    """A websocket whose client may be lost.

    Args:
        variation: what varies in it.
        scope, conduct: as of `WebSocketExchange`.
    """

    def __init__(self, variation: ExchangeVariation, scope: Scope, *conduct: Any) -> None:
        self.variation = variation
        super().__init__(variation.scope(scope), *conduct)
        #: How many messages of the client the app still gets; None for all.
        self._messages_left = variation.end({}).get("messages")

    def client_sends(self, message: Message) -> None:
        if self._messages_left == 0 and not self.disconnected:
            self.disconnect(ABNORMAL_CLOSURE, "")
            return
        if self._messages_left is not None:
            self._messages_left -= 1
        super().client_sends(message)


class VariedLifespanExchange(VariedExchange, LifespanExchange):
    """A lifespan.

    Args:
        variation: what varies in it.
        scope, conduct: as of `LifespanExchange`.
    """

    def __init__(self, variation: ExchangeVariation, scope: Scope, *conduct: Any) -> None:
        self.variation = variation
        super().__init__(variation.scope(scope), *conduct)


def explained(exception: E, exchange: Exchange) -> E:
    """An exception about an exchange, with a note on what varied in it, if anything could."""
    if isinstance(exchange, VariedExchange):
        exchange.explain(exception)
    return exception
