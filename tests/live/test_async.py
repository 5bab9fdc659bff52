"""The async way: `async with LiveServer(app)`, and the async client, on every kind of loop."""

from __future__ import annotations

from typing import Any

import anyio
import anyio.from_thread
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
from asgi_lockstep.live import AppFailed, AsyncLiveClient, LiveServer, ServerTimedOut

from .conftest import Run

pytestmark = pytest.mark.anyio

LOOPS = [
    pytest.param(("asyncio", {"use_uvloop": False}), id="asyncio"),
    pytest.param(("asyncio", {"use_uvloop": True}), id="uvloop"),
    pytest.param(("trio", {}), id="trio"),
]


@pytest.fixture(params=LOOPS)
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    """Each kind of loop on which a test runs."""
    return request.param


async def test_requests_are_awaited() -> None:
    """With all that httpx's async client has."""
    async with LiveServer(live_frameworks.starlette) as live:
        client = live.async_client()
        assert (await client.get("/redirects")).text == "Hello, you!"
        async with client.stream("GET", "/stream") as response:
            assert b"".join([chunk async for chunk in response.aiter_bytes()]) == b"012"
    assert client.is_closed


async def test_every_server_runs_in_an_async_block(run: Run) -> None:
    """Its blocking parts are done in a thread."""
    async with run(live_apps.plain) as live:
        assert (await live.async_client().post("/x", content=b"abc")).text == "POST /x abc"


async def test_the_call_raises_what_the_app_has_raised() -> None:
    """The exception itself, with the test and the app in its traceback."""
    async with LiveServer(live_frameworks.starlette) as live:
        with pytest.raises(ValueError, match=r"^no /fails$"):
            await live.async_client().get("/fails")
        quiet = live.async_client(raise_server_exceptions=False)
        assert (await quiet.get("/fails")).status_code == 500


async def test_the_traceback_shows_the_test_and_the_app() -> None:
    """And nothing of httpx, the server, or ours."""
    async with LiveServer(live_apps.bare_failure) as live:
        with pytest.raises(ValueError, match=r"^no /half$") as caught:
            await live.async_client().get("/half")
    names = [entry.name for entry in caught.traceback]
    assert names == ["test_the_traceback_shows_the_test_and_the_app", "bare_failure"]


async def test_a_child_process_sends_what_was_raised_as_text() -> None:
    """As for the sync client."""
    async with LiveServer(live_apps.bare_failure, "granian") as live:
        with pytest.raises(AppFailed, match="ValueError: no /x"):
            await live.async_client().get("/x")


async def test_the_block_raises_what_others_have_caused() -> None:
    """The first exception."""
    with pytest.raises(ValueError, match=r"^no /one(?m:$)"):
        async with LiveServer(live_apps.bare_failure) as live, httpx2.AsyncClient() as other:
            await other.get(f"{live.url}/one")


async def test_a_startup_that_fails_is_raised() -> None:
    """The exception of the app itself."""
    with pytest.raises(live_apps.NotStarted):
        async with LiveServer(live_frameworks.starlette_starts_not):
            """Not reached."""


async def test_a_server_that_never_starts_is_diagnosed() -> None:
    """As in a `with` block."""
    with pytest.raises(ServerTimedOut, match="in never_starts"):
        async with LiveServer(live_apps.never_starts, timeout=0.2):
            """Not reached."""


async def test_a_test_that_is_cancelled_leaves_no_server() -> None:
    """What comes up after that is stopped."""
    live = LiveServer(live_apps.plain)
    with anyio.CancelScope() as scope:
        scope.cancel()
        async with live:
            """Not reached."""
    assert repr(live).endswith("not running>")


async def test_a_live_server_that_runs_is_not_entered_again() -> None:
    """It goes on."""
    async with LiveServer(live_apps.plain) as live:
        with pytest.raises(UsageError, match=r"^This LiveServer runs already\."):
            await live.__aenter__()
        assert (await live.async_client().get("/x")).text == "GET /x "


async def test_messages_go_both_ways() -> None:
    """With the methods of the session of the async test client."""
    async with LiveServer(live_apps.websocket, lifespan="off") as live:
        client = live.async_client()
        async with client.websocket_connect("/ws", subprotocols=["b", "a"]) as session:
            assert session.accepted_subprotocol == "b"
            assert client.cookies["seen"] == "yes"
            await session.send_text("é")
            assert await session.receive_text() == "é"
            await session.send_bytes(b"\x00\xff")
            with pytest.raises(WrongFrame):
                await session.receive_text()
            assert await session.receive_bytes() == b"\x00\xff"
            await session.send_json({"a": [1]})
            assert await session.receive_json() == {"a": [1]}
            await session.send({"type": "websocket.receive", "text": "x" * 300_000})
            assert await session.receive() == {"type": "websocket.send", "text": "x" * 300_000}


async def test_a_websocket_ends() -> None:
    """By a close of either side, which ends a session that is iterated over, or by losing the connection."""
    async with LiveServer(live_apps.websocket, lifespan="off") as live:
        client = live.async_client()
        async with client.websocket_connect("/ws") as session:
            await session.send_text("one")
            await session.send_text("close")
            assert [content async for content in session] == ["one"]
            with pytest.raises(WebSocketDisconnect):
                await session.receive()
        assert (session.close_code, session.close_reason) == (4001, "asked for")
        async with client.websocket_connect("/ws") as session:
            await session.close(3001, "bye")
            with pytest.raises(WebSocketDisconnect):
                await session.receive()
        async with client.websocket_connect("/ws") as session:
            await session.disconnect()
            await session.disconnect()
            with pytest.raises(WebSocketDisconnect):
                await session.receive()
        assert (session.close_code, live.exceptions) == (1006, [])


async def test_a_handshake_fails() -> None:
    """With a response, or with what the app has raised."""
    async with LiveServer(live_apps.websocket, lifespan="off") as live:
        client = live.async_client()
        with pytest.raises(WebSocketDenialResponse) as caught:
            await client.websocket_connect("/refused").__aenter__()
        assert caught.value.status_code == 403
        with pytest.raises(ValueError, match=r"^no /fails$"):
            await client.websocket_connect("/fails").__aenter__()


async def test_what_the_app_raises_is_raised_by_the_session() -> None:
    """By whoever receives, or by leaving its block."""
    async with LiveServer(live_apps.websocket, lifespan="off") as live:
        client = live.async_client()
        async with client.websocket_connect("/ws") as session:
            await session.send_text("raise")
            with pytest.raises(ValueError, match=r"^asked for$"):
                await session.receive_text()
        with pytest.raises(ValueError, match=r"^asked for$"):
            async with client.websocket_connect("/ws") as session:
                await session.send_text("raise")


async def test_waiting_has_a_limit() -> None:
    """The session can be used again."""
    server = LiveServer(live_apps.websocket, lifespan="off")
    async with server as live, live.async_client().websocket_connect("/ws") as session:
        with pytest.raises(AppTimeout, match=r"in 0\.05 seconds"):
            await session.receive_text(timeout=0.05)
        await session.send_text("x")
        assert await session.receive_text() == "x"


async def test_a_session_is_used_in_its_way() -> None:
    """Inside of an `async with` block."""
    async with LiveServer(live_apps.websocket, lifespan="off") as live:
        session = live.async_client().websocket_connect("/ws")
        assert repr(session) == "<AsyncLiveWebSocketSession, not opened yet>"
        with pytest.raises(SessionNotOpen):
            await session.send_text("x")
        with pytest.raises(WrongColour) as caught, session:
            """Not reached."""
    assert str(caught.value) == (
        "`with` does not work on a session of AsyncLiveClient. Write `async with`, or use live.client()."
    )


async def test_a_sync_block_has_async_clients() -> None:
    """Which the test closes itself."""
    with LiveServer(live_apps.plain) as live:
        async with live.async_client() as client:
            assert isinstance(client, AsyncLiveClient)
            assert (await client.get("/x")).text == "GET /x "
