"""`timeline` of a live server and of its clients: what is kept of what happens, on both sides of a real network.

The app runs beside the test, so where nothing makes the one wait for the other the events of both are compared apart.
"""

from __future__ import annotations

import logging
import re
from typing import Any

import httpx2
import pytest

import live_apps
from asgi_lockstep import UsageError, WebSocketDisconnect
from asgi_lockstep._types import Receive, Scope, Send
from asgi_lockstep.live import LiveServer
from helpers import answers, body, start
from plugin.suites import lines_of
from plugin.test_sections import sections

from .conftest import Run

#: What nobody is to see.
SECRET = "s3cr3t"


async def notes(scope: Scope, receive: Receive, send: Send) -> None:
    """Knows HTTP and websockets, logs what it is asked for, and fails at `/fails`."""
    assert scope["type"] != "lifespan"
    await receive()
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
        return
    logging.getLogger("notes").warning("asked for %s", scope["path"])
    if scope["path"] == "/fails":
        raise ValueError("no notes")
    await send(start(200, (b"set-cookie", f"user={SECRET}; Path=/".encode())))
    await send(body(b"notes"))


def of_test(live: LiveServer) -> list[str]:
    """What the test has done and got, each in a line."""
    return [str(event) for event in live.timeline.of_kind("test", "fails")]


def of_app(live: LiveServer) -> list[str]:
    """What the app has done, each in a line."""
    return [str(event) for event in live.timeline if event.kind not in ("test", "fails")]


ANSWERED = [
    "test: GET /notes?page=2",
    "GET /notes: app receives http.request",
    "GET /notes: WARNING notes: asked for /notes",
    "GET /notes: app sends http.response.start 200",
    "GET /notes: app sends http.response.body 'notes'",
    "GET /notes: app returned (response complete)",
]

FAILED = [
    "test: enter the server",
    "test: GET /fails",
    "GET /fails: app receives http.request",
    "GET /fails: WARNING notes: asked for /fails",
    "GET /fails: app raises ValueError: no notes",
    "GET /fails: app raised (no response yet)",
    "test gets ValueError: no notes",
    "test: leave the server",
]

CHAT_OF_TEST = [
    "test: enter the server",
    "test: WEBSOCKET /chat",
    "test: send_text 'hi'",
    "test: receive_text",
    "test: close 4000",
    "test: receive",
    "test gets WebSocketDisconnect: the websocket was closed with code 4000",
    "test: leave the websocket",
    "test: leave the server",
]

CHAT_OF_APP = [
    "WEBSOCKET /chat: app receives websocket.connect",
    "WEBSOCKET /chat: app sends websocket.accept",
    "WEBSOCKET /chat: app receives websocket.receive 'hi'",
    "WEBSOCKET /chat: app sends websocket.send 'hi'",
    "WEBSOCKET /chat: app receives websocket.disconnect",
    "WEBSOCKET /chat: app returned by itself after its client had gone (accepted)",
]


def without_code(lines: list[str]) -> list[str]:
    """The same without the code of a disconnect, which servers do not all pass on."""
    return [re.sub(r"(?<=disconnect) \d+$", "", line) for line in lines]


def test_a_request_and_its_call_are_one_exchange(run_in_thread: Run) -> None:
    """What the test asks, then all that the app does about it."""
    with run_in_thread(notes, lifespan="off") as live:
        live.client().get("/notes?page=2")
    assert [str(event) for event in live.timeline.of("/notes")] == ANSWERED
    assert of_test(live) == ["test: enter the server", ANSWERED[0], "test: leave the server"]


@pytest.mark.anyio
async def test_a_request_of_an_async_client(run_in_thread: Run) -> None:
    """The same."""
    async with run_in_thread(notes, lifespan="off") as live:
        await live.async_client().get("/notes?page=2")
    assert [str(event) for event in live.timeline.of("/notes")] == ANSWERED
    assert of_test(live) == ["test: enter the server", ANSWERED[0], "test: leave the server"]


def test_an_exception_comes_out_of_the_app_and_into_the_test(run_in_thread: Run) -> None:
    """In this order, and once; what the server logs about it is no log of the app."""
    with run_in_thread(notes, lifespan="off") as live, pytest.raises(ValueError, match="no notes"):
        live.client().get("/fails")
    assert [str(event) for event in live.timeline] == FAILED


@pytest.mark.anyio
async def test_an_exception_in_an_async_test(run_in_thread: Run) -> None:
    """The same."""
    async with run_in_thread(notes, lifespan="off") as live:
        with pytest.raises(ValueError, match="no notes"):
            await live.async_client().get("/fails")
    assert [str(event) for event in live.timeline] == FAILED


def test_a_websocket(run_in_thread: Run) -> None:
    """What the test calls, with what it hands over, and what the app does."""
    with run_in_thread(notes, lifespan="off") as live, live.client().websocket_connect("/chat") as session:
        session.send_text("hi")
        assert session.receive_text() == "hi"
        session.close(4000)
        with pytest.raises(WebSocketDisconnect):
            session.receive()
    assert of_test(live) == CHAT_OF_TEST
    assert without_code(of_app(live)) == CHAT_OF_APP


@pytest.mark.anyio
async def test_a_websocket_of_an_async_client(run_in_thread: Run) -> None:
    """The same."""
    live = run_in_thread(notes, lifespan="off")
    async with live, live.async_client().websocket_connect("/chat") as session:
        await session.send_text("hi")
        assert await session.receive_text() == "hi"
        await session.close(4000)
        with pytest.raises(WebSocketDisconnect):
            await session.receive()
    assert of_test(live) == CHAT_OF_TEST
    assert without_code(of_app(live)) == CHAT_OF_APP


def test_the_exchange_has_the_scope_of_the_app_and_the_line_of_the_test(run_in_thread: Run) -> None:
    """Without the header of ours, and with its secrets masked; so it is of a websocket, too."""
    with run_in_thread(notes, lifespan="off") as live:
        client = live.client(headers={"authorization": f"Bearer {SECRET}"})
        client.get("/notes")
        with client.websocket_connect("/chat"):
            pass
    for exchange, function in zip(live.timeline.exchanges, ("client.get", "client.websocket_connect"), strict=True):
        assert exchange.scope["server"] == ["127.0.0.1", client.base_url.port]
        assert ["authorization", "Bearer ***"] in exchange.scope["headers"]
        assert exchange.sent_at is not None
        assert function in exchange.sent_at.source
    saved = "\n".join(live.timeline.lines())
    assert "x-asgi-lockstep-call" not in saved
    assert SECRET not in saved


def test_the_events_have_the_lines_of_the_app(run_in_thread: Run) -> None:
    """Through our own functions around its `receive()` and `send()`."""
    with run_in_thread(notes, lifespan="off") as live:
        live.client().get("/notes")
    places = [event.place for event in live.timeline.of_kind("receives", "sends", "logs")]
    assert [place.source for place in places if place is not None] == [
        "await receive()",
        'logging.getLogger("notes").warning("asked for %s", scope["path"])',
        'await send(start(200, (b"set-cookie", f"user={SECRET}; Path=/".encode())))',
        'await send(body(b"notes"))',
    ]


def test_another_client_has_no_side_of_its_own(run_in_thread: Run) -> None:
    """A browser's request is an exchange that only the app tells of; what fails there comes out of the block."""
    live = run_in_thread(notes, lifespan="off")
    with pytest.raises(ValueError, match="no notes"), live:
        assert httpx2.get(f"{live.url}/fails", trust_env=False).status_code == 500
    assert of_app(live) == FAILED[2:6]
    assert of_test(live) == ["test: enter the server", "test: leave the server", "test gets ValueError: no notes"]
    assert [(exchange.request, exchange.sent_at) for exchange in live.timeline.exchanges] == [("GET /fails", None)]


def test_the_lifespan(run_in_thread: Run) -> None:
    """Of the server, which the app is called for as for all else."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})

    with run_in_thread(app) as live:
        pass
    assert [str(event) for event in live.timeline] == [
        "test: enter the server",
        "the lifespan: app receives lifespan.startup",
        "the lifespan: app sends lifespan.startup.complete",
        "test: leave the server",
        "the lifespan: app receives lifespan.shutdown",
        "the lifespan: app sends lifespan.shutdown.complete",
        "the lifespan: app returned (stopped)",
    ]


def test_a_server_that_does_not_start(run_in_thread: Run) -> None:
    """What the app raises, and the test gets."""
    live = run_in_thread(live_apps.starts_not)
    with pytest.raises(live_apps.NotStarted), live:
        pass
    assert [str(event) for event in live.timeline] == [
        "test: enter the server",
        "the lifespan: app receives lifespan.startup",
        "the lifespan: app raises live_apps.NotStarted: no database",
        "the lifespan: app raised (starting)",
        "test gets live_apps.NotStarted: no database",
    ]


@pytest.mark.parametrize("message", ["text", {"type": "http.response.body", "body": 3}], ids=["text", "a number"])
def test_what_is_no_message_is_refused_as_before(run_in_thread: Run, message: Any) -> None:
    """By the server, and not by what keeps it."""
    with run_in_thread(answers(message), lifespan="off") as live, pytest.raises(Exception) as caught:
        live.client().get("/")
    assert "asgi_lockstep" not in str(caught.traceback[-1].path)
    assert [event.kind for event in live.timeline] == ["test", "test", "refused", "raises", "ends", "fails", "test"]


def test_what_the_server_logs_in_a_call_is_not_the_apps(caplog: pytest.LogCaptureFixture) -> None:
    """Uvicorn logs each request in the `send()` that begins its response."""
    with caplog.at_level("INFO"), LiveServer(notes, lifespan="off") as live:
        live.client().get("/notes?page=2")
    assert "uvicorn.access" in {record.name for record in caplog.records}
    assert [str(event) for event in live.timeline.of("/notes")] == ANSWERED


def test_what_fails_in_the_middle_of_a_stream(run_in_thread: Run) -> None:
    """Comes out of the iteration, where no method of the client is at work."""
    live = run_in_thread(live_apps.bare_failure, lifespan="off")
    with live, live.client().stream("GET", "/half") as response, pytest.raises(ValueError, match="no /half"):
        response.read()
    assert of_test(live)[2:] == ["test gets ValueError: no /half", "test: leave the server"]


def test_only_the_test_is_seen_where_the_app_runs_in_a_child_process(run_in_child: Run) -> None:
    """It sends no events; what it raises is known when the test gets it."""
    with run_in_child(live_apps.plain, lifespan="off") as live:
        live.client().get("/notes")
    assert [str(event) for event in live.timeline] == [
        "test: enter the server",
        "test: GET /notes",
        "test: leave the server",
    ]
    (exchange,) = live.timeline.exchanges
    assert (exchange.scope["method"], exchange.scope["path"]) == ("GET", "/notes")


def test_all_clients_of_a_server_share_one() -> None:
    """And what it calls a step."""
    with LiveServer(live_apps.plain, lifespan="off") as live:
        one, other = live.client(), live.async_client()
        with one.step("log in"), other.step("again"):
            one.get("/notes")
        assert one.timeline.of_kind("test") == other.timeline.of_kind("test") == live.timeline.of_kind("test")
    assert [(str(event), event.step) for event in live.timeline.of_kind("test")] == [
        ("test: enter the server", ""),
        ("test: GET /notes", "log in > again"),
        ("test: leave the server", ""),
    ]


def test_how_many_events_are_kept() -> None:
    """The newest; 0 keeps none."""
    with LiveServer(live_apps.plain, lifespan="off", timeline=0) as none, LiveServer(notes, timeline=1) as one:
        none.client().get("/")
    assert (len(none.timeline), [str(event) for event in one.timeline]) == (0, ["test: leave the server"])
    with pytest.raises(UsageError, match=r"^timeline=-1 makes no sense"):
        LiveServer(live_apps.plain, timeline=-1)


SUITE = """
    import urllib.request

    import pytest
    from asgi_lockstep.live import LiveServer

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    @pytest.fixture(scope="module")
    def live():
        with LiveServer(app, lifespan="off") as live:
            yield live

    def test_client(live):
        assert live.client().get("/client").status_code == 204

    def test_browser(live):
        urllib.request.urlopen(live.url + "/browser")
        assert False
"""


def test_a_failing_test_shows_it(pytester: pytest.Pytester) -> None:
    """The plugin of pytest asks no client for that; a browser's requests are there without one."""
    (shown,) = sections(lines_of(pytester, test_it=SUITE)).values()
    assert [line.split("ms  ")[1].split("  [")[0] for line in shown.splitlines()[:1]] == [
        "GET /browser: app sends http.response.start 204"
    ]
