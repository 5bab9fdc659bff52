"""What `www.rst` asks of a server between the request and the end of its response."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, answers, body, read_body, reads_to_the_disconnect, start
from matrix import Driver
from server_rules.looks import GONE, raised_by_send, sends_late_and_raises
from websocket_apps import Gate

pytestmark = pytest.mark.client_decides

#: The extensions of a request whose app is told of a version in which `send()` raises.
RAISES: dict[str, Any] = {"asgi": {"spec_version": "2.4"}}


async def reads(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the request, answers, and receives once more."""
    data = await read_body(receive)
    await send(start())
    await send(body(data))
    await receive()


def in_pieces(driver: Driver) -> Listener:
    """The app, after a request whose body has come in three pieces."""
    app = Listener(http=reads)
    driver.client(app).post("/", content=b"abcdefgh", extensions={"asgi": {"body_chunks": 3}})
    return app


def test_type_of_a_piece(driver: Driver) -> None:
    """HR-01: each piece of a request body is an "http.request"."""
    assert {event["type"] for event in in_pieces(driver).received[:3]} == {"http.request"}


def test_pieces_make_the_body(driver: Driver) -> None:
    """HR-02: the pieces of a request body are bytes, and make the body one after the other."""
    assert [event["body"] for event in in_pieces(driver).received[:3]] == [b"abc", b"def", b"gh"]


def test_the_last_piece(driver: Driver) -> None:
    """HR-03: more_body is a bool, and False with the last piece alone."""
    assert [event["more_body"] for event in in_pieces(driver).received[:3]] == [True, True, False]


def test_transfer_codings_are_decoded(driver: Driver) -> None:
    """HR-04: what is sent in chunks reaches the app as the bytes that it stands for."""
    app = Listener(http=reads)
    with driver.client(app).open("POST", "/") as exchange:
        exchange.send(b"one")
        exchange.send(b"two")
        exchange.end()
        assert exchange.response.read() == b"onetwo"
    assert (b"transfer-encoding", b"chunked") in app.scopes[0]["headers"]


def test_disconnect(driver: Driver) -> None:
    """HR-07: receive() gives a disconnect, with a type alone, behind a whole response or when the client has gone."""
    complete = Listener(http=reads)
    driver.client(complete).get("/")
    left = Listener(http=streams)
    with driver.client(left).stream("GET", "/"):
        pass
    assert (complete.received[-1], left.received[-1]) == (GONE, GONE)


async def streams(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends one piece of an endless response, and receives until the client has gone."""
    await send(start())
    await send(body(b"one", more=True))
    await reads_to_the_disconnect(scope, receive, send)


def test_order_of_response_headers(driver: Driver) -> None:
    """HW-05: response headers come in the order of the app, and none is joined with another."""
    headers = [(b"x-b", b"1"), (b"x-a", b"2"), (b"x-b", b"3")]
    assert driver.client(answers(start(200, *headers), body())).get("/").headers.raw == headers


def test_a_transfer_coding_of_the_app_does_nothing(driver: Driver) -> None:
    """HW-07: a Transfer-Encoding of the app does nothing to the body, which is what the app has sent."""
    app = answers(start(200, (b"transfer-encoding", b"chunked")), body(b"2\r\nno\r\n", more=True), body(b"chunks"))
    assert driver.client(app).get("/").content == b"2\r\nno\r\nchunks"


def test_a_body_of_unknown_length(driver: Driver) -> None:
    """HW-08: a response without Content-Length is whole all the same, and nothing is said of how it was framed."""
    response = driver.client(answers(start(), body(b"one", more=True), body(b"two"))).get("/")
    assert (response.content, response.headers.raw) == (b"onetwo", [])


def test_the_start_may_wait_for_the_body(driver: Driver) -> None:
    """HW-09: a server may keep the start until the first body; ours shows it at once to who streams."""

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(202))
        await reads_to_the_disconnect(scope, receive, send)

    with driver.client(waits).stream("GET", "/") as response:
        assert response.status_code == 202


def test_each_piece_is_seen_at_once(driver: Driver) -> None:
    """HW-14: the client has a piece of the body before the app sends the next one."""

    async def counts(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        for number in (b"1", b"2"):
            app.events.append(number)
            await send(body(number, more=True))
        await send(body())

    app = Listener(http=counts)
    with driver.client(app).stream("GET", "/") as response:
        assert app.events == [b"1"]
        assert list(response.iter_raw()) == [b"1", b"2"]


def test_send_raises_since_version_2_4(driver: Driver) -> None:
    """HO-05: send() to a client that has gone raises an OSError, where the app is told of 2.4."""
    app = sends_late_and_raises(start(), body(b"one", more=True))
    with driver.client(app).stream("GET", "/", extensions=RAISES):
        pass
    assert app.events == [True]


def test_what_send_raises_is_not_logged(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    """HO-07: the OSError of such a send() is neither logged nor raised where it comes out of the app."""
    app = sends_late_and_raises(start(), body(b"one", more=True))
    with driver.client(app).stream("GET", "/", extensions=RAISES):
        pass
    logged = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert (app.events, logged) == ([True], [])


def test_a_long_poll(driver: Driver) -> None:
    """HO-08: a connection lasts until its response is complete, whatever else is served meanwhile."""
    gate = Gate()

    async def polls(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/open":
            await gate.open(scope, receive, send)
            return
        await send(start())
        await send(body(b"wait", more=True))
        await gate.wait()
        await send(body(b"news"))

    client = driver.client(polls)
    with client.stream("GET", "/poll") as response:
        chunks = response.iter_raw()
        assert next(chunks) == b"wait"
        client.get("/open")
        assert list(chunks) == [b"news"]


def test_messages_of_another_protocol(driver: Driver) -> None:
    """HO-09: a message of another protocol is raised out of send() like any of an unknown type."""
    assert raised_by_send(driver, {"type": "websocket.accept"}, {"type": "lifespan.startup.complete"}) == [True, True]
