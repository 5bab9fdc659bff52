"""The app as a server gets it, without a server: what is noted of its calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from asgi_lockstep import LifespanFailed
from asgi_lockstep._live.record import Record
from asgi_lockstep._live.recorder import Recorder
from asgi_lockstep._live.whereabouts import standing, standing_of
from asgi_lockstep._types import ASGI3App, Message, Receive, Scope, Send

App = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


def http(call: str = "") -> Scope:
    """The scope of a request, perhaps of one of our clients."""
    headers = [(b"x-own", b"1"), *([(b"x-asgi-lockstep-call", call.encode())] if call else [])]
    return {"type": "http", "method": "GET", "path": "/x", "headers": headers}


def run(app: ASGI3App, *scopes: Scope, send: Send | None = None) -> Record:
    """What is noted of calls one after the other that get nothing."""
    record = Record([])
    recorder = Recorder(app, record)

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def ignore(message: Message) -> None: ...

    async def call_all() -> None:
        for scope in scopes:
            await asyncio.gather(recorder(scope, receive, send or ignore), return_exceptions=True)

    asyncio.run(call_all())
    assert recorder.under_way == {}
    return record


def test_the_scope_loses_the_header_of_our_clients() -> None:
    """The app gets a copy without it; the scope of the server stays as it is."""
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    own, foreign = http("7"), http()
    run(app, own, foreign)
    assert [scope["headers"] for scope in seen] == [[(b"x-own", b"1")]] * 2
    assert seen[1] is foreign
    assert own == http("7")


def test_an_exception_is_claimed_once_by_its_call() -> None:
    """By that of the client that has caused it, and by nobody after that."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("x")

    record = run(app, http("7"), http())
    of_call, of_others = record.exceptions
    assert record.unclaimed() == [of_call, of_others]
    assert record.claim("7") is of_call
    assert record.claim("7") is None
    assert record.unclaimed() == [of_others]


def test_a_client_that_does_not_raise_claims_from_the_start() -> None:
    """What its calls raise is in the list, and nobody's business."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("x")

    record = Record([])
    call = record.new_call(raises=False)
    record.begun(1, call, "GET /x")
    record.ended(1, ValueError("x"))
    assert (len(record.exceptions), record.unclaimed()) == (1, [])


def test_what_the_send_of_a_server_raises_is_no_failure() -> None:
    """www.rst, Disconnected Client: the client has gone; nor is what a framework makes of that."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200})
        except OSError as exc:
            raise RuntimeError("of a framework") from exc

    async def send(message: Message) -> None:
        raise OSError("gone")

    assert run(app, http(), send=send).exceptions == []


def test_a_cancellation_is_no_failure() -> None:
    """It is the server's."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise asyncio.CancelledError

    assert run(app, http()).exceptions == []


def test_an_app_that_raises_at_once_has_refused_its_lifespan() -> None:
    """That fails only where one is insisted on."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("no lifespan")

    record = run(app, {"type": "lifespan"})
    record.check_startup(insists=False)
    with pytest.raises(ValueError, match="no lifespan"):
        record.check_startup(insists=True)


def test_an_app_says_that_it_cannot_start_while_it_handles_an_exception() -> None:
    """As Starlette does: the exception says more, whatever the server raises out of `send()`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        try:
            raise ValueError("no database")
        except ValueError:
            await send({"type": "lifespan.startup.failed", "message": "a traceback"})
            raise

    async def send(message: Message) -> None:
        raise OSError("hypercorn does that")

    record = run(app, {"type": "lifespan"}, send=send)
    assert repr(record.startup_failure) == "ValueError('no database')"


def test_an_app_says_that_it_cannot_stop() -> None:
    """Which is one of its exceptions."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.failed", "message": "busy"})

    record = run(app, {"type": "lifespan"})
    (failure,) = record.exceptions
    assert isinstance(failure, LifespanFailed)
    assert str(failure) == "lifespan shutdown failed: busy"


def test_a_lifespan_that_is_off_is_answered() -> None:
    """The server is told that all is well; the app is not called."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError

    coming = iter(["lifespan.startup", "lifespan.shutdown"])
    sent = []

    async def receive() -> Message:
        return {"type": next(coming)}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    asyncio.run(Recorder(app, Record([]), lifespan=False)({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_where_an_app_stands_is_told() -> None:
    """Its calls, and other tasks of the user's; not a lifespan that waits for its end, nor the same place twice."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
        await forever()

    async def forever() -> None:
        await asyncio.Event().wait()

    async def look() -> tuple[list[str], list[str], str]:
        recorder = Recorder(app, Record([]))
        calls: list[App] = [recorder, recorder]
        scopes: list[Scope] = [{"type": "lifespan"}, http()]
        tasks = [
            asyncio.create_task(call(scope, asyncio.Event().wait, forever_sent))  # type: ignore[arg-type]
            for call, scope in zip(calls, scopes, strict=True)
        ]
        tasks.append(asyncio.create_task(other(), name="other"))
        await asyncio.sleep(0)
        found = standing(recorder), standing_of(recorder, "GET /x"), repr(recorder.under_way)
        recorder.cancel_all()
        tasks[-1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return found

    async def forever_sent(message: Message) -> None: ...

    async def other() -> None:
        await asyncio.Event().wait()

    lines, of_request, shown = asyncio.run(look())
    calls = [line for line in lines if not line.startswith(("thread", "task 'Task-"))]
    assert [line.partition(", at ")[0] for line in calls] == ["GET /x", "task 'other'"]
    assert calls[0].endswith("in forever: await asyncio.Event().wait()")
    assert of_request == calls[:1]
    assert shown == "{1: <CallUnderWay: the lifespan, rests>, 2: <CallUnderWay: GET /x>}"
