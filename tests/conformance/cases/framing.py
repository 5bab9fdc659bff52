"""The length of a response, and responses that are cut short or go on too long."""

from __future__ import annotations

from typing import Final

from asgi_lockstep._types import Receive, Scope, Send
from conformance.case import App, Case, Note, Request, body, part, sends, start

_LENGTH: Final = Request(shows=("content-length",))


def _length(value: bytes) -> tuple[bytes, bytes]:
    return (b"content-length", value)


def _raises_after(*messages: object) -> App:
    """Sends, and then raises."""
    send_all = sends(*messages)

    async def app(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
        await send_all(scope, receive, send, note)
        raise RuntimeError("after all")

    return app


async def _recovers(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """Starts twice, and goes on."""
    await send(start())
    try:
        await send(start(201))
    except Exception:
        note("refused", True)
    await send(body())


async def _says_sorry(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """A start that is wrong, and then a right one."""
    try:
        await send(start("abc"))
    except Exception:
        await send(start(500, _length(b"5")))
        await send(body(b"sorry"))


async def _returns_a_value(scope: Scope, receive: Receive, send: Send, note: Note) -> object:
    await send(start())
    await send(body())
    return 5


async def _only_returns(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    return


_START_AGAIN = (start(), body(), start())

CASES: Final = (
    # The length.
    Case("length.right", sends(start(200, _length(b"2")), body()), script=_LENGTH),
    Case("length.right-streamed", sends(start(200, _length(b"4")), part(), body()), script=_LENGTH),
    Case("length.zero", sends(start(200, _length(b"0")), body(b"")), script=_LENGTH),
    Case("length.none", sends(start(), body())),
    Case("length.none-streamed", sends(start(), part(), part(b""), part(b"-"), body())),
    Case("length.none-empty", sends(start(), body(b""))),
    Case("length.short", sends(start(200, _length(b"10")), body(b"1234")), False),
    Case("length.short-streamed", sends(start(200, _length(b"10")), part(), body()), False),
    Case("length.long", sends(start(200, _length(b"2")), body(b"1234")), False),
    Case("length.long-streamed", sends(start(200, _length(b"3")), part(), body()), False),
    Case("length.long-in-the-last", sends(start(200, _length(b"2")), part(), part(), body(b"")), False),
    Case("length.empty-body", sends(start(200, _length(b"5")), body(b"")), False),
    Case("length.zero-and-body", sends(start(200, _length(b"0")), body()), False),
    Case("length.twice-the-same", sends(start(200, _length(b"2"), _length(b"2")), body()), False),
    Case("length.twice-different", sends(start(200, _length(b"2"), _length(b"3")), body()), False),
    Case("length.list", sends(start(200, _length(b"2, 2")), body()), False),
    Case("length.word", sends(start(200, _length(b"abc")), body()), False),
    Case("length.negative", sends(start(200, _length(b"-2")), body()), False),
    Case("length.plus", sends(start(200, _length(b"+2")), body()), False),
    Case("length.fraction", sends(start(200, _length(b"2.0")), body()), False),
    Case("length.nothing", sends(start(200, _length(b"")), body()), False),
    Case("length.str", sends(start(200, (b"content-length", "2")), body()), False),
    Case("length.int", sends(start(200, (b"content-length", 2)), body()), False),
    Case("length.upper-case", sends(start(200, (b"Content-Length", b"2")), body()), False, _LENGTH),
    Case("length.leading-zero", sends(start(200, _length(b"02")), body())),
    Case("length.blanks", sends(start(200, _length(b" 2 ")), body()), False),
    Case("length.transfer-encoding", sends(start(200, (b"transfer-encoding", b"chunked")), body())),
    Case(
        "length.transfer-encoding-and-length",
        sends(start(200, (b"transfer-encoding", b"chunked"), _length(b"2")), body()),
        False,
    ),
    Case("length.transfer-encoding-gzip", sends(start(200, (b"transfer-encoding", b"gzip, chunked")), body()), False),
    # Cut short.
    Case("cut.start-only", sends(start()), False),
    Case("cut.start-only-length", sends(start(200, _length(b"2"))), False),
    Case("cut.start-only-length-0", sends(start(200, _length(b"0"))), False),
    Case("cut.start-only-204", sends(start(204)), False),
    Case("cut.start-only-head", sends(start(200, _length(b"2"))), False, Request("HEAD")),
    Case("cut.body", sends(start(), part()), False),
    Case("cut.body-length-missing", sends(start(200, _length(b"10")), part()), False),
    Case("cut.body-length-complete", sends(start(200, _length(b"2")), part()), False),
    Case("cut.no-response", _only_returns, False),
    Case("cut.raise-first", _raises_after(), False),
    Case("cut.raise-after-start", _raises_after(start()), False),
    Case("cut.raise-after-start-length", _raises_after(start(200, _length(b"2"))), False),
    Case("cut.raise-mid-body", _raises_after(start(), part()), False),
    Case("cut.raise-mid-body-length", _raises_after(start(200, _length(b"10")), part()), False),
    Case("cut.raise-after-complete", _raises_after(start(), body()), False),
    # The order of messages.
    Case("order.body-first", sends(body()), False),
    Case("order.body-then-start", sends(body(), start(), body()), False),
    Case("order.double-start", sends(start(), start(201), body()), False),
    Case("order.double-start-recovers", _recovers, False),
    Case("order.body-after-complete", sends(start(), body(), body(b"more")), False),
    Case("order.body-after-complete-length", sends(start(200, _length(b"2")), body(), body(b"more")), False),
    Case("order.empty-body-after-complete", sends(start(), body(), body(b"")), False),
    Case("order.start-after-complete", sends(*_START_AGAIN), False),
    Case("order.two-responses", sends(*_START_AGAIN, body()), False),
    Case("order.start-after-part", sends(start(), part(), start(), body()), False),
    Case("order.wrong-start-then-500", _says_sorry, False),
    Case("order.returns-a-value", _returns_a_value, False),
)
