"""For each rule of ASGI, a message that breaks it, and what its app is told."""

from __future__ import annotations

import os
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
    begun,
    close,
    head,
)
from protocol.exchanges import http, websocket

#: For each rule, by its name, a message that breaks it.
BROKEN: Mapping[str, Broken] = {
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
    "after-close": Broken(
        partial(websocket, {"type": "websocket.close"}),
        {"type": "websocket.close"},
        f'Received "websocket.close" after the websocket has ended. {IN_SOCKET} (closed by the app)',
        "nothing more",
    ),
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
    "body-none": Broken(
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
    "no-status": head(99, 'The "status" of "http.response.start" is 99, and must be one of HTTP: three digits.'),
    "interim-status": head(
        103,
        'The "status" of "http.response.start" is 103, which only announces a response, and must be a final one.',
    ),
    "unknown-status-class": head(600, 'The "status" of "http.response.start" is 600, and HTTP has none above 599.'),
    "pseudo-header": head(
        200,
        "A header of \"http.response.start\" is (b':status', b'200'), and no app sends those that begin with a colon.",
        (b":status", b"200"),
    ),
    "no-header-name": head(
        200,
        "A header of \"http.response.start\" is (b'x a', b'1'), and a name has letters, digits and hyphens, no blank "
        "or colon.",
        (b"x a", b"1"),
    ),
    "control-character": head(
        200,
        "A header of \"http.response.start\" is (b'x-a', b'\\x07'), and must have no control characters.",
        (b"x-a", b"\x07"),
    ),
    "upper-case-name": head(
        200,
        "A header of \"http.response.start\" is (b'X-A', b'1'), and its name must be in lower case.",
        (b"X-A", b"1"),
    ),
    "outer-blanks": head(
        200,
        "A header of \"http.response.start\" is (b'x-a', b' 1'), and blanks around a value are no part of it.",
        (b"x-a", b" 1"),
    ),
    "length-no-number": head(
        200,
        "A header of \"http.response.start\" is (b'content-length', b'x'), and a content-length is a number of bytes.",
        (b"content-length", b"x"),
    ),
    "lengths-differ": head(
        200,
        "The headers of \"http.response.start\" have more than one content-length, (b'1', b'2').",
        (b"content-length", b"1"),
        (b"content-length", b"2"),
    ),
    "length-twice": head(
        200,
        "The headers of \"http.response.start\" have the same content-length more than once, (b'1', b'1').",
        (b"content-length", b"1"),
        (b"content-length", b"1"),
    ),
    "length-of-nothing": head(
        204,
        "The headers of \"http.response.start\" have a content-length, (b'0',), which a response of 204 cannot have.",
        (b"content-length", b"0"),
    ),
    "body-too-long": Broken(
        partial(http, b"", start(200, (b"content-length", b"3")), body(b"ab", more=True)),
        body(b"cd"),
        f'The body has 4 bytes with this "http.response.body", and content-length says 3. {IN_HTTP} (response started)',
        MAY_GO_ON,
    ),
    "body-too-short": Broken(
        partial(http, b"", start(200, (b"content-length", b"3")), body(b"a", more=True)),
        body(b"b"),
        'The body has 2 bytes with its last "http.response.body", and content-length says 3. '
        f"{IN_HTTP} (response started)",
        MAY_GO_ON,
    ),
    "body-not-allowed": Broken(
        partial(http, b"", start(304)),
        body(b"ab"),
        'This "http.response.body" has 2 bytes, and a response of this status has no body. '
        f"{IN_HTTP} (response started)",
        MAY_GO_ON,
    ),
    "file-of-another-length": Broken(
        partial(http, b"", start(200, (b"content-length", b"3")), extensions=["http.response.pathsend"]),
        {"type": "http.response.pathsend", "path": os.devnull},
        f"The file of a path send has 0 bytes, and content-length says 3. {IN_HTTP} (response started)",
        '"http.response.body" or "http.response.pathsend"',
    ),
    "before-start": Broken(
        partial(http, b"", extensions=["http.response.early_hint"]),
        {"type": "http.response.early_hint", "links": []},
        f'Received "http.response.early_hint" before "http.response.start". {IN_HTTP} (no response yet)',
        '"http.response.early_hint" or "http.response.start"',
    ),
    "debug-after-start": Broken(
        begun,
        {"type": "http.response.debug", "info": {}},
        f'Received "http.response.debug" after "http.response.start". {IN_HTTP} (response started)',
        MAY_GO_ON,
    ),
    "subprotocol-as-header": Broken(
        websocket,
        {"type": "websocket.accept", "headers": [(b"sec-websocket-protocol", b"a")]},
        "A header of \"websocket.accept\" is (b'sec-websocket-protocol', b'a'): the subprotocol has a key of its own. "
        f"{IN_SOCKET} (handshake not answered)",
        MAY_ANSWER,
    ),
    "no-close-code": close({"code": 70000}, 'The "code" of "websocket.close" is 70000, and must fit into two bytes.'),
    "close-code-never-sent": close(
        {"code": 1006},
        'The "code" of "websocket.close" is 1006, which stands for a close without a code, and is never sent.',
    ),
    "reserved-close-code": close(
        {"code": 999}, 'The "code" of "websocket.close" is 999; an app has 1000 to 1014, and 3000 to 4999.'
    ),
    "long-close-reason": close(
        {"reason": 62 * "\u00e9"},
        'The "reason" of "websocket.close" has 124 bytes, and a close frame has room for 123.',
    ),
    "relative-path": Broken(
        partial(http, b"", start(), extensions=["http.response.pathsend"]),
        {"type": "http.response.pathsend", "path": "a/b"},
        f"The path 'a/b' of a path send must be absolute. {IN_HTTP} (response started)",
        '"http.response.body" or "http.response.pathsend"',
    ),
    "links-not-bytes": Broken(
        partial(http, b"", extensions=["http.response.early_hint"]),
        {"type": "http.response.early_hint", "links": (b"</x>", "</y>")},
        f"The links [b'</x>', '</y>'] of an early hint must be bytes. {IN_HTTP} (no response yet)",
        '"http.response.early_hint" or "http.response.start"',
    ),
    "no-file": Broken(
        partial(http, b"", start(), extensions=["http.response.zerocopysend"]),
        {"type": "http.response.zerocopysend"},
        "The file None of a zero copy send must be an open file, or the number of a descriptor. "
        f"{IN_HTTP} (response started)",
        '"http.response.body" or "http.response.zerocopysend"',
    ),
    "no-unicode": Broken(
        partial(websocket, {"type": "websocket.accept"}),
        {"type": "websocket.send", "text": "a\ud800"},
        """The "text" 'a\\ud800' of "websocket.send" has surrogates, and must be Unicode text. """
        f"{IN_SOCKET} (accepted)",
        '"websocket.send" or "websocket.close"',
    ),
    "not-one-line": Broken(
        partial(http, b""),
        start(200, (b"x-a", b"1"), (b"x-b", b"2\r\nset-cookie: c=3")),
        """A header of "http.response.start" is (b'x-b', b'2\\r\\nset-cookie: c=3'), and must have no CR, LF or NUL: """
        f"it would break the response. {IN_HTTP} (no response yet)",
        MAY_BEGIN,
    ),
    "subprotocol-not-offered": Broken(
        websocket,
        {"type": "websocket.accept", "subprotocol": "c"},
        """The "subprotocol" 'c' of "websocket.accept" is none of those that the client offers, ['a', 'b']. """
        f"{IN_SOCKET} (handshake not answered)",
        '"websocket.accept" or "websocket.close" or "websocket.http.response.start"',
    ),
}
