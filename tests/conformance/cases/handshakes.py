"""The handshake of a websocket: accepted, refused, denied, and everything that is none of it."""

from __future__ import annotations

from typing import Any, Final

import anyio

from asgi_lockstep._types import Receive, Scope, Send
from conformance.case import ACCEPT, CLOSE, App, Case, Note, Socket, sends, text
from conformance.cases.requests import describe, plain

_ACCEPT: Final = "www.rst: Accept"
_DENIAL: Final = "extensions.rst: Websocket Denial Response"


def _accept(**more: Any) -> dict[str, Any]:
    return {**ACCEPT, **more}


def _accepts(conforms: bool, socket: Socket | None = None, **more: Any) -> dict[str, Any]:
    """The arguments of a case that accepts in its own way, and closes."""
    return {"app": sends(_accept(**more), CLOSE), "conforms": conforms, "script": socket or Socket(), "rule": _ACCEPT}


def _denial_start(status: Any = 401, **more: Any) -> dict[str, Any]:
    return {"type": "websocket.http.response.start", "status": status, "headers": [], **more}


def _denial_body(data: Any = b"denied", **more: Any) -> dict[str, Any]:
    return {"type": "websocket.http.response.body", "body": data, **more}


def _notes(*keys: str) -> App:
    """Takes down keys of its scope, accepts and closes."""

    async def app(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
        await receive()
        for key in keys:
            note(key, plain(scope.get(key)))
        await send(ACCEPT)
        await send(CLOSE)

    return app


async def _types(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await receive()
    describe(scope, note, "subprotocols")
    note("denial offered", "websocket.http.response" in scope.get("extensions", {}))
    await send(ACCEPT)
    await send(CLOSE)


async def _fields(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    fields = [plain(pair) for pair in scope["headers"]]
    names = {name for name, _ in fields}
    note("headers", [pair for pair in fields if pair[0].startswith(("x-", "cookie"))])
    note("upgrade", {"upgrade", "connection", "sec-websocket-key", "sec-websocket-version"} <= names)
    await send(ACCEPT)
    await send(CLOSE)


async def _first_event(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    note("first", await receive())
    await send(ACCEPT)
    await send(CLOSE)


async def _receives_before_it_accepts(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await receive()
    with anyio.move_on_after(0.1):
        note("second", (await receive())["type"])
    await send(ACCEPT)
    await send(CLOSE)


async def _accepts_without_receive(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await send(ACCEPT)
    await send(CLOSE)


async def _raises(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await receive()
    raise RuntimeError("before it accepts")


async def _returns(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await receive()


async def _returns_at_once(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    return


async def _hangs(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await receive()
    note("then", (await receive())["type"])


async def _after_refusal(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await receive()
    await send(CLOSE)
    with anyio.move_on_after(0.2):
        message = await receive()
        note("then", message["type"])
        note("code", message.get("code"))


async def _leaving(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await receive()
    message = await receive()
    note("then", message["type"])
    note("code", message.get("code"))


_OFFERS: Final = Socket(subprotocols=("a", "b"))
_XH: Final = [(b"x-a", b"1"), (b"x-b", b"2")]

CASES: Final = (
    Case("handshake.types", _types, script=Socket()),
    Case(
        "handshake.fields",
        _fields,
        script=Socket(headers=(("X-A", "1"), ("X-B", "2"), ("X-A", "3"), ("cookie", "a=1"))),
    ),
    Case("handshake.field-latin1", _fields, script=Socket(headers=(("x-l", "caf\xe9"),))),
    Case("handshake.field-outer-blanks", _fields, script=Socket(headers=(("x-w", "  a b\t"),))),
    Case("handshake.target", _notes("path", "raw_path", "query_string"), script=Socket("/caf%C3%A9%2Fx?a=%20b")),
    Case("handshake.subprotocols", _notes("subprotocols"), script=_OFFERS),
    Case("handshake.subprotocols-none", _notes("subprotocols"), script=Socket()),
    Case(
        "handshake.subprotocols-blanks",
        _notes("subprotocols"),
        script=Socket(headers=(("sec-websocket-protocol", "a ,  b,c"),)),
    ),
    Case("handshake.first-event", _first_event, script=Socket()),
    Case("handshake.receive-before-accept", _receives_before_it_accepts, script=Socket()),
    Case("handshake.accept-without-receive", _accepts_without_receive, script=Socket()),
    Case("accept.plain", **_accepts(True)),
    Case("accept.subprotocol", **_accepts(True, _OFFERS, subprotocol="b")),
    Case("accept.subprotocol-none", **_accepts(True, _OFFERS, subprotocol=None)),
    Case("accept.subprotocol-empty", **_accepts(False, _OFFERS, subprotocol="")),
    Case("accept.subprotocol-not-offered", **_accepts(False, _OFFERS, subprotocol="zzz")),
    Case("accept.subprotocol-no-offer", **_accepts(False, subprotocol="a")),
    Case("accept.subprotocol-bytes", **_accepts(False, _OFFERS, subprotocol=b"a")),
    Case("accept.subprotocol-int", **_accepts(False, _OFFERS, subprotocol=1)),
    Case("accept.headers", **_accepts(True, headers=_XH)),
    Case("accept.headers-empty", **_accepts(True, headers=[])),
    Case("accept.headers-none", **_accepts(False, headers=None)),
    Case("accept.headers-tuple", **_accepts(True, headers=tuple(map(tuple, _XH)))),
    Case("accept.headers-str", **_accepts(False, headers=[("x-a", "1")])),
    Case("accept.headers-name-upper", **_accepts(False, headers=[(b"X-A", b"1")])),
    Case("accept.headers-dict", **_accepts(False, headers={b"x-a": b"1"})),
    Case("accept.headers-crlf", **_accepts(False, headers=[(b"x-a", b"1\r\nx-b: 2")])),
    Case("accept.headers-3-tuple", **_accepts(False, headers=[(b"x-a", b"1", b"2")])),
    Case("accept.headers-subprotocol", **_accepts(False, _OFFERS, headers=[(b"sec-websocket-protocol", b"a")])),
    Case("accept.headers-pseudo", **_accepts(False, headers=[(b":status", b"101")])),
    Case("accept.extra-key", **_accepts(True, x_extra=1)),
    Case("accept.twice", sends(ACCEPT, ACCEPT, CLOSE), False, Socket(), _ACCEPT),
    Case("refuse.close", sends(CLOSE), script=Socket()),
    Case("refuse.close-code", sends({**CLOSE, "code": 4001, "reason": "no"}), script=Socket()),
    Case("refuse.close-then-receive", _after_refusal, script=Socket()),
    Case("refuse.close-then-accept", sends(CLOSE, ACCEPT), False, Socket()),
    Case("refuse.close-twice", sends(CLOSE, CLOSE), False, Socket()),
    Case("refuse.send-first", sends(text("hi"), ACCEPT, CLOSE), False, Socket()),
    Case("refuse.unknown-first", sends({"type": "websocket.foo"}), False, Socket()),
    Case("refuse.http-start", sends({"type": "http.response.start", "status": 200, "headers": []}), False, Socket()),
    Case("refuse.no-dict", sends(None), False, Socket()),
    Case("refuse.no-type", sends({"subprotocol": "a"}), False, Socket()),
    Case("refuse.raises", _raises, False, Socket()),
    Case("refuse.returns", _returns, False, Socket()),
    Case("refuse.returns-at-once", _returns_at_once, False, Socket()),
    Case("refuse.hangs", _hangs, False, Socket()),
    Case("refuse.client-leaves", _leaving, script=Socket(leave=True)),
    Case("denial.plain", sends(_denial_start(), _denial_body()), script=Socket(), rule=_DENIAL),
    Case(
        "denial.headers", sends(_denial_start(headers=[(b"x-a", b"1")]), _denial_body()), script=Socket(), rule=_DENIAL
    ),
    Case(
        "denial.length",
        sends(_denial_start(headers=[(b"content-length", b"6")]), _denial_body()),
        script=Socket(),
        rule=_DENIAL,
    ),
    Case(
        "denial.no-headers-key",
        sends({"type": "websocket.http.response.start", "status": 401}, _denial_body()),
        script=Socket(),
        rule=_DENIAL,
    ),
    Case(
        "denial.no-body-key",
        sends(_denial_start(), {"type": "websocket.http.response.body"}),
        script=Socket(),
        rule=_DENIAL,
    ),
    Case(
        "denial.chunks",
        sends(_denial_start(), _denial_body(b"den", more_body=True), _denial_body(b"ied")),
        script=Socket(),
        rule=_DENIAL,
    ),
    Case("denial.status-200", sends(_denial_start(200), _denial_body()), script=Socket(), rule=_DENIAL),
    Case("denial.status-404", sends(_denial_start(404), _denial_body(b"")), script=Socket(), rule=_DENIAL),
    Case("denial.start-only", sends(_denial_start()), False, Socket(), _DENIAL),
    Case("denial.cut", sends(_denial_start(), _denial_body(more_body=True)), False, Socket(), _DENIAL),
    Case("denial.body-first", sends(_denial_body()), False, Socket(), _DENIAL),
    Case("denial.start-twice", sends(_denial_start(), _denial_start(), _denial_body()), False, Socket(), _DENIAL),
    Case("denial.status-str", sends(_denial_start("401"), _denial_body()), False, Socket(), _DENIAL),
    Case("denial.body-str", sends(_denial_start(), _denial_body("denied")), False, Socket(), _DENIAL),
    Case(
        "denial.length-wrong",
        sends(_denial_start(headers=[(b"content-length", b"9")]), _denial_body()),
        False,
        Socket(),
        _DENIAL,
    ),
    Case("denial.then-accept", sends(_denial_start(), _denial_body(), ACCEPT), False, Socket(), _DENIAL),
    Case("denial.start-then-accept", sends(_denial_start(), ACCEPT, CLOSE), False, Socket(), _DENIAL),
    Case("denial.after-accept", sends(ACCEPT, _denial_start(), _denial_body()), False, Socket(), _DENIAL),
)
