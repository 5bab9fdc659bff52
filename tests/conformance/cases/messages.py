"""Messages of wrong types, of other protocols, of extensions, and bodies that are no bytes."""

from __future__ import annotations

import tempfile
from typing import Any, Final

from asgi_lockstep._types import Receive, Scope, Send
from conformance.case import App, Case, Note, Request, body, part, sends, start

_BODY: Final = "www.rst: Response Body"
_EVENTS: Final = "main.rst: Events"

#: What is no body.
_WRONG_BODIES: Final[dict[str, Any]] = {
    "none": None,
    "str": "ok",
    "empty-str": "",
    "int": 5,
    "float": 1.5,
    "true": True,
    "list": [111, 107],
    "list-of-bytes": [b"ok"],
    "dict": {"a": 1},
    "bytearray": bytearray(b"ok"),
    "memoryview": memoryview(b"ok"),
}

#: What is no `more_body`, as the last message.
_WRONG_MORE: Final[dict[str, Any]] = {"none": None, "0": 0, "empty-str": ""}

#: What is no message.
_NO_MESSAGES: Final[dict[str, Any]] = {
    "none": None,
    "str": "http.response.start",
    "int": 5,
    "list": ["http.response.start"],
    "pairs": [("type", "http.response.start")],
    "empty": {},
    "no-type": {"status": 200, "headers": []},
    "type-none": {"type": None},
    "type-int": {"type": 5},
    "type-bytes": {"type": b"http.response.start", "status": 200},
    "type-unknown": {"type": "http.response.foo"},
    "type-empty": {"type": ""},
    "type-request": {"type": "http.request", "body": b"", "more_body": False},
    "type-disconnect": {"type": "http.disconnect"},
    "websocket-accept": {"type": "websocket.accept"},
    "websocket-close": {"type": "websocket.close"},
    "lifespan": {"type": "lifespan.startup.complete"},
}

_LINKS: Final = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}
_PUSH: Final = {"type": "http.response.push", "path": "/a.css", "headers": []}
_DEBUG: Final = {"type": "http.response.debug", "info": {"a": 1}}
_TRAILERS: Final = {"type": "http.response.trailers", "headers": [(b"x-t", b"1")]}
_TRAILING: Final = Request(headers=(("te", "trailers"),))


def _file_app(kind: str, key: str) -> App:
    """Sends a file by an extension that is not looked for."""

    async def app(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"ok")
            file.flush()
            await send(start(200, (b"content-length", b"2")))
            await send({"type": kind, key: file.name if key == "path" else file})

    return app


def _looking(name: str, before: tuple[Any, ...], message: Any, after: tuple[Any, ...]) -> App:
    """Sends the message of an extension only where that is advertised."""

    async def app(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
        offered = name in scope.get("extensions", {})
        for each in (*before, *((message,) if offered else ()), *after):
            await send(each)

    return app


class _Dict(dict[str, Any]):
    """A kind of dict."""


CASES: Final = (
    *(Case(f"body.{name}", sends(start(), body(value)), False, rule=_BODY) for name, value in _WRONG_BODIES.items()),
    *(
        Case(f"body.more-{name}", sends(start(), body(b"ok", more_body=value)), False, rule=_BODY)
        for name, value in _WRONG_MORE.items()
    ),
    Case("body.more-1", sends(start(), body(b"ok", more_body=1), body(b"")), False, rule=_BODY),
    Case("body.no-body-key", sends(start(), {"type": "http.response.body"}), rule=_BODY),
    Case("body.no-more-key", sends(start(), {"type": "http.response.body", "body": b"ok"}), rule=_BODY),
    Case("body.second-str", sends(start(), part(), body("ok")), False, rule=_BODY),
    Case("body.large", sends(start(), body(b"x" * 1_000_000)), rule=_BODY),
    Case("body.many", sends(start(), *(part(b"x") for _ in range(500)), body(b"")), rule=_BODY),
    *(Case(f"message.{name}", sends(value), False, rule=_EVENTS) for name, value in _NO_MESSAGES.items()),
    *(
        Case(f"message.{name}-after-start", sends(start(), _NO_MESSAGES[name], body()), False, rule=_EVENTS)
        for name in (
            "none",
            "no-type",
            "type-unknown",
            "type-request",
            "websocket-accept",
            "websocket-close",
            "lifespan",
        )
    ),
    Case(
        "message.type-unknown-mid-body",
        sends(start(), part(), _NO_MESSAGES["type-unknown"], body()),
        False,
        rule=_EVENTS,
    ),
    Case("message.extra-keys", sends(start(200, x_extra=1), body(b"ok", x_extra=None)), rule=_EVENTS),
    Case("message.dict-subclass", sends(_Dict(start()), _Dict(body())), rule=_EVENTS),
    # Extensions, without a look at the scope.
    Case("extension.debug", sends(_DEBUG, start(), body()), False),
    Case("extension.debug-after-start", sends(start(), _DEBUG, body()), False),
    Case("extension.early-hint-before-start", sends(_LINKS, start(), body()), False),
    Case("extension.early-hint-after-start", sends(start(), _LINKS, body()), False),
    Case("extension.push", sends(start(), _PUSH, body()), False),
    Case("extension.push-before-start", sends(_PUSH, start(), body()), False),
    Case("extension.pathsend", _file_app("http.response.pathsend", "path"), False),
    Case("extension.pathsend-relative", sends(start(), {"type": "http.response.pathsend", "path": "a.txt"}), False),
    Case("extension.zerocopysend", _file_app("http.response.zerocopysend", "file"), False),
    Case("extension.trailers", sends(start(trailers=True), body(), _TRAILERS), False, _TRAILING),
    Case("extension.trailers-unasked", sends(start(trailers=True), body(), _TRAILERS), False),
    Case("extension.trailers-unannounced", sends(start(), body(), _TRAILERS), False, _TRAILING),
    Case("extension.trailers-missing", sends(start(trailers=True), body()), False),
    # The same, with a look.
    Case("extension.looks-debug", _looking("http.response.debug", (), _DEBUG, (start(), body()))),
    Case("extension.looks-push", _looking("http.response.push", (start(),), _PUSH, (body(),))),
    Case("extension.looks-early-hint", _looking("http.response.early_hint", (start(),), _LINKS, (body(),))),
)
