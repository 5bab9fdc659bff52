"""One message for each thing that an app can say, and for each rule that it can break."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from asgi_lockstep._protocol.exchange import SPECIFICATIONS, Exchange
from asgi_lockstep._types import Message
from helpers import body, start
from protocol.exchanges import http, websocket

#: A file with nothing in it, open as long as the tests run.
EMPTY = Path(os.devnull).open("rb")  # noqa: SIM115
atexit.register(EMPTY.close)

#: A message for each event of the tables, with content that is right.
MESSAGES: Mapping[str, Message] = {
    "http.response.debug": {"type": "http.response.debug", "info": {}},
    "http.response.early_hint": {"type": "http.response.early_hint", "links": [b"</x>; rel=preload"]},
    "http.response.push": {"type": "http.response.push", "path": "/x", "headers": []},
    "http.response.start": {"type": "http.response.start", "status": 200},
    "http.response.start trailers": {"type": "http.response.start", "status": 200, "trailers": True},
    "http.response.body more": {"type": "http.response.body", "more_body": True},
    "http.response.body": {"type": "http.response.body"},
    "http.response.zerocopysend more": {"type": "http.response.zerocopysend", "file": EMPTY, "more_body": True},
    "http.response.zerocopysend": {"type": "http.response.zerocopysend", "file": EMPTY},
    "http.response.pathsend": {"type": "http.response.pathsend", "path": os.devnull},
    "http.response.trailers more": {"type": "http.response.trailers", "more_trailers": True},
    "http.response.trailers": {"type": "http.response.trailers"},
    "websocket.accept": {"type": "websocket.accept"},
    "websocket.send": {"type": "websocket.send", "text": "hi"},
    "websocket.close": {"type": "websocket.close"},
    "websocket.http.response.start": {"type": "websocket.http.response.start", "status": 403},
    "websocket.http.response.body more": {"type": "websocket.http.response.body", "more_body": True},
    "websocket.http.response.body": {"type": "websocket.http.response.body"},
    "lifespan.startup.complete": {"type": "lifespan.startup.complete"},
    "lifespan.startup.failed": {"type": "lifespan.startup.failed"},
    "lifespan.shutdown.complete": {"type": "lifespan.shutdown.complete"},
    "lifespan.shutdown.failed": {"type": "lifespan.shutdown.failed"},
}


@dataclass(frozen=True)
class Broken:
    """How an app breaks a rule.

    Args:
        exchange: makes the exchange in which it does.
        message: what it sends.
        sentence: what its error says first, and where.
        may: what it may send instead.
        section: the address at which the specification says so.
    """

    exchange: Callable[[], Exchange]
    message: Message
    sentence: str
    may: str
    section: str = f"{SPECIFICATIONS}/www.html#http"

    @property
    def text(self) -> str:
        """The whole text of the error."""
        return f"{self.sentence}: it may send {self.may} now. See {self.section}"


_TRAILERS: Message = {"type": "http.response.trailers"}
_IN_HTTP = "The app broke ASGI in GET /items"
_IN_SOCKET = "The app broke ASGI in WEBSOCKET /chat"
_MAY_BEGIN = '"http.response.debug" or "http.response.start"'
_MAY_GO_ON = '"http.response.debug" or "http.response.body"'

_begun = partial(http, b"", start())

#: For each rule, by its name, a message that breaks it.
BROKEN: Mapping[str, Broken] = {
    "no-message": Broken(
        partial(http, b""),
        {"Type": "x"},
        f"send() was given {{'Type': 'x'}}, which is not a message with a type. {_IN_HTTP} (no response yet)",
        _MAY_BEGIN,
    ),
    "other-protocol": Broken(
        partial(http, b""),
        {"type": "websocket.accept"},
        f'Received "websocket.accept" on a http scope: look at scope["type"] first. {_IN_HTTP} (no response yet)',
        _MAY_BEGIN,
    ),
    "unknown-type": Broken(
        partial(http, b""),
        {"type": "http.response.strat", "status": 200},
        'Received "http.response.strat", a type of message that no app can send (did you mean "http.response.start"?). '
        f"{_IN_HTTP} (no response yet)",
        _MAY_BEGIN,
    ),
    "not-offered": Broken(
        partial(http, b""),
        {"type": "http.response.push", "path": "/"},
        f'Received "http.response.push", but scope["extensions"] does not offer it. {_IN_HTTP} (no response yet)',
        _MAY_BEGIN,
    ),
    "not-allowed": Broken(
        websocket,
        {"type": "websocket.send", "text": "a"},
        f'Received "websocket.send", which is not allowed here. {_IN_SOCKET} (handshake not answered)',
        '"websocket.accept" or "websocket.close" or "websocket.http.response.start"',
        f"{SPECIFICATIONS}/www.html#websocket",
    ),
    "start-twice": Broken(
        _begun,
        start(),
        f'Received multiple "http.response.start" messages. {_IN_HTTP} (response started)',
        _MAY_GO_ON,
    ),
    "body-before-start": Broken(
        partial(http, b""),
        body(b"x"),
        f'Received "http.response.body" without "http.response.start". {_IN_HTTP} (no response yet)',
        _MAY_BEGIN,
    ),
    "body-after-response": Broken(
        partial(http, b"", start(), body()),
        body(b"x"),
        f'Received "http.response.body" after response completed. {_IN_HTTP} (response complete)',
        "nothing more",
    ),
    "body-after-body": Broken(
        partial(http, b"", start(trailers=True), body()),
        body(b"x"),
        f'Received "http.response.body" after body completed. {_IN_HTTP} (body complete, trailers outstanding)',
        '"http.response.trailers"',
    ),
    "trailers-before-end": Broken(
        partial(http, b"", start(trailers=True)),
        _TRAILERS,
        f'Received "http.response.trailers" before body completed. {_IN_HTTP} (response with trailers started)',
        _MAY_GO_ON,
    ),
    "trailers-after-response": Broken(
        partial(http, b"", start(trailers=True), body(), _TRAILERS),
        _TRAILERS,
        f'Received "http.response.trailers" after response completed. {_IN_HTTP} (response complete)',
        "nothing more",
    ),
    "trailers-not-declared": Broken(
        _begun,
        _TRAILERS,
        f'Received "http.response.trailers" without declaring trailers. {_IN_HTTP} (response started)',
        _MAY_GO_ON,
    ),
    "wrong-kind": Broken(
        _begun,
        {"type": "http.response.body", "body": "x"},
        'The "body" of "http.response.body" is \'x\', and must be bytes or bytearray or memoryview. '
        f"{_IN_HTTP} (response started)",
        _MAY_GO_ON,
    ),
    "not-pairs": Broken(
        partial(http, b""),
        {"type": "http.response.start", "status": 200, "headers": 5},
        f'The "headers" of "http.response.start" are 5, and must be pairs. {_IN_HTTP} (no response yet)',
        _MAY_BEGIN,
    ),
    "not-two-byte-strings": Broken(
        websocket,
        {"type": "websocket.accept", "headers": [(b"a", b"{b}"), ("{a}", b"b")]},
        "A header of \"websocket.accept\" is ('{a}', b'b'), and must be two byte strings. "
        f"{_IN_SOCKET} (handshake not answered)",
        '"websocket.accept" or "websocket.close" or "websocket.http.response.start"',
        f"{SPECIFICATIONS}/www.html#websocket",
    ),
    "not-one-of-two": Broken(
        partial(websocket, {"type": "websocket.accept"}),
        {"type": "websocket.send", "text": "a", "bytes": b"a"},
        f'"websocket.send" needs either "text" or "bytes", and not both. {_IN_SOCKET} (accepted)',
        '"websocket.send" or "websocket.close"',
        f"{SPECIFICATIONS}/www.html#websocket",
    ),
    "relative-path": Broken(
        partial(http, b"", start(), extensions=["http.response.pathsend"]),
        {"type": "http.response.pathsend", "path": "a/b"},
        f"The path 'a/b' of a path send must be absolute. {_IN_HTTP} (response started)",
        '"http.response.body" or "http.response.pathsend"',
    ),
    "links-not-bytes": Broken(
        partial(http, b"", extensions=["http.response.early_hint"]),
        {"type": "http.response.early_hint", "links": (b"</x>", "</y>")},
        f"The links [b'</x>', '</y>'] of an early hint must be bytes. {_IN_HTTP} (no response yet)",
        '"http.response.early_hint" or "http.response.start"',
    ),
    "no-file": Broken(
        partial(http, b"", start(), extensions=["http.response.zerocopysend"]),
        {"type": "http.response.zerocopysend"},
        "The file None of a zero copy send must be an open file, or the number of a descriptor. "
        f"{_IN_HTTP} (response started)",
        '"http.response.body" or "http.response.zerocopysend"',
    ),
    "no-unicode": Broken(
        partial(websocket, {"type": "websocket.accept"}),
        {"type": "websocket.send", "text": "a\ud800"},
        """The "text" 'a\\ud800' of "websocket.send" has surrogates, and must be Unicode text. """
        f"{_IN_SOCKET} (accepted)",
        '"websocket.send" or "websocket.close"',
        f"{SPECIFICATIONS}/www.html#websocket",
    ),
    "not-one-line": Broken(
        partial(http, b""),
        start(200, (b"x-a", b"1"), (b"x-b", b"2\r\nset-cookie: c=3")),
        """A header of "http.response.start" is (b'x-b', b'2\\r\\nset-cookie: c=3'), and must have no CR, LF or NUL: """
        f"it would break the response. {_IN_HTTP} (no response yet)",
        _MAY_BEGIN,
    ),
    "subprotocol-not-offered": Broken(
        websocket,
        {"type": "websocket.accept", "subprotocol": "c"},
        """The "subprotocol" 'c' of "websocket.accept" is none of those that the client offers, ['a', 'b']. """
        f"{_IN_SOCKET} (handshake not answered)",
        '"websocket.accept" or "websocket.close" or "websocket.http.response.start"',
        f"{SPECIFICATIONS}/www.html#websocket",
    ),
}
