"""Websockets to apps on real sockets, with the methods of the sessions of `TestClient`."""

from __future__ import annotations

import httpx2
import pytest

import live_apps
import live_frameworks
from asgi_lockstep import (
    AppTimeout,
    SessionNotOpen,
    UsageError,
    WebSocketDenialResponse,
    WebSocketDisconnect,
    WrongColour,
    WrongFrame,
)
from asgi_lockstep._types import Receive, Scope, Send
from asgi_lockstep.live import AppFailed, LiveServer

from .conftest import IN_THREAD, Run


def test_messages_go_both_ways(run: Run) -> None:
    """Text, bytes and JSON in frames of either kind."""
    with run(live_apps.websocket, lifespan="off") as live, live.client().websocket_connect("/ws") as session:
        session.send_text("é")
        assert session.receive_text() == "é"
        session.send_bytes(b"\x00\xff")
        assert session.receive_bytes() == b"\x00\xff"
        session.send_json({"a": [1]})
        assert session.receive_json() == {"a": [1]}
        session.send_json("b", mode="binary")
        assert session.receive_json(mode="binary") == "b"
        session.send({"type": "websocket.receive", "text": "raw"})
        assert session.receive() == {"type": "websocket.send", "text": "raw"}


def test_a_long_message_arrives(run: Run) -> None:
    """In however many pieces the network has it."""
    with run(live_apps.websocket, lifespan="off") as live, live.client().websocket_connect("/ws") as session:
        session.send_text("x" * 300_000)
        assert session.receive_text() == "x" * 300_000


def test_what_the_app_accepts_is_on_the_session(run: Run, server: str) -> None:
    """The subprotocol, and where the server sends them, headers and cookies."""
    with run(live_apps.websocket, lifespan="off") as live:
        client = live.client()
        with client.websocket_connect("/ws", subprotocols=["b", "a"]) as session:
            assert session.accepted_subprotocol == session.subprotocol == "b"
            if server in IN_THREAD:  # the others send no headers of the accept
                assert session.headers["x-path"] == "/ws"
                assert (b"x-path", b"/ws") in (session.extra_headers or [])
                assert client.cookies["seen"] == "yes"


def test_the_app_closes(run: Run, server: str) -> None:
    """With its code and its reason, which daphne does not send."""
    reason = "" if server == "daphne" else "asked for"
    with run(live_apps.websocket, lifespan="off") as live, live.client().websocket_connect("/ws") as session:
        session.send_text("close")
        with pytest.raises(WebSocketDisconnect) as caught:
            session.receive_text()
        assert (caught.value.code, caught.value.reason) == (4001, reason)
        assert (session.close_code, session.close_reason) == (4001, reason)
        with pytest.raises(WebSocketDisconnect):
            session.receive()


def test_a_close_is_returned_once(run_in_thread: Run) -> None:
    """By `receive()`; a session that is iterated over ends."""
    with run_in_thread(live_apps.websocket, lifespan="off") as live:
        with live.client().websocket_connect("/ws") as session:
            session.send_text("close")
            assert session.receive() == {"type": "websocket.close", "code": 4001, "reason": "asked for"}
            with pytest.raises(WebSocketDisconnect):
                session.receive()
        with live.client().websocket_connect("/ws") as session:
            session.send_text("one")
            session.send_bytes(b"two")
            session.send_text("close")
            assert [*session] == ["one", b"two"]


def test_the_client_closes(run_in_thread: Run) -> None:
    """What it receives then is its own code; what it sends is lost, as on a network."""
    with run_in_thread(live_apps.websocket, lifespan="off") as live:
        with live.client().websocket_connect("/ws") as session:
            session.close(3001, "bye")
            session.send_text("lost")
            with pytest.raises(WebSocketDisconnect) as caught:
                session.receive_text()
        assert (caught.value.code, caught.value.reason) == (3001, "bye")


def test_the_client_loses_the_connection(run: Run) -> None:
    """The app is told, and ends; what had come before is received, and then that there is nothing more."""
    with run(live_apps.websocket, lifespan="off") as live:
        with live.client().websocket_connect("/ws") as session:
            session.send_text("one")
            assert session.receive_text() == "one"
            session.disconnect()
            session.send_text("lost")
            with pytest.raises(WebSocketDisconnect) as caught:
                session.receive_text()
            session.disconnect()
        assert (caught.value.code, session.close_code, session.close_reason) == (1006, 1006, "")
        assert live.exceptions == []


def test_an_app_that_fails_when_its_client_is_lost(run_in_thread: Run) -> None:
    """Does so in the block of its session, and is told what the server tells it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert await receive() == {"type": "websocket.connect"}
        await send({"type": "websocket.accept"})
        raise ValueError((await receive())["code"])

    with run_in_thread(app, lifespan="off") as live:
        session = live.client().websocket_connect("/ws")
        with pytest.raises(ValueError, match=r"^(1005|1006)$"), session:
            session.disconnect()


def test_a_frame_of_the_other_kind_stays(run_in_thread: Run) -> None:
    """The text says which method to call."""
    with run_in_thread(live_apps.websocket, lifespan="off") as live:
        with live.client().websocket_connect("/ws") as session:
            session.send_bytes(b"x")
            with pytest.raises(WrongFrame) as caught:
                session.receive_text()
            assert session.receive_bytes() == b"x"
        assert str(caught.value) == (
            "receive_text() was called, but the next frame from /ws is bytes; "
            "it is still there: call receive_bytes(), or receive() for either kind."
        )


def test_a_refused_handshake_is_a_response(run: Run) -> None:
    """A close before the accept is a 403 on every server."""
    with run(live_apps.websocket, lifespan="off") as live, pytest.raises(WebSocketDenialResponse) as caught:
        live.client().websocket_connect("/refused").__enter__()
    assert caught.value.status_code == 403


def test_a_denial_has_what_the_app_has_sent(run_in_thread: Run) -> None:
    """Its status, headers and body."""
    with run_in_thread(live_apps.denies, lifespan="off") as live, pytest.raises(WebSocketDenialResponse) as caught:
        live.client().websocket_connect("/").__enter__()
    denial = caught.value
    assert (denial.status_code, denial.headers["x-why"], denial.content) == (401, "token", b"no token")


def test_a_handshake_that_is_broken_is_told() -> None:
    """As any client would; the app hears that its client has gone, and is not waited for longer than that."""
    with LiveServer(live_apps.accepts_what_was_not_offered, lifespan="off") as live:
        with pytest.raises(httpx2.RemoteProtocolError, match=r"^The handshake with WEBSOCKET /ws failed: "):
            live.client().websocket_connect("/ws").__enter__()
        assert live.exceptions == []


def test_what_the_app_raises_is_raised_by_the_session(run_in_thread: Run) -> None:
    """In the handshake, and by whoever receives."""
    with run_in_thread(live_apps.websocket, lifespan="off") as live:
        with pytest.raises(ValueError, match=r"^no /fails$"):
            live.client().websocket_connect("/fails").__enter__()
        with live.client().websocket_connect("/ws") as session:
            session.send_text("raise")
            with pytest.raises(ValueError, match=r"^asked for$"):
                session.receive_text()


def test_what_nobody_receives_is_raised_by_the_block_of_the_session(run_in_thread: Run) -> None:
    """As the session of `TestClient` does."""
    with run_in_thread(live_apps.websocket, lifespan="off") as live:
        session = live.client().websocket_connect("/ws")
        with pytest.raises(ValueError, match=r"^asked for$"), session:
            session.send_text("raise")


def test_what_an_app_raises_in_a_child_process_is_raised_by_the_session(run_in_child: Run) -> None:
    """As text."""
    with run_in_child(live_apps.websocket) as live, live.client().websocket_connect("/ws") as session:
        session.send_text("raise")
        with pytest.raises(AppFailed, match=r"WEBSOCKET /ws, in the child process of .*: ValueError: asked for"):
            session.receive_text()


def test_without_raising_a_session_ends_as_the_server_has_it(run_in_thread: Run) -> None:
    """With the code of the server, or with its response."""
    with run_in_thread(live_apps.websocket, lifespan="off") as live:
        client = live.client(raise_server_exceptions=False)
        with pytest.raises(WebSocketDenialResponse) as denial:
            client.websocket_connect("/fails").__enter__()
        with client.websocket_connect("/ws") as session:
            session.send_text("raise")
            with pytest.raises(WebSocketDisconnect) as caught:
                session.receive_text()
    assert (denial.value.status_code, caught.value.code in (1006, 1011)) == (500, True)


def test_waiting_has_a_limit(run_in_thread: Run) -> None:
    """The text says where the app stands; the session can be used again."""
    server = run_in_thread(live_apps.websocket, lifespan="off")
    with server as live, live.client().websocket_connect("/ws") as session:
        session.send_text("nothing")
        with pytest.raises(AppTimeout) as caught:
            session.receive_text(timeout=0.05)
        session.send_text("x")
        assert session.receive_text() == "x"
    first, second, third = str(caught.value).splitlines()
    assert first == (
        "The test waits for a message from WEBSOCKET /ws, and nothing has come from the server in 0.05 seconds."
    )
    assert second.startswith("  the test waits at ")
    assert second.endswith("in test_waiting_has_a_limit: session.receive_text(timeout=0.05)")
    assert third.startswith("  WEBSOCKET /ws, at ")
    assert third.endswith('in websocket: while (message := await receive())["type"] == "websocket.receive":')


def test_waiting_for_a_child_has_a_limit(run_in_child: Run) -> None:
    """The child says where the app stands."""
    server = run_in_child(live_apps.websocket, lifespan="off")
    with (
        server as live,
        live.client().websocket_connect("/ws") as session,
        pytest.raises(AppTimeout, match=r"WEBSOCKET /ws, at .* in websocket: while \(message"),
    ):
        session.receive_text(timeout=0.05)


def test_a_session_is_used_inside_of_its_block() -> None:
    """And opened once, in the way of its colour."""
    with LiveServer(live_apps.websocket, lifespan="off") as live:
        session = live.client().websocket_connect("/ws")
        assert repr(session) == "<LiveWebSocketSession, not opened yet>"
        with pytest.raises(SessionNotOpen):
            session.send_text("x")
        with session:
            assert repr(session) == "<LiveWebSocketSession of /ws, open: <Wire: open, 0 messages>>"
        with pytest.raises(SessionNotOpen):
            session.receive_text()
        with pytest.raises(UsageError, match=r"^This websocket session was opened before"), session:
            """Not reached."""


@pytest.mark.anyio
async def test_a_session_of_the_sync_client_is_no_async_one() -> None:
    """The text says what to write."""
    with LiveServer(live_apps.websocket, lifespan="off") as live:
        session = live.client().websocket_connect("/ws")
        with pytest.raises(WrongColour) as caught:
            async with session:
                """Not reached."""
    assert str(caught.value) == (
        "`async with` does not work on a session of LiveClient. Write `with`, or use live.async_client()."
    )


def test_only_frames_can_be_sent() -> None:
    """What no frame carries is refused, with what to write instead."""
    with LiveServer(live_apps.websocket, lifespan="off") as live:
        with live.client().websocket_connect("/ws") as session, pytest.raises(UsageError) as caught:
            session.send({"type": "websocket.accept"})
        with live.client().websocket_connect("/ws") as session:
            session.send({"type": "websocket.disconnect", "code": 4000})
            assert session.close_code == 4000
    assert str(caught.value) == (
        'send() was given a message of type "websocket.accept", for which there is no frame: write '
        'send({"type": "websocket.receive", "text": "hi"}).'
    )


def test_an_absolute_url_is_that_of_a_websocket_too(run_in_thread: Run) -> None:
    """`ws://` as well as a path."""
    with run_in_thread(live_frameworks.starlette) as live:
        url = live.url.replace("http://", "ws://") + "/echo"
        with live.client().websocket_connect(url) as session:
            session.send_text("x")
            assert session.receive_text() == "x"


def test_subprotocols_are_a_list() -> None:
    """A text would be one for each letter."""
    with LiveServer(live_apps.websocket, lifespan="off") as live, pytest.raises(UsageError) as caught:
        live.client().websocket_connect("/ws", subprotocols="chat")
    assert str(caught.value) == "subprotocols='chat' makes no sense: give a list of names, for example ['chat']."
