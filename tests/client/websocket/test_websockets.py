"""Websocket sessions of both clients: handshake, frames, closing, denial."""

from __future__ import annotations

from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest

import asgi_lockstep
from asgi_lockstep import (
    SessionNotOpen,
    WebSocketDisconnect,
    WrongFrame,
)
from asgi_lockstep._types import Receive, Scope, Send
from helpers import accept
from matrix import Driver
from websocket_apps import speaks


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends back what it receives."""
    await accept(receive, send)
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


def test_text_bytes_and_json_both_ways(driver: Driver) -> None:
    """Each kind of frame arrives as what it was sent as."""
    with driver.client(echo).websocket_connect("/") as session:
        session.send_text("é")
        assert session.receive_text() == "é"
        session.send_bytes(b"\x00\xff")
        assert session.receive_bytes() == b"\x00\xff"
        session.send_json({"a": ["é", 1]})
        assert session.receive_json() == {"a": ["é", 1]}
        session.send_json({"a": 1}, mode="binary")
        assert session.receive_json(mode="binary") == {"a": 1}


@pytest.mark.parametrize(
    ("method", "data", "text"),
    [
        ("send_text", b"x", "send_text() takes a str, and was given b'x': call send_bytes()."),
        ("send_text", {"a": 1}, "send_text() takes a str, and was given {'a': 1}: call send_json()."),
        ("send_bytes", "x", "send_bytes() takes bytes, and was given 'x': call send_text()."),
        ("send_bytes", [1], "send_bytes() takes bytes, and was given [1]: call send_json()."),
    ],
)
def test_data_of_the_wrong_type_is_the_fault_of_the_test(driver: Driver, method: str, data: Any, text: str) -> None:
    """It is refused where it is sent; the app sees nothing of it, and the session goes on."""
    with driver.client(echo).websocket_connect("/") as session:
        with pytest.raises(TypeError) as raised:
            getattr(session, method)(data)
        assert str(raised.value) == text
        session.send_text("next")
        assert session.receive_text() == "next"


def test_json_is_compact_and_not_escaped(driver: Driver) -> None:
    """The text that the app receives is that of today's client."""
    app = speaks()
    with driver.client(app).websocket_connect("/") as session:
        session.send_json({"a": "é", "b": 1})
    assert app.received[1] == {"type": "websocket.receive", "text": '{"a":"é","b":1}'}


def test_the_websocket_scope(driver: Driver) -> None:
    """The scope has every key of the specification; the headers are those of a handshake."""
    app = speaks()
    client = driver.client(app, root_path="/root")
    with client.websocket_connect("/a%20b?x=1", subprotocols=["chat", " v2"]) as session:
        assert session.scope is app.scopes[0]
    (scope,) = app.scopes
    headers = httpx2.Headers(scope.pop("headers"))
    assert scope == {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "query_string": b"x=1",
        "root_path": "/root",
        "client": ("testclient", 50000),
        "server": ("testserver", 80),
        "state": {},
        "extensions": {"websocket.http.response": {}},
        "subprotocols": ["chat", "v2"],
    }
    assert headers["connection"] == "upgrade"
    assert headers["sec-websocket-key"] == "testserver=="
    assert headers["sec-websocket-version"] == "13"
    assert headers["sec-websocket-protocol"] == "chat,  v2"


def test_what_the_app_accepted(driver: Driver) -> None:
    """Subprotocol and headers of the accept, in today's names and in ours."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send, subprotocol="v2", headers=[(b"x-a", b"1"), (b"set-cookie", b"seen=yes")])
        await receive()

    client = driver.client(app)
    with client.websocket_connect("/", subprotocols=["v1", "v2"]) as session:
        assert (session.accepted_subprotocol, session.subprotocol) == ("v2", "v2")
        assert session.extra_headers == [(b"x-a", b"1"), (b"set-cookie", b"seen=yes")]
        assert session.headers["x-a"] == "1"
    assert client.cookies["seen"] == "yes"


def test_an_accept_without_headers(driver: Driver) -> None:
    """`extra_headers` is None then, and `headers` is empty."""
    with driver.client(speaks()).websocket_connect("/") as session:
        assert (session.extra_headers, list(session.headers)) == (None, [])


@pytest.mark.parametrize(
    ("base_url", "url", "scheme", "server", "path"),
    [
        ("http://testserver", "/ws", "ws", ("testserver", 80), "/ws"),
        ("https://example.org:8443/api", "/ws", "wss", ("example.org", 8443), "/api/ws"),
        ("http://testserver", "ws://other/x", "ws", ("other", 80), "/x"),
        ("http://testserver", "https://other/x", "wss", ("other", 443), "/x"),
    ],
)
def test_the_url_is_merged_like_any_other(
    driver: Driver, base_url: str, url: str, scheme: str, server: Any, path: str
) -> None:
    """`base_url` counts, and http becomes ws."""
    app = speaks()
    with driver.client(app, base_url=base_url).websocket_connect(url):
        pass
    (scope,) = app.scopes
    assert (scope["scheme"], scope["server"], scope["path"]) == (scheme, server, path)


def test_every_argument_of_a_request(driver: Driver) -> None:
    """Params, headers (as pairs), auth, cookies of the client and overrides go into the handshake."""
    app = speaks()
    client = driver.client(app, cookies={"a": "1"})
    with client.websocket_connect(
        "/",
        params={"q": "1"},
        headers=[("x-a", "1"), ("x-a", "2")],
        auth=("user", "pass"),
        extensions={"asgi": {"client": ("1.1.1.1", 1)}},
    ):
        pass
    (scope,) = app.scopes
    assert (scope["query_string"], scope["client"]) == (b"q=1", ("1.1.1.1", 1))
    for header in [(b"x-a", b"1"), (b"x-a", b"2"), (b"cookie", b"a=1"), (b"authorization", b"Basic dXNlcjpwYXNz")]:
        assert header in scope["headers"]


def test_the_headers_of_the_caller_are_not_changed(driver: Driver) -> None:
    """A dict that was passed to `websocket_connect` stays as it was."""
    headers = {"x-a": "1"}
    with driver.client(speaks()).websocket_connect("/", headers=headers):
        pass
    assert headers == {"x-a": "1"}


def test_nothing_is_delivered_before_the_handshake_is_answered(driver: Driver) -> None:
    """www.rst, Connect: the first event is `websocket.connect`; leaving the block is a disconnect 1000."""
    app = speaks()
    with driver.client(app).websocket_connect("/") as session:
        session.send_text("a")
    assert app.received == [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "a"},
        {"type": "websocket.disconnect", "code": 1000, "reason": ""},
    ]


def test_the_close_of_the_app_is_raised(driver: Driver) -> None:
    """`receive_...` raises it with code and reason, and again each time."""
    app = speaks({"type": "websocket.close", "code": 3001, "reason": "enough"})
    with driver.client(app).websocket_connect("/") as session:
        for receive in (session.receive_text, session.receive_bytes, session.receive_json):
            with pytest.raises(WebSocketDisconnect) as caught:
                receive()
            assert (caught.value.code, caught.value.reason) == (3001, "enough")
        assert (session.close_code, session.close_reason) == (3001, "enough")


def test_receive_returns_the_close_and_raises_after_it(driver: Driver) -> None:
    """Today's `receive()` hangs on the second call."""
    app = speaks({"type": "websocket.close"})
    with driver.client(app).websocket_connect("/") as session:
        assert session.receive() == {"type": "websocket.close"}
        with pytest.raises(WebSocketDisconnect, match=r"^the websocket was closed with code 1000$"):
            session.receive()


def test_the_app_is_told_of_its_own_close(driver: Driver) -> None:
    """www.rst, Disconnect: sent when the connection is lost, from whichever side."""
    app = speaks({"type": "websocket.close", "code": 4000})
    with driver.client(app).websocket_connect("/"):
        pass
    assert app.received[1:] == [{"type": "websocket.disconnect", "code": 4000, "reason": ""}]


def test_messages_before_the_close_are_read_first(driver: Driver) -> None:
    """All that was sent arrives, in order, before the end."""
    app = speaks(
        {"type": "websocket.send", "text": "a"}, {"type": "websocket.send", "bytes": b"b"}, {"type": "websocket.close"}
    )
    with driver.client(app).websocket_connect("/") as session:
        assert list(session) == ["a", b"b"]
        assert session.close_code == 1000


def test_the_client_closes(driver: Driver) -> None:
    """`close()` queues a disconnect, and the session goes on."""
    app = speaks({"type": "websocket.send", "text": "sent before"})
    with driver.client(app).websocket_connect("/") as session:
        session.close(code=3000, reason="bye")
        assert app.received[-1] == {"type": "websocket.disconnect", "code": 3000, "reason": "bye"}
        assert session.receive_text() == "sent before"
        with pytest.raises(WebSocketDisconnect):
            session.receive_text()
        assert (session.close_code, session.close_reason) == (3000, "bye")


def test_a_frame_of_the_other_kind_is_not_lost(driver: Driver) -> None:
    """`receive_text()` on bytes says so, and the frame is still there."""
    app = speaks({"type": "websocket.send", "bytes": b"data"}, {"type": "websocket.send", "text": "text"})
    with driver.client(app).websocket_connect("/room") as session:
        with pytest.raises(WrongFrame) as caught:
            session.receive_text()
        assert str(caught.value) == (
            "receive_text() was called, but the next frame from /room is bytes; it is still there: "
            "call receive_bytes(), or receive() for either kind."
        )
        assert session.receive_bytes() == b"data"
        with pytest.raises(WrongFrame, match=r"^receive_bytes\(\) was called, but the next frame from /room is text;"):
            session.receive_bytes()
        assert session.receive_text() == "text"


def test_sessions_interleave(driver: Driver) -> None:
    """Several sockets and requests live on one loop, and are closed in any order."""
    members: list[Send] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        members.append(send)
        while (message := await receive())["type"] == "websocket.receive":
            for member in members:
                await member({"type": "websocket.send", "text": message["text"]})
        members.remove(send)

    client = driver.client(app)
    with client.websocket_connect("/") as ada:
        with client.websocket_connect("/") as bob:
            ada.send_text("hello")
            assert (ada.receive_text(), bob.receive_text()) == ("hello", "hello")
        ada.send_text("alone")
        assert ada.receive_text() == "alone"


def test_an_app_that_only_sends_is_held_back(driver: Driver) -> None:
    """As on a server whose buffers are full: `send()` waits for a client that does not read."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        while True:
            await send({"type": "websocket.send", "text": "tick"})

    with driver.client(app).websocket_connect("/") as session:
        assert [session.receive_text() for _ in range(1200)] == ["tick"] * 1200  # more than are kept for it


@pytest.mark.parametrize("method", ["send_text", "send_bytes", "send_json", "send", "close", "receive", "receive_text"])
def test_a_session_outside_of_its_block(driver: Driver, method: str) -> None:
    """Before `with` and after it, the text says what to write."""
    session = driver.client(speaks()).websocket_connect("/")
    arguments = () if method.startswith(("receive", "close")) else ("x",)
    enter = "async with" if driver.is_async else "with"
    with pytest.raises(SessionNotOpen) as caught:
        getattr(session, method)(*arguments)
    assert str(caught.value) == (
        f"{method}() was called on a websocket session before it was opened. Write: {enter} "
        "client.websocket_connect(...) as session: ..., and use the session inside."
    )
    with session:
        pass
    with pytest.raises(
        SessionNotOpen, match=rf"^{method}\(\) was called on a websocket session after its block has ended"
    ):
        getattr(session, method)(*arguments)


def test_the_disconnect_is_starlettes_too(driver: Driver) -> None:
    """Where Starlette was imported, its class catches ours."""
    from starlette.websockets import WebSocketDisconnect as Theirs

    with driver.client(speaks({"type": "websocket.close"})).websocket_connect("/") as session:
        with pytest.raises(Theirs) as caught:
            session.receive_text()
        assert isinstance(caught.value, asgi_lockstep.WebSocketDisconnect)


def test_what_public_code_reaches_for(sync_driver: Driver) -> None:
    """`_send_rx` through the portal, for time limits and "nothing arrives"; `_raise_on_close`."""
    app = speaks({"type": "websocket.send", "text": "a"}, {"type": "websocket.close", "code": 1001})
    with sync_driver.client(app).websocket_connect("/") as session:
        assert session.portal.call(session._send_rx.receive) == {"type": "websocket.send", "text": "a"}
        message = session._send_rx.receive_nowait()
        with pytest.raises(WebSocketDisconnect):
            session._raise_on_close(message)
        with pytest.raises(anyio.WouldBlock):
            session._send_rx.receive_nowait()
