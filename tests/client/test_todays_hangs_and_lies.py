"""What tests on Starlette's client hang on, or pass by mistake: here each ends at once, with an error that says why.

The name of each case is what happens there. What of that list is about blocks that are left early is tested in
test_leaving_early.py, and what needs two sides that wait for each other with the other deadlocks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from asgi_lockstep import (
    LifespanFailed,
    ProtocolViolation,
    WebSocketDisconnect,
)
from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import Listener, answers, body, hello, start
from matrix import Driver

Use = Callable[[Any], object]


def get(client: Any) -> object:
    """Ask for a page."""
    return client.get("/x")


def open_session(client: Any) -> None:
    """Connect, and no more."""
    with client.websocket_connect("/x"):
        pytest.fail("the block must not be entered")


def receive_text(client: Any) -> None:
    """Connect, and wait for text."""
    with client.websocket_connect("/x") as session:
        session.receive_text()


def receive_twice(client: Any) -> None:
    """Go on after the close."""
    with client.websocket_connect("/x") as session:
        assert session.receive() == {"type": "websocket.close"}
        session.receive()


def enter(client: Any) -> None:
    """Start the app."""
    with client:
        pytest.fail("the block must not be entered")


def lifespan_of(*messages: Message) -> Listener:
    """An app that is asked to start, sends this and returns; it answers requests."""

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await answers(*messages)(scope, receive, send)

    return Listener(http=hello, lifespan=lifespan)


ACCEPT = {"type": "websocket.accept"}
CLOSE = {"type": "websocket.close"}

HANGS: dict[str, tuple[Any, Use, type[Exception], str]] = {
    "websocket app returns without accept or close": (
        answers(),
        open_session,
        ProtocolViolation,
        r"^The app returned from the handshake without accepting or closing it; a server answers 500 here\. ",
    ),
    "websocket app returned and the test receives": (
        answers(ACCEPT),
        receive_text,
        WebSocketDisconnect,
        r"^the websocket ended without a close \(code 1006\): the app returned, or the connection was lost$",
    ),
    "second receive after a close": (
        answers(ACCEPT, CLOSE),
        receive_twice,
        WebSocketDisconnect,
        r"^the websocket was closed with code 1000$",
    ),
    "denial start without body": (
        answers({"type": "websocket.http.response.start", "status": 403}),
        open_session,
        ProtocolViolation,
        r"^The app returned from the handshake without completing its denial response; a server answers 500 here\. ",
    ),
    "lifespan never answers startup": (
        lifespan_of(),
        enter,
        LifespanFailed,
        r'^lifespan startup failed: the app returned without answering "lifespan\.startup"$',
    ),
    "startup.failed followed by return": (
        lifespan_of({"type": "lifespan.startup.failed", "message": "no database"}),
        enter,
        LifespanFailed,
        r"^lifespan startup failed: no database$",
    ),
}


@pytest.mark.parametrize("case", HANGS)
def test_what_hangs_today(driver: Driver, case: str) -> None:
    """Each is an error now, whose text says what is missing."""
    app, use, error, text = HANGS[case]
    with pytest.raises(error, match=text):
        use(driver.client(app))


def test_an_app_that_never_answers_shutdown(driver: Driver) -> None:
    """One that returns instead has ended, as on a server; entering and leaving are fine."""
    app = lifespan_of({"type": "lifespan.startup.complete"})
    with driver.client(app) as client:
        assert client.get("/x").text == "GET /x"
    assert app.received == [{"type": "lifespan.startup"}]


@pytest.fixture
def asyncio_driver(sync_driver: Driver) -> Driver:
    """A sync client whose app runs on asyncio."""
    if sync_driver.backend == "trio":
        pytest.skip("the loop that the app needs is one of asyncio")
    return sync_driver


def test_an_app_that_needs_the_loop_of_an_async_test(asyncio_driver: Driver) -> None:
    """The sync client runs the app on another one, and asyncio's own error about that reaches the test."""

    async def main() -> None:
        future = asyncio.get_running_loop().create_future()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await future

        with pytest.raises(RuntimeError, match="attached to a different loop"):
            asyncio_driver.client(app).get("/x")

    asyncio.run(main())


BODY = "http.response.body"

LIES: dict[str, tuple[Any, Use, str]] = {
    "start and no body passes as 200": (
        answers(start(200)),
        get,
        r"^The app returned from GET /x before its response was complete \(response started; status 200, 0 bytes",
    ),
    "send before accept counts as accepted": (
        answers({"type": "websocket.send", "text": "early"}),
        open_session,
        r'^Received "websocket\.send", which is not allowed here\. The app broke ASGI in WEBSOCKET /x \(handshake not',
    ),
    "unknown message types pass (http)": (
        answers(start(), {"type": "http.response.boby", "body": b"x"}),
        get,
        r'^Received "http\.response\.boby", a type .* \(did you mean "http\.response\.body"\?\)\. ',
    ),
    "unknown message types pass (websocket)": (
        answers(ACCEPT, {"type": "websocket.sned", "text": "x"}),
        receive_text,
        r'^Received "websocket\.sned", a type of message that no app can send \(did you mean "websocket\.send"\?\)\. ',
    ),
    "unknown message types pass (lifespan)": (
        lifespan_of({"type": "lifespan.startup.completed"}),
        enter,
        r'^Received "lifespan\.startup\.completed", a type .* \(did you mean "lifespan\.startup\.complete"\?\)\. ',
    ),
    'status "200" passes': (
        answers({"type": "http.response.start", "status": "200"}, body()),
        get,
        r'^The "status" of "http\.response\.start" is \'200\', and must be int\. ',
    ),
    "body=3 becomes three zero bytes": (
        answers(start(), {"type": BODY, "body": 3}),
        get,
        r'^The "body" of "http\.response\.body" is 3, and must be bytes\. ',
    ),
}


@pytest.mark.parametrize("case", LIES)
def test_what_passes_today(driver: Driver, case: str) -> None:
    """Each is an error now, whose text says what the app has done."""
    app, use, text = LIES[case]
    with pytest.raises(ProtocolViolation, match=text):
        use(driver.client(app))


@pytest.mark.parametrize("case", [case for case, (_, use, _) in LIES.items() if use is get and "status" not in case])
def test_a_response_that_cannot_go_on_is_no_200(driver: Driver, case: str) -> None:
    """Without raising, the client sees what a real one does: a connection that was cut."""
    app, _, _ = LIES[case]
    with pytest.raises(httpx2.RemoteProtocolError):
        driver.client(app, raise_server_exceptions=False).get("/x")


def test_a_start_that_was_refused_is_a_500(driver: Driver) -> None:
    """Without raising, as a server answers where nothing has been sent."""
    app, _, _ = LIES['status "200" passes']
    assert driver.client(app, raise_server_exceptions=False).get("/x").status_code == 500


async def breaks_off(scope: Scope, receive: Receive, send: Send) -> None:
    """Fails in the middle of its response."""
    await send(start(200))
    await send(body(b"half", more=True))
    raise KeyError("boom")


def test_a_stream_that_breaks_off_is_no_200(driver: Driver) -> None:
    """Without raising, its reader gets what was sent, and then an error that has it."""
    client = driver.client(breaks_off, raise_server_exceptions=False)
    with client.stream("GET", "/x") as response:
        chunks = response.iter_raw()
        assert (response.status_code, next(chunks)) == (200, b"half")
        with pytest.raises(httpx2.RemoteProtocolError) as caught:
            next(chunks)
    assert caught.value.received == b"half"  # type: ignore[attr-defined]
    assert repr(caught.value.__cause__) == "KeyError('boom')"


def test_legal_header_bytes_of_an_accept_do_not_crash(driver: Driver) -> None:
    """Latin-1 is what they are read as where they are no UTF-8."""
    with driver.client(answers({**ACCEPT, "headers": [(b"x-l", b"caf\xe9")]})).websocket_connect("/x") as session:
        assert session.headers["x-l"] == "café"
