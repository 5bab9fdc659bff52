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
    Broken,
    close,
    head,
)
from protocol.broken_shapes import BROKEN_SHAPES
from protocol.exchanges import http, websocket

#: For each rule, by its name, a message that breaks it.
BROKEN: Mapping[str, Broken] = {
    **BROKEN_SHAPES,
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
    "pseudo-header-in-accept": Broken(
        websocket,
        {"type": "websocket.accept", "headers": [(b":a", b"1")]},
        "A header of \"websocket.accept\" is (b':a', b'1'), and no app sends those that begin with a colon. "
        f"{IN_SOCKET} (handshake not answered)",
        MAY_ANSWER,
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
    "length-with-sign": head(
        200,
        "A header of \"http.response.start\" is (b'content-length', b'+5'), and a content-length has no sign.",
        (b"content-length", b"+5"),
    ),
    "length-list": head(
        200,
        "A header of \"http.response.start\" is (b'content-length', b'5, 5'), and a content-length is one number.",
        (b"content-length", b"5, 5"),
    ),
    "unknown-coding": head(
        200,
        "A header of \"http.response.start\" is (b'transfer-encoding', b'gzip'): a transfer coding is the business of "
        "the server.",
        (b"transfer-encoding", b"gzip"),
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
    "denial-of-other-length": Broken(
        partial(
            websocket, {"type": "websocket.http.response.start", "status": 403, "headers": [(b"content-length", b"3")]}
        ),
        {"type": "websocket.http.response.body", "body": b"a"},
        'The denial has 1 bytes with this "websocket.http.response.body", and content-length says 3. '
        f"{IN_SOCKET} (denial response started)",
        '"websocket.http.response.body"',
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
    "debug-after-start": Broken(
        partial(http, b"", start()),
        {"type": "http.response.debug", "info": {}},
        f'Received "http.response.debug" after "http.response.start". {IN_HTTP} (response started)',
        MAY_GO_ON,
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
