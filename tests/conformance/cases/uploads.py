"""Bodies of requests, what an app does beside its response, and clients that go away."""

from __future__ import annotations

from typing import Any, Final

import anyio

from asgi_lockstep._types import Receive, Scope, Send
from conformance.case import App, Case, Note, Request, answer, body, part, read_body, sends, start

#: How long an app works on after its response, in seconds.
_WORK: Final = 0.1


async def _reads(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """Reads all, then answers."""
    whole, events = await read_body(receive)
    note("size", len(whole))
    note("body", whole.decode("latin-1") if len(whole) < 100 else f"{whole[:1]!r} * {len(whole)}")
    note("one event", events == 1)
    await answer(send)


async def _sized(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """In how many pieces it comes, the network decides."""
    note("size", len((await read_body(receive))[0]))
    await answer(send)


async def _large(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    whole, events = await read_body(receive)
    note("size", len(whole))
    note("many events", events > 1)
    await answer(send)


async def _unread(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await answer(send)


async def _reads_after(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """Starts, reads, ends."""
    await send(start())
    whole, _ = await read_body(receive)
    await send(body(whole))


async def _echoes(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await send(start())
    while True:
        message = await receive()
        await send(part(message.get("body", b"")))
        if not message.get("more_body"):
            break
    await send(body(b""))


async def _refuses(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await send(start(417, (b"content-length", b"2")))
    await send(body(b"no"))


async def _reads_too_often(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """Answers, and then waits for the client to go."""
    await read_body(receive)
    await answer(send)
    note("then", (await receive())["type"])


async def _reads_while_it_answers(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """A second `receive()` before the response is complete has nothing to give."""
    await read_body(receive)
    await send(start())
    with anyio.move_on_after(_WORK):
        note("second", (await receive())["type"])
    await send(body())


def _works(*messages: Any, then: str = "") -> App:
    """Works on after its last message, and may raise then."""
    send_all = sends(*messages)

    async def app(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
        await send_all(scope, receive, send, note)
        await anyio.sleep(_WORK)
        note("worked", True)
        if then:
            raise RuntimeError(then)

    return app


async def _never_returns(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await answer(send)
    await anyio.sleep_forever()


async def _waits_for_the_disconnect(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """Does not answer."""
    while (await receive())["type"] != "http.disconnect":
        pass
    note("left", True)


async def _answers_who_left(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await _waits_for_the_disconnect(scope, receive, send, note)
    await answer(send)
    note("answered", True)


async def _receives_again(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await _waits_for_the_disconnect(scope, receive, send, note)
    with anyio.move_on_after(_WORK):
        note("second", (await receive())["type"])


async def _streams_and_waits(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """One chunk, and then no other before the client has gone: it must arrive at once."""
    await read_body(receive)
    await send(start())
    await send(part(b"first"))
    note("then", (await receive())["type"])


async def _streams_to_who_left(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    await _streams_and_waits(scope, receive, send, note)
    for _ in range(3):
        await send(part(b"more"))
    await send(body(b""))
    note("sent", True)


async def _goes_on_sending(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """Never looks whether somebody is there."""
    await send(start())
    for _ in range(12):
        await send(part(b"data"))
        await anyio.sleep(0.03)
    await send(body(b""))
    note("sent all", True)


async def _watches_while_it_streams(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """An endless stream, which a second task ends when the client goes."""

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        note("left", True)
        group.cancel_scope.cancel()

    await send(start())
    async with anyio.create_task_group() as group:
        group.start_soon(watch)
        while True:
            await send(part(b"data"))
            await anyio.sleep(0.02)


async def _answers_late(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """Does not notice that the client has given up."""
    await anyio.sleep(0.5)
    await answer(send)
    note("answered", True)


async def _upload_cut(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    whole, _ = await read_body(receive)
    note("size", len(whole))
    note("then", (await receive())["type"])


_POST: Final = Request("POST", body=b"hello")
_CHUNKS: Final = (b"one", b"two", b"three")
_FIRST_CHUNK: Final = Request(leave="after-first-chunk")
_BEFORE: Final = Request(leave="before-answer")
_WHOLE: Final = (start(200, (b"content-length", b"2")), body())

CASES: Final = (
    Case("upload.none", _reads),
    Case("upload.length-0", _reads, script=Request("POST", body=b"")),
    Case("upload.small", _reads, script=_POST),
    Case("upload.get", _reads, script=Request("GET", body=b"hello")),
    Case("upload.delete", _reads, script=Request("DELETE", body=b"hello")),
    Case("upload.binary", _reads, script=Request("POST", body=bytes(range(64)))),
    Case("upload.60-kB", _sized, script=Request("POST", body=b"x" * 60_000)),
    Case("upload.10-MB", _large, script=Request("POST", body=b"x" * 10_000_000)),
    Case("upload.chunks", _large, script=Request("POST", chunks=_CHUNKS)),
    Case("upload.chunks-none", _reads, script=Request("POST", chunks=())),
    Case("upload.chunks-put", _large, script=Request("PUT", chunks=_CHUNKS)),
    Case("upload.unread", _unread, script=_POST),
    Case("upload.unread-large", _unread, script=Request("POST", body=b"x" * 300_000)),
    Case("upload.read-after-start", _reads_after, script=_POST),
    Case("upload.echo", _echoes, script=Request("POST", chunks=_CHUNKS)),
    Case("upload.echo-duplex", _echoes, script=Request("POST", chunks=_CHUNKS, duplex=True)),
    Case("upload.expect-100", _reads, script=Request("POST", body=b"hello", expect=True)),
    Case("upload.expect-100-refused", _refuses, script=Request("POST", body=b"hello", expect=True)),
    Case("upload.second-receive", _reads_while_it_answers, script=_POST),
    Case("upload.receive-after-answer", _reads_too_often, script=_POST),
    Case("background.work", _works(*_WHOLE)),
    Case("background.work-no-length", _works(start(), body())),
    Case("background.work-raises", _works(*_WHOLE, then="late")),
    Case("background.never-returns", _never_returns, False),
    Case("leave.before-answer", _waits_for_the_disconnect, script=_BEFORE),
    Case("leave.before-answer-answers", _answers_who_left, script=_BEFORE),
    Case(
        "leave.before-answer-post",
        _waits_for_the_disconnect,
        script=Request("POST", body=b"hello", leave="before-answer"),
    ),
    Case("leave.before-answer-late", _answers_late, script=_BEFORE),
    Case("leave.receive-again", _receives_again, script=_BEFORE),
    Case("leave.after-first-chunk", _streams_and_waits, script=_FIRST_CHUNK),
    Case("leave.after-first-chunk-sends", _streams_to_who_left, script=_FIRST_CHUNK),
    Case("leave.goes-on-sending", _goes_on_sending, script=_FIRST_CHUNK),
    Case("leave.endless-stream", _watches_while_it_streams, script=_FIRST_CHUNK),
    Case("leave.in-upload", _upload_cut, script=Request("POST", body=b"hello", leave="in-upload")),
    Case("leave.in-upload-chunks", _upload_cut, script=Request("POST", chunks=(b"hello",), leave="in-upload")),
)
