"""How an app breaks a rule: what makes the rows of `broken.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from asgi_lockstep._protocol.consequences import told
from asgi_lockstep._protocol.exchange import Exchange
from asgi_lockstep._protocol.rules import Rule
from asgi_lockstep._types import Message
from helpers import start
from protocol.exchanges import http, websocket


@dataclass(frozen=True)
class Broken:
    """How an app breaks a rule.

    Args:
        exchange: makes the exchange in which it does.
        message: what it sends.
        sentence: what its error says first, and where.
        may: what it may send instead.
    """

    exchange: Callable[[], Exchange]
    message: Message
    sentence: str
    may: str

    def text(self, rule: Rule) -> str:
        """The whole text of the error; where a rule can be read, and what servers do, stands in tables of their own."""
        first = f"{self.sentence}: it may send {self.may} now. See {rule.address}"
        return f'{first}\n  The rule is "{rule.id}". {told(rule.id)}'


TRAILERS: Message = {"type": "http.response.trailers"}
IN_HTTP = "The app broke ASGI in GET /items"
IN_SOCKET = "The app broke ASGI in WEBSOCKET /chat"
MAY_BEGIN = '"http.response.debug" or "http.response.start"'
MAY_GO_ON = '"http.response.debug" or "http.response.body"'

begun = partial(http, b"", start())

MAY_ANSWER = '"websocket.accept" or "websocket.close" or "websocket.http.response.start"'


def head(status: int, sentence: str, *headers: tuple[bytes, bytes]) -> Broken:
    """By the head of a response."""
    return Broken(partial(http, b""), start(status, *headers), f"{sentence} {IN_HTTP} (no response yet)", MAY_BEGIN)


def close(keys: Message, sentence: str) -> Broken:
    """By the close of a websocket that it has accepted."""
    return Broken(
        partial(websocket, {"type": "websocket.accept"}),
        {"type": "websocket.close", **keys},
        f"{sentence} {IN_SOCKET} (accepted)",
        '"websocket.send" or "websocket.close"',
    )


def after_close(message: Message) -> Broken:
    """By what it sends to a websocket that it has accepted and closed."""
    return Broken(
        partial(websocket, {"type": "websocket.accept"}, {"type": "websocket.close"}),
        message,
        f'Received "{message["type"]}" after the app has closed the websocket. {IN_SOCKET} (closed by the app)',
        "nothing more",
    )
