"""What `www.rst` asks of a server between the handshake of a websocket and its end."""

from __future__ import annotations

import logging
from typing import Any

import anyio.lowlevel
import pytest

from asgi_lockstep import WebSocketDenialResponse
from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import Listener
from matrix import Driver
from server_rules.looks import sends_late_and_raises
from websocket_apps import CONNECT, closes, end_of, fails, gone, heard, listens, speaks

pytestmark = pytest.mark.client_decides


def received(driver: Driver, *sent: Message, app: Listener | None = None) -> list[Message]:
    """What the app receives behind the connect, if its client sends these events, and leaves."""
    app = app or Listener(websocket=listens)
    with driver.client(app).websocket_connect("/") as session:
        for event in sent:
            session.send(event)
    assert app.received[0] == CONNECT
    return app.received[1:]


def end_told(driver: Driver, close: Any) -> Message:
    """The last event of the app, if `close` ends the session."""
    app = Listener(websocket=listens)
    with driver.client(app).websocket_connect("/") as session:
        close(session)
    return app.received[-1]


def test_an_app_that_dies_closes_its_websocket(driver: Driver) -> None:
    """WS-13: a websocket and the call of its app end together, whichever of them ends first."""
    with driver.client(fails, raise_server_exceptions=False).websocket_connect("/") as session:
        session.send_text("die")
        assert end_of(session.receive_text) == (1006, "")

    async def until_it_ends(scope: Scope, receive: Receive, send: Send) -> None:
        await listens(scope, receive, send)
        app.events.append("ended")

    app = Listener(websocket=until_it_ends)
    with driver.client(app).websocket_connect("/"):
        assert app.events == []
    assert app.events == ["ended"]


def test_the_handshake_waits_for_the_app(driver: Driver) -> None:
    """WR-01: the first event is the connect, and the handshake is open until the app has answered it."""

    async def takes_its_time(scope: Scope, receive: Receive, send: Send) -> None:
        app.events.append(await receive())
        for _ in range(3):
            await anyio.lowlevel.checkpoint()
        app.events.append("answers")
        await send({"type": "websocket.accept"})
        await receive()

    app = Listener(websocket=takes_its_time)
    with driver.client(app).websocket_connect("/"):
        app.events.append("open")
    assert app.events == [CONNECT, "answers", "open"]


def test_a_message_is_text_or_bytes(driver: Driver) -> None:
    """WR-03: a message of the client has either text or bytes, and never both."""
    app = Listener(websocket=listens)
    with driver.client(app).websocket_connect("/") as session:
        session.send_text("")
        session.send_bytes(b"")
    values = [(event.get("text"), event.get("bytes")) for event in app.received[1:3]]
    assert values == [("", None), (None, b"")]


def test_a_long_message_is_one(driver: Driver) -> None:
    """WR-05: however long a message is, the app gets it whole, in one event."""
    assert received(driver, heard("x" * 1_000_000)) == [heard("x" * 1_000_000), gone()]


def test_each_end_is_told(driver: Driver) -> None:
    """WR-06: the app is told of each end: the close of the client, its own, and the loss of the connection."""
    by_the_client = end_told(driver, lambda session: session.close())
    by_itself = received(driver, app=speaks(closes(4000)))[-1]
    lost = end_told(driver, lambda session: session.disconnect())
    assert [event["type"] for event in (by_the_client, by_itself, lost)] == ["websocket.disconnect"] * 3


def test_the_code_of_an_end(driver: Driver) -> None:
    """WR-07: the code of an end is an int: that of the close, and 1005 where there was none."""
    assert end_told(driver, lambda session: session.close(3001)) == gone(3001)
    assert end_told(driver, lambda session: session.close(1005)) == gone(1005)


def test_the_reason_of_an_end(driver: Driver) -> None:
    """WR-08: the reason of an end is a str: that of the close, and empty where there was none."""
    assert end_told(driver, lambda session: session.close(3001, "bye")) == gone(3001, "bye")
    assert end_told(driver, lambda session: session.close(3001)) == gone(3001, "")


def test_a_close_instead_of_an_accept(driver: Driver) -> None:
    """WW-07: a close before the accept is an answer of 403, and no websocket comes of it."""

    async def refuses(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(closes(4001))

    with pytest.raises(WebSocketDenialResponse) as caught, driver.client(refuses).websocket_connect("/"):
        pytest.fail("the block must not be entered")
    assert caught.value.status_code == 403


def test_the_close_of_the_app(driver: Driver) -> None:
    """WW-08: a close after the accept ends the websocket with its code, or with 1000."""
    ends = []
    for close in (closes(3001, "enough"), {"type": "websocket.close"}):
        with driver.client(speaks(close)).websocket_connect("/") as session:
            ends.append(end_of(session.receive_text))
    assert ends == [(3001, "enough"), (1000, "")]


def test_send_raises_when_the_client_has_gone(driver: Driver) -> None:
    """WO-03: send() to a websocket whose client has gone raises an OSError."""
    app = sends_late_and_raises()
    with driver.client(app).websocket_connect("/"):
        pass
    assert app.events == [True]


def test_what_send_raises_is_not_logged(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    """WO-04: the OSError of a websocket that has gone is neither logged nor raised where it comes out of the app."""
    app = sends_late_and_raises()
    with driver.client(app).websocket_connect("/"):
        pass
    logged = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert (app.events, logged) == ([True], [])
