"""Messages over an open websocket, and every end that one can have."""

from __future__ import annotations

from typing import Any, Final

import anyio

from asgi_lockstep._types import Receive, Scope, Send
from conformance.case import ACCEPT, CLOSE, App, Case, Note, Socket, sends, text

_SEND: Final = "www.rst: Send"
_CLOSE: Final = "www.rst: Close"


def _message(**keys: Any) -> dict[str, Any]:
    return {"type": "websocket.send", **keys}


async def _echo(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """Sends back what it gets, and takes down how it ends."""
    await receive()
    await send(ACCEPT)
    got = []
    while (message := await receive())["type"] == "websocket.receive":
        kind = "text" if message.get("text") is not None else "bytes"
        got.append([kind, len(message[kind])])
        await send({"type": "websocket.send", kind: message[kind]})
    note("got", got)
    _end(message, note)


def _end(message: Any, note: Note) -> None:
    note("end event", message["type"])
    note("code", message.get("code"))
    note("reason", message.get("reason") or "")


async def _keys(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """Takes down the keys that a message has, beside None."""
    await receive()
    await send(ACCEPT)
    message = await receive()
    note("keys", sorted(key for key, value in message.items() if value is not None))
    await send(CLOSE)


def _then(*messages: Any, watch: bool = True) -> App:
    """Accepts, sends, and sees how it ends."""

    async def app(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
        await receive()
        await send(ACCEPT)
        for message in messages:
            await send(message)
        if watch:
            with anyio.move_on_after(0.3):
                _end(await receive(), note)

    return app


async def _raises(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await receive()
    await send(ACCEPT)
    raise RuntimeError("after it has accepted")


async def _raises_after_close(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await receive()
    await send(ACCEPT)
    await send(CLOSE)
    raise RuntimeError("after it has closed")


async def _receives_again(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await receive()
    await send(ACCEPT)
    _end(await receive(), note)
    with anyio.move_on_after(0.1):
        note("second", (await receive())["type"])


def _after_the_disconnect(message: Any) -> App:
    """Sends once more when its client has gone."""

    async def app(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
        await receive()
        await send(ACCEPT)
        _end(await receive(), note)
        try:
            await send(message)
        except OSError:
            note("sent", "OSError")
        except Exception:
            note("sent", "another error")
        else:
            note("sent", "fine")

    return app


async def _goes_on_sending(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """Never looks whether somebody is there."""
    await receive()
    await send(ACCEPT)
    for _ in range(8):
        await send(text("data"))
        await anyio.sleep(0.03)


async def _closes_with_messages_waiting(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """The client has sent something that it did not take."""
    await receive()
    await send(ACCEPT)
    await anyio.sleep(0.1)
    await send(CLOSE)
    with anyio.move_on_after(0.3):
        note("then", (await receive())["type"])


async def _never_returns(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await receive()
    await send(ACCEPT)
    await send(CLOSE)
    await anyio.sleep_forever()


_WRONG_MESSAGES: Final[dict[str, Any]] = {
    "both": _message(text="t", bytes=b"b"),
    "neither": _message(),
    "both-none": _message(text=None, bytes=None),
    "text-bytes": _message(text=b"x"),
    "text-int": _message(text=5),
    "text-list": _message(text=["x"]),
    "text-surrogate": _message(text="\ud800"),
    "bytes-str": _message(bytes="x"),
    "bytes-int": _message(bytes=5),
    "bytes-bytearray": _message(bytes=bytearray(b"x")),
    "bytes-memoryview": _message(bytes=memoryview(b"x")),
    "unknown-type": {"type": "websocket.foo"},
    "receive-type": {"type": "websocket.receive", "text": "x"},
    "http-start": {"type": "http.response.start", "status": 200, "headers": []},
    "http-body": {"type": "http.response.body", "body": b"x"},
    "no-type": {"text": "x"},
    "no-dict": None,
    "accept-again": ACCEPT,
}

_RIGHT_MESSAGES: Final[dict[str, Any]] = {
    "text": text("hi"),
    "text-none-bytes": _message(text="hi", bytes=None),
    "bytes": _message(bytes=b"\x00\xff"),
    "bytes-none-text": _message(bytes=b"x", text=None),
    "text-empty": text(""),
    "bytes-empty": _message(bytes=b""),
    "text-unicode": text("é€😀"),
    "text-nul": text("a\x00b"),
    "text-large": text("x" * 200_000),
    "bytes-large": _message(bytes=b"x" * 200_000),
    "extra-key": _message(text="hi", x_extra=1),
}

_WRONG_CODES: Final[dict[str, Any]] = {
    "0": 0,
    "1": 1,
    "999": 999,
    "1004": 1004,
    "1005": 1005,
    "1006": 1006,
    "1015": 1015,
    "1016": 1016,
    "2000": 2000,
    "2999": 2999,
    "5000": 5000,
    "70000": 70000,
    "minus-1": -1,
    "str": "1000",
    "float": 1000.0,
    "bytes": b"1000",
}

_RIGHT_CODES: Final[dict[str, Any]] = {
    "1000": 1000,
    "1001": 1001,
    "1003": 1003,
    "1008": 1008,
    "1011": 1011,
    "3000": 3000,
    "3001": 3001,
    "4999": 4999,
}

_WRONG_REASONS: Final[dict[str, Any]] = {
    "too-long": "x" * 124,
    "too-long-utf8": "é" * 62,
    "bytes": b"bye",
    "int": 5,
}

_RIGHT_REASONS: Final[dict[str, Any]] = {"none": None, "empty": "", "longest": "x" * 123, "unicode": "tschüß"}


def _closes(**keys: Any) -> App:
    return _then({**CLOSE, **keys})


def _client(*steps: tuple[Any, ...]) -> Socket:
    return Socket(steps=steps)


_CODE_1000: Final = ("close", 1000, "")
_SOCKET: Final = Socket()

CASES: Final = (
    *(
        Case(f"send.{name}", sends(ACCEPT, value, CLOSE), False, _SOCKET, _SEND)
        for name, value in _WRONG_MESSAGES.items()
    ),
    *(
        Case(f"send.{name}", sends(ACCEPT, value, CLOSE), True, _SOCKET, _SEND)
        for name, value in _RIGHT_MESSAGES.items()
    ),
    Case("send.push", sends(ACCEPT, *(text(str(number)) for number in range(5)), CLOSE), True, _SOCKET, _SEND),
    Case("send.after-close", _then(CLOSE, text("late"), watch=False), False, _SOCKET, _SEND),
    Case("send.after-close-waits", _after_the_disconnect(text("late")), True, _client(_CODE_1000), _SEND),
    # What the client sends.
    Case("receive.text", _echo, script=_client(("send", "hi"), ("receive",), _CODE_1000)),
    Case("receive.bytes", _echo, script=_client(("send", b"\x00\xff"), ("receive",), _CODE_1000)),
    Case("receive.text-empty", _echo, script=_client(("send", ""), ("receive",), _CODE_1000)),
    Case("receive.bytes-empty", _echo, script=_client(("send", b""), ("receive",), _CODE_1000)),
    Case("receive.text-unicode", _echo, script=_client(("send", "é€😀"), ("receive",), _CODE_1000)),
    Case("receive.text-large", _echo, script=_client(("send", "x" * 200_000), ("receive",), _CODE_1000)),
    Case("receive.text-too-large", _keys, script=_client(("send", "x" * 20_000_000))),
    Case("receive.fragments", _echo, script=_client(("fragments", "ab", "cd", "ef"), ("receive",), _CODE_1000)),
    Case("receive.ping", _echo, script=_client(("ping",), ("send", "hi"), ("receive",), _CODE_1000)),
    Case("receive.three", _echo, script=_client(*[("send", "hi")] * 3, *[("receive",)] * 3, _CODE_1000)),
    Case("receive.keys-text", _keys, script=_client(("send", "hi"))),
    Case("receive.keys-bytes", _keys, script=_client(("send", b"hi"))),
    # How it ends.
    Case("end.client-1000", _echo, script=_client(_CODE_1000)),
    Case("end.client-1001", _echo, script=_client(("close", 1001, ""))),
    Case("end.client-3001", _echo, script=_client(("close", 3001, "bye"))),
    Case("end.client-4999-unicode", _echo, script=_client(("close", 4999, "tschüß"))),
    Case("end.client-no-code", _echo, script=_client(("close",))),
    Case("end.client-drops", _echo, script=_client(("drop",))),
    Case("end.client-drops-after-message", _echo, script=_client(("send", "hi"), ("receive",), ("drop",))),
    Case("end.app-closes", _then(CLOSE), script=_SOCKET),
    Case("end.app-closes-never-returns", _never_returns, False, _SOCKET),
    Case("end.app-closes-with-messages-waiting", _closes_with_messages_waiting, script=_client(("send", "hi"))),
    Case("end.app-returns", _then(watch=False), False, _SOCKET),
    Case("end.app-returns-after-message", _then(text("hi"), watch=False), False, _SOCKET),
    Case("end.app-raises", _raises, False, _SOCKET),
    Case("end.app-raises-after-close", _raises_after_close, False, _SOCKET),
    Case("end.receive-again", _receives_again, script=_client(_CODE_1000)),
    Case("end.receive-again-after-drop", _receives_again, script=_client(("drop",))),
    Case("end.send-after-drop", _after_the_disconnect(text("late")), True, _client(("drop",))),
    Case("end.close-after-disconnect", _after_the_disconnect(CLOSE), True, _client(_CODE_1000)),
    Case("end.close-after-drop", _after_the_disconnect(CLOSE), True, _client(("drop",))),
    Case("end.goes-on-sending-after-close", _goes_on_sending, script=_client(("receive",), _CODE_1000)),
    Case("end.goes-on-sending-after-drop", _goes_on_sending, script=_client(("receive",), ("drop",))),
    Case("end.messages-before-close", sends(ACCEPT, text("a"), text("b"), {**CLOSE, "code": 3001}), True, _SOCKET),
    # How the app closes.
    *(Case(f"close.{name}", _closes(code=code), False, _SOCKET, _CLOSE) for name, code in _WRONG_CODES.items()),
    *(Case(f"close.{name}", _closes(code=code), True, _SOCKET, _CLOSE) for name, code in _RIGHT_CODES.items()),
    Case("close.none", _closes(code=None), False, _SOCKET, _CLOSE),
    Case("close.no-code", _closes(), True, _SOCKET, _CLOSE),
    *(
        Case(f"close.reason-{name}", _closes(code=3001, reason=value), False, _SOCKET, _CLOSE)
        for name, value in _WRONG_REASONS.items()
    ),
    *(
        Case(f"close.reason-{name}", _closes(code=3001, reason=value), True, _SOCKET, _CLOSE)
        for name, value in _RIGHT_REASONS.items()
    ),
    Case("close.twice", _then(CLOSE, {**CLOSE, "code": 3001}, watch=False), False, _SOCKET, _CLOSE),
    Case("close.then-accept", _then(CLOSE, ACCEPT, watch=False), False, _SOCKET, _CLOSE),
    Case("close.extra-key", _closes(x_extra=1), True, _SOCKET, _CLOSE),
)
