"""For each rule about the order and the kinds of what an app sends, a message that breaks it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from helpers import body, start
from protocol.breaking import (
    IN_HTTP,
    IN_SOCKET,
    MAY_ANSWER,
    MAY_BEGIN,
    MAY_GO_ON,
    TRAILERS,
    Broken,
    after_close,
    begun,
    close,
)
from protocol.exchanges import http, lifespan, websocket

#: By the name of the rule.
BROKEN_SHAPES: Mapping[str, Broken] = {
    "no-message": Broken(
        partial(http, b""),
        {"Type": "x"},
        f"send() was given {{'Type': 'x'}}, which is not a message with a type. {IN_HTTP} (no response yet)",
        MAY_BEGIN,
    ),
    "other-protocol": Broken(
        partial(http, b""),
        {"type": "websocket.accept"},
        f'Received "websocket.accept" on a http scope: look at scope["type"] first. {IN_HTTP} (no response yet)',
        MAY_BEGIN,
    ),
    "unknown-type": Broken(
        partial(http, b""),
        {"type": "http.response.strat", "status": 200},
        'Received "http.response.strat", a type of message that no app can send (did you mean "http.response.start"?). '
        f"{IN_HTTP} (no response yet)",
        MAY_BEGIN,
    ),
    "not-offered": Broken(
        partial(http, b""),
        {"type": "http.response.push", "path": "/"},
        f'Received "http.response.push", but scope["extensions"] does not offer it. {IN_HTTP} (no response yet)',
        MAY_BEGIN,
    ),
    "not-allowed": Broken(
        websocket,
        {"type": "websocket.send", "text": "a"},
        f'Received "websocket.send", which is not allowed here. {IN_SOCKET} (handshake not answered)',
        '"websocket.accept" or "websocket.close" or "websocket.http.response.start"',
    ),
    "start-twice": Broken(
        begun,
        start(),
        f'Received multiple "http.response.start" messages. {IN_HTTP} (response started)',
        MAY_GO_ON,
    ),
    "body-before-start": Broken(
        partial(http, b""),
        body(b"x"),
        f'Received "http.response.body" without "http.response.start". {IN_HTTP} (no response yet)',
        MAY_BEGIN,
    ),
    "body-after-response": Broken(
        partial(http, b"", start(), body()),
        body(b"x"),
        f'Received "http.response.body" after response completed. {IN_HTTP} (response complete)',
        "nothing more",
    ),
    "body-after-body": Broken(
        partial(http, b"", start(trailers=True), body()),
        body(b"x"),
        f'Received "http.response.body" after body completed. {IN_HTTP} (body complete, trailers outstanding)',
        '"http.response.trailers"',
    ),
    "trailers-before-end": Broken(
        partial(http, b"", start(trailers=True)),
        TRAILERS,
        f'Received "http.response.trailers" before body completed. {IN_HTTP} (response with trailers started)',
        MAY_GO_ON,
    ),
    "trailers-after-response": Broken(
        partial(http, b"", start(trailers=True), body(), TRAILERS),
        TRAILERS,
        f'Received "http.response.trailers" after response completed. {IN_HTTP} (response complete)',
        "nothing more",
    ),
    "trailers-not-declared": Broken(
        begun,
        TRAILERS,
        f'Received "http.response.trailers" without declaring trailers. {IN_HTTP} (response started)',
        MAY_GO_ON,
    ),
    "wrong-kind": Broken(
        begun,
        {"type": "http.response.body", "body": "x"},
        f'The "body" of "http.response.body" is \'x\', and must be bytes. {IN_HTTP} (response started)',
        MAY_GO_ON,
    ),
    "not-pairs": Broken(
        partial(http, b""),
        {"type": "http.response.start", "status": 200, "headers": 5},
        f'The "headers" of "http.response.start" are 5, and must be pairs. {IN_HTTP} (no response yet)',
        MAY_BEGIN,
    ),
    "not-two-byte-strings": Broken(
        partial(http, b""),
        start(200, (b"a", b"{b}"), ("{a}", b"b")),  # type: ignore[arg-type]
        "A header of \"http.response.start\" is ('{a}', b'b'), and must be two byte strings. "
        f"{IN_HTTP} (no response yet)",
        MAY_BEGIN,
    ),
    "not-one-of-two": Broken(
        partial(websocket, {"type": "websocket.accept"}),
        {"type": "websocket.send"},
        f'"websocket.send" needs either "text" or "bytes", and not both. {IN_SOCKET} (accepted)',
        '"websocket.send" or "websocket.close"',
    ),
    "send-after-close": after_close({"type": "websocket.send", "text": "a"}),
    "close-twice": after_close({"type": "websocket.close"}),
    "buffer": Broken(
        begun,
        {"type": "http.response.body", "body": bytearray(b"x")},
        f'The "body" of "http.response.body" is a bytearray, and must be bytes. {IN_HTTP} (response started)',
        MAY_GO_ON,
    ),
    "header-buffer": Broken(
        partial(http, b""),
        start(200, (b"x-a", bytearray(b"1"))),  # type: ignore[arg-type]
        "A header of \"http.response.start\" is (b'x-a', bytearray(b'1')), and must be two byte strings. "
        f"{IN_HTTP} (no response yet)",
        MAY_BEGIN,
    ),
    "header-text-in-accept": Broken(
        websocket,
        {"type": "websocket.accept", "headers": [(b"x-a", "1")]},
        "A header of \"websocket.accept\" is (b'x-a', '1'), and must be two byte strings. "
        f"{IN_SOCKET} (handshake not answered)",
        MAY_ANSWER,
    ),
    "body-nothing": Broken(
        begun,
        {"type": "http.response.body", "body": None},
        f'The "body" of "http.response.body" is None, and must be bytes. {IN_HTTP} (response started)',
        MAY_GO_ON,
    ),
    "status-float": Broken(
        partial(http, b""),
        start(200.0),  # type: ignore[arg-type]
        f'The "status" of "http.response.start" is 200.0, and must be int. {IN_HTTP} (no response yet)',
        MAY_BEGIN,
    ),
    "both-of-two": Broken(
        partial(websocket, {"type": "websocket.accept"}),
        {"type": "websocket.send", "text": "a", "bytes": b"a"},
        f'"websocket.send" has both "text" and "bytes", and needs one of them. {IN_SOCKET} (accepted)',
        '"websocket.send" or "websocket.close"',
    ),
    "close-code-none": close({"code": None}, 'The "code" of "websocket.close" is None, and must be int.'),
    "failure-not-text": Broken(
        lifespan,
        {"type": "lifespan.startup.failed", "message": 5},
        'The "message" of "lifespan.startup.failed" is 5, and must be str. '
        "The app broke ASGI in the lifespan (starting)",
        '"lifespan.startup.complete" or "lifespan.startup.failed"',
    ),
    "flag-not-bool": Broken(
        begun,
        {"type": "http.response.body", "more_body": 1},
        f'The "more_body" of "http.response.body" is 1, and must be bool. {IN_HTTP} (response started)',
        MAY_GO_ON,
    ),
}
