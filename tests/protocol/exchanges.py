"""Exchanges to begin with, and what both sides of them see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from asgi_lockstep import ProtocolViolation
from asgi_lockstep._protocol.exchange import Exchange, Waiting
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._protocol.lifespan_exchange import LifespanExchange
from asgi_lockstep._protocol.rule_book import RULES, RuleBook
from asgi_lockstep._protocol.shapes import SHAPES
from asgi_lockstep._protocol.websocket_exchange import WebSocketExchange
from asgi_lockstep._types import Message

E = TypeVar("E", bound=Exchange)

#: The extensions whose message has their own name, and the one whose messages have names of their own.
EXTENSIONS = frozenset(message_type for message_type, shape in SHAPES.items() if shape.extension == message_type)
DENIAL = "websocket.http.response"


def http(
    request_body: bytes | None,
    *sent: Message,
    method: str = "GET",
    collect: bool = False,
    by_hand: bool = False,
    spec_version: str | None = "2.3",
    extensions: Iterable[str] = ("http.response.debug", "http.response.trailers"),
) -> HTTPExchange:
    """A request for `/items`, after the app has sent the messages.

    Args:
        request_body: the whole of it, or None if it is fed piece by piece.
    """
    asgi = {"version": "3.0"} if spec_version is None else {"version": "3.0", "spec_version": spec_version}
    scope = {"type": "http", "asgi": asgi, "method": method, "path": "/items"}
    scope["extensions"] = {name: {} for name in extensions}
    return answered(HTTPExchange(scope, request_body, collect=collect, by_hand=by_hand), *sent)


def websocket(*sent: Message) -> WebSocketExchange:
    """A websocket at `/chat` with two subprotocols, after the app has sent the messages; denials are offered."""
    extensions: dict[str, object] = {"websocket.http.response": {}}
    scope = {"type": "websocket", "path": "/chat", "subprotocols": ["a", "b"], "extensions": extensions}
    return answered(WebSocketExchange(scope), *sent)


def lifespan(*sent: str) -> LifespanExchange:
    """A lifespan, after the app has sent messages of these types."""
    return answered(LifespanExchange({"type": "lifespan", "state": {}}), *[{"type": name} for name in sent])


def answered(exchange: E, *messages: Message) -> E:
    """The exchange, after the app has sent the messages."""
    for message in messages:
        exchange.from_app(message)
    return exchange


def refusal(exchange: Exchange, message: Message) -> ProtocolViolation:
    """What the app's `send()` raises, or the test is told behind its back; where each rule is an error."""
    before, exchange.rule_book = exchange.rule_book, RuleBook(dict.fromkeys(RULES, "error"))
    try:
        exchange.from_app(message)
    except ProtocolViolation as exc:
        return exc
    finally:
        exchange.rule_book = before
    assert exchange.refusal is not None
    return exchange.refusal


def said(error: ProtocolViolation) -> str:
    """What an error says first: the sentence, where the app stands, and what it may send."""
    return str(error).partition(" See ")[0]


def received(exchange: Exchange) -> list[Message | None]:
    """What the app's `receive()` gives, up to where it waits (None) or is told of the end."""
    events: list[Message | None] = []
    while True:
        message = exchange.to_app()
        events.append(message)
        if message is None or message["type"].endswith(".disconnect"):
            return events


class Watching:
    """An observer: who waits, and what is told to them."""

    app_waits = ""

    def __init__(
        self,
        client: Waiting | None = None,
        receivers: Waiting | None = None,
        senders: Waiting | None = None,
        cancel: Callable[[], object] = lambda: None,
    ) -> None:
        self.client, self.receivers, self.senders = client, receivers, senders
        self._cancel = cancel

    def cancel_app(self) -> None:
        """The app is to be cancelled."""
        self._cancel()

    def sent_from(self) -> tuple[str, ...]:
        """Nobody knows."""
        return ()


class Listening:
    """Somebody who waits, and does something when he may go on."""

    def __init__(self, then: Callable[[], object] = lambda: None, waiting: int = 1) -> None:
        self._then = then
        self.waiting = waiting

    def fire(self) -> None:
        """He may."""
        self._then()


def counting(exchange: Exchange) -> list[str]:
    """Whom the exchange tells from now on that they may go on."""
    told: list[str] = []
    exchange.observe(
        Watching(
            Listening(lambda: told.append("client")),
            Listening(lambda: told.append("receive")),
            Listening(lambda: told.append("send")),
            lambda: told.append("cancel"),
        )
    )
    return told
