"""The same scripts with our clients, in this process."""

from __future__ import annotations

import re
from typing import Any, Final

from asgi_lockstep import (
    Deadlock,
    ProtocolViolation,
    TimedOut,
    TruncatedResponse,
    WebSocketDenialResponse,
    WebSocketDisconnect,
)
from asgi_lockstep._types import ASGI3App, Receive, Scope, Send
from conformance.case import Case, Lifespan, Request, Socket
from conformance.sight import RUNNING, Sight, run, short
from conformance.wire import shown
from matrix import Driver

#: What makes of a client one that answers as a server on loopback does: by default it raises what the app raises, waits
#: for what the app does behind its response, and is called "testclient", because suites rely on all three.
AS_A_SERVER: Final = {"raise_server_exceptions": False, "background": "detach", "client": ("127.0.0.1", 50000)}

#: The code of a websocket that ends without a close.
ABNORMAL: Final = 1006

#: What a real client sees where ours raises: a refused handshake, an app that hangs, one that a server answers for.
_RESULTS: Final = {WebSocketDisconnect: "403", Deadlock: "hang", TimedOut: "hang", ProtocolViolation: "500"}

#: How long an app may rest where it cannot be proven that it waits in vain, in seconds: longer than any case sleeps.
UNPROVEN: Final = 1.0

#: What only a raw socket can ask: an HTTP client writes methods in upper case, escapes what is no ASCII, and folds no
#: lines.
ON_THE_WIRE: Final = frozenset(
    ("method.get-lower", "method.foo-lower", "field.folded", "target.raw-utf8", "target.raw-utf8-query")
)

#: How long an app of a case works behind its response at most, in seconds.
WORK: Final = 0.6

#: The drivers on which time can be free.
_VIRTUAL: Final = ("asyncio", "trio")


def outcome(driver: Driver, case: Case) -> dict[str, Any]:
    """What the client and the app see, as on a server; of what cannot be said in process, nothing.

    Args:
        driver: which client runs it, and how.
        case: the app, and what the client does.
    """
    if case.name in ON_THE_WIRE:
        return {}
    sight = Sight()
    client = _client(driver, case, sight, AS_A_SERVER)
    seen: dict[str, Any] = {}
    try:
        _play(client, case, seen)
        if isinstance(case.script, Request) and sight.outcome()["app.end"] == RUNNING:
            client.sleep(WORK)
    except (Exception, SystemExit) as exc:
        if seen.get("result") == "101":
            seen["close"] = ABNORMAL
        elif not seen:
            seen.update(_ended_by(exc))
    found: dict[str, Any] = short({**seen, **sight.outcome()}) if seen else {}
    if found.get("app.end") == "cancelled" and not isinstance(case.script, Lifespan):
        found["app.end"] = RUNNING  # ours ends an app after its grace; servers do when they stop themselves
    return found


def _ended_by(exc: BaseException) -> dict[str, Any]:
    """What a client sees in place of an answer, by what ours raises."""
    if isinstance(exc, WebSocketDenialResponse):
        return {"result": str(exc.status_code), **({} if exc.refused else {"denial": exc.text})}
    if isinstance(exc, TruncatedResponse):
        status = re.search(r"status (\d+)", str(exc))
        return {"result": f"truncated after {status[1] if status else ''}"}
    for kind, result in _RESULTS.items():
        if isinstance(exc, kind):
            return {"result": result}
    return {"result": "closed"}


def alarm(driver: Driver, case: Case) -> str:
    """What a test with the default options is told: the name of an exception, or of a violation; `""` for nothing."""
    if case.name in ON_THE_WIRE:
        return ""
    client = _client(driver, case, Sight(), {})
    try:
        _play(client, case, {})
    except (WebSocketDenialResponse, WebSocketDisconnect):
        pass
    except (Exception, SystemExit) as exc:
        return type(exc).__name__
    return "violations" if getattr(client, "violations", ()) else ""


def _client(driver: Driver, case: Case, sight: Sight, options: dict[str, Any]) -> Any:
    async def app(scope: Scope, receive: Receive, send: Send) -> Any:
        if isinstance(case.script, Lifespan) and scope["type"] != "lifespan":
            return await case.app(scope, receive, send, sight.note)
        return await run(case, scope, receive, send, sight)

    own: dict[str, Any] = {} if isinstance(case.script, Lifespan) else {"lifespan": "off"}
    if driver.name in _VIRTUAL:  # so that an app that sleeps costs no time
        own["clock"] = "virtual"
    if driver.name == "async-uvloop":
        own["timeout"] = UNPROVEN
    made: ASGI3App = app
    return driver.client(made, **own, **options)


def _play(client: Any, case: Case, seen: dict[str, Any]) -> None:
    """Do what the client of a case does, and keep what it has seen also where a call raises."""
    script = case.script
    if isinstance(script, Lifespan):
        _lifespan(client, seen)
    elif isinstance(script, Request):
        seen.update(_left(client, script) if script.leave else _request(client, script))
    elif not script.leave:  # in process there is no moment in which a handshake could be left
        _websocket(client, script, seen)


def _options(script: Request | Socket) -> dict[str, Any]:
    """What a call of the client is given."""
    target = {"target": script.target.encode("latin-1")}
    more = {"http_version": script.http_version} if isinstance(script, Request) else {}
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in script.headers]
    return {"headers": headers, "extensions": {"asgi": {**target, **more}}}


def _request(client: Any, script: Request) -> dict[str, Any]:
    if script.chunks is not None:
        with client.open(script.method, "/", **_options(script)) as exchange:
            return _by_hand(exchange, script.chunks, script)
    response = client.request(script.method, "/", content=script.body, follow_redirects=False, **_options(script))
    return _answer(response, response.content, script)


def _by_hand(exchange: Any, chunks: tuple[bytes, ...], script: Request) -> dict[str, Any]:
    """Send the body piece by piece, and read the answer at the end, or also after the first piece."""
    early = b""
    for place, chunk in enumerate(chunks):
        exchange.send(chunk)
        if script.duplex and place == 0:
            early = exchange.receive() or b""
    exchange.end()
    response = exchange.response
    seen = _answer(response, early + b"".join(exchange), script)
    return {**seen, "answered early": bool(early)} if script.duplex else seen


def _answer(response: Any, content: bytes, script: Request) -> dict[str, Any]:
    return {
        "result": str(response.status_code),
        "headers": shown([(name.lower(), value) for name, value in response.headers.raw], script.shows),
        "body": content.decode("latin-1"),
    }


def _left(client: Any, script: Request) -> dict[str, Any]:
    """A client that goes away."""
    if script.leave == "after-first-chunk":
        with client.stream(script.method, "/", **_options(script)) as response:
            first = next(iter(response.iter_raw()))
            seen = _answer(response, first, script)
        return {**seen, "result": f"left {seen['result']}"}
    with client.open(script.method, "/", **_options(script)) as exchange:
        for piece in script.chunks or filter(None, [script.body]):
            exchange.send(piece)
        if script.leave == "before-answer":
            exchange.end()
    return {"result": "left"}


def _websocket(client: Any, script: Socket, seen: dict[str, Any]) -> None:
    offer = list(script.subprotocols) or None
    with client.websocket_connect("/", subprotocols=offer, **_options(script)) as session:
        messages: list[list[str]] = []
        headers = shown([(name.lower(), value) for name, value in session.extra_headers or ()], ())
        seen.update(result="101", subprotocol=session.accepted_subprotocol, headers=headers)
        seen.update(messages=messages, close=None)
        left = False
        for step in script.steps:
            left = _step(session, messages, *step) or left
        if not left:
            seen["close"] = _to_the_end(session, messages)


def _step(session: Any, messages: list[list[str]], name: str, *args: Any) -> bool:
    """Do one step; whether the client is gone then."""
    if name in ("send", "fragments"):
        data = args[0] if name == "send" else "".join(args)
        (session.send_text if isinstance(data, str) else session.send_bytes)(data)
    elif name == "receive":
        _take(session.receive(), messages)
    elif name == "close":
        session.close(*(args or (1005,)))
    elif name == "drop":
        session.disconnect()
    return name in ("close", "drop")


def _to_the_end(session: Any, messages: list[list[str]]) -> int | None:
    """The code that the client is closed with; None if the app leaves it open."""
    try:
        while (message := session.receive())["type"] != "websocket.close":
            _take(message, messages)
    except WebSocketDisconnect as exc:
        return exc.code
    except (Deadlock, TimedOut):
        return None
    code: int | None = message.get("code")
    return 1000 if code is None else code


def _take(message: Any, messages: list[list[str]]) -> None:
    kind = "bytes" if message.get("bytes") is not None else "text"
    data = message[kind].encode() if kind == "text" else bytes(message[kind])
    messages.append([kind, data.decode("latin-1")])


def _lifespan(client: Any, seen: dict[str, Any]) -> None:
    seen.update(result="exits", request=None)
    try:
        with client:
            seen.update(result="serves", request=str(client.get("/").status_code), exit="clean")
    except (Exception, SystemExit):
        if seen["result"] == "serves":
            seen["exit"] = "failed"
        raise
