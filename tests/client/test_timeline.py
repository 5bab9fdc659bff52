"""`client.timeline`: what is kept of what happens, on every driver."""

from __future__ import annotations

import gc
import logging
import weakref
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from asgi_lockstep import AsyncTestClient, Deadlock, ProtocolViolation, TestClient
from asgi_lockstep._types import Receive, Scope, Send
from helpers import answers, body, hello, start
from matrix import Driver


def texts(client: Any) -> list[str]:
    """The whole timeline, each event in a line."""
    return [str(event) for event in client.timeline]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends each text back."""
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


async def with_lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """Starts, greets, and stops."""
    if scope["type"] == "lifespan":
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})
    else:
        await hello(scope, receive, send)


def test_a_request_and_the_lifespan_around_it(driver: Driver) -> None:
    """What the test does, each message, and each end."""
    with driver.client(with_lifespan) as client:
        client.get("/notes?page=2")
    assert texts(client) == [
        "test: enter the client",
        "the lifespan: app receives lifespan.startup",
        "the lifespan: app sends lifespan.startup.complete",
        "the lifespan: app waits in receive()",
        "test: GET /notes?page=2",
        "GET /notes: app sends http.response.start 200",
        "GET /notes: app sends http.response.body 'GET /notes'",
        "GET /notes: app returned (response complete)",
        "test: leave the client",
        "the lifespan: app receives lifespan.shutdown",
        "the lifespan: app sends lifespan.shutdown.complete",
        "the lifespan: app returned (stopped)",
    ]


def test_a_websocket(driver: Driver) -> None:
    """What the test sends and asks for, and what the app does about it."""
    client = driver.client(echo)
    with client.websocket_connect("/chat") as session:
        session.send_text("hi")
        session.receive_text()
        session.close(4000)
    assert texts(client) == [
        "test: WEBSOCKET /chat",
        "WEBSOCKET /chat: app receives websocket.connect",
        "WEBSOCKET /chat: app sends websocket.accept",
        "WEBSOCKET /chat: app waits in receive()",
        "test: send_text 'hi'",
        "WEBSOCKET /chat: app receives websocket.receive 'hi'",
        "WEBSOCKET /chat: app sends websocket.send 'hi'",
        "WEBSOCKET /chat: app waits in receive()",
        "test: receive_text",
        "test: close 4000",
        "WEBSOCKET /chat: app receives websocket.disconnect 4000",
        "WEBSOCKET /chat: app returned by itself after its client had gone (accepted)",
    ]


def test_a_stream_whose_client_goes(driver: Driver) -> None:
    """The app waits in `send()` until its piece is taken; then its client has gone."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        while True:
            await send(body(b"tick", more=True))
            if (await receive())["type"] == "http.disconnect":
                return

    client = driver.client(app)
    with client.stream("GET", "/ticks") as response:
        pieces = response.iter_raw()
        assert next(pieces) == b"tick"
        response.disconnect()
    assert texts(client) == [
        "test: GET /ticks",
        "GET /ticks: app sends http.response.start 200",
        "GET /ticks: app sends http.response.body 'tick', more to come",
        "GET /ticks: app waits in send()",
        "GET /ticks: app receives http.request",
        "GET /ticks: app sends http.response.body 'tick', more to come",
        "GET /ticks: app waits in send()",
        "test: disconnect",
        "GET /ticks: app receives http.disconnect",
        "GET /ticks: app returned by itself after its client had gone (response started)",
    ]


def test_what_the_app_raises_and_the_test_gets(driver: Driver) -> None:
    """Once each, with a traceback of the app alone, whatever the exception has passed."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("no")

    client = driver.client(app)
    with pytest.raises(ValueError, match=r"^no$"):
        client.get("/")
    assert texts(client) == [
        "test: GET /",
        "GET /: app raises ValueError: no",
        "GET /: app raised (no response yet)",
        "test gets ValueError: no",
    ]
    (raised,) = client.timeline.of_kind("raises")
    assert raised.details.splitlines()[0] == "Traceback (most recent call last):"
    assert raised.details.splitlines()[2:] == ['    raise ValueError("no")', "ValueError: no"]


def test_a_message_that_is_refused(driver: Driver) -> None:
    """It is no message that was sent."""
    client = driver.client(answers(start(), start()))
    with pytest.raises(ProtocolViolation):
        client.get("/")
    assert [event.kind for event in client.timeline] == ["test", "sends", "refused", "raises", "ends", "fails"]
    (refused,) = client.timeline.of_kind("refused")
    assert refused.text.startswith(
        'app is refused http.response.start 200: ProtocolViolation: Received multiple "http.response.start" messages.'
    )
    assert refused.message == {"type": "http.response.start", "status": 200, "headers": []}


def test_what_can_never_happen(driver: Driver) -> None:
    """The test gets a Deadlock, and goes away for that; what it says is in the details."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await receive()

    client = driver.client(app)
    with pytest.raises(Deadlock):
        client.get("/")
    assert [event.kind for event in client.timeline] == ["test", "receives", "waits", "fails", "receives", "ends"]
    assert client.timeline[3].text.startswith("test gets Deadlock: The test waits for the app to finish GET /")
    assert "stands at" in client.timeline[3].details
    assert texts(client)[4] == "GET /: app receives http.disconnect"


def test_tasks_of_the_app(driver: Driver) -> None:
    """When they start and end, under the names that they have at last."""

    async def work() -> None:
        await anyio.lowlevel.checkpoint()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(work, name="work")
        await hello(scope, receive, send)

    client = driver.client(app)
    client.get("/")
    assert texts(client)[:3] == ["test: GET /", "GET /: task 'work' starts", "GET /: task 'work' ends"]
    assert [event.task for event in client.timeline.of_kind("task_starts", "task_ends")] == ["work", "work"]


def test_what_the_app_logs(driver: Driver) -> None:
    """With the exception that belongs to it; what the test logs is the test's."""
    logger = logging.getLogger("board")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            raise KeyError("note")
        except KeyError:
            logger.exception("no %s", "note 7")
        await hello(scope, receive, send)

    client = driver.client(app)
    logger.warning("the test")
    client.get("/")
    (logged,) = client.timeline.of_kind("logs")
    assert (str(logged), logged.details.splitlines()[-1]) == ("GET /: ERROR board: no note 7", "KeyError: 'note'")


def test_virtual_time_and_its_jumps() -> None:
    """An hour that has not passed really."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.sleep(3600)
        await hello(scope, receive, send)

    client = TestClient(app, clock="virtual")
    client.get("/")
    client.sleep(60)
    assert [(str(event), event.loop_time, event.jump) for event in client.timeline] == [
        ("test: GET /", 0.0, 0.0),
        ("GET /: app sends http.response.start 200", 3600.0, 3600.0),
        ("GET /: app sends http.response.body 'GET /'", 3600.0, 0.0),
        ("GET /: app returned (response complete)", 3600.0, 0.0),
        ("test: sleep 60", 3600.0, 0.0),
    ]
    assert client.timeline.clock == "virtual"
    assert client.timeline[-1].time < 60


def test_the_lines_of_the_test_and_of_the_app() -> None:
    """Where each stood."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body())

    client = TestClient(app)
    client.get("/lines")
    places = [event.place for event in client.timeline]
    assert [place and (place.function, place.source) for place in places] == [
        ("test_the_lines_of_the_test_and_of_the_app", 'client.get("/lines")'),
        ("app", "await send(start())"),
        ("app", "await send(body())"),
        None,
    ]


@pytest.mark.anyio
async def test_the_lines_of_an_async_test() -> None:
    """The same, awaited."""
    async with AsyncTestClient(echo, lifespan="off") as client, client.websocket_connect("/") as session:
        await session.send_text("hi")
        await session.receive_text()
    places = [event.place for event in client.timeline.of_kind("test")]
    block = 'async with AsyncTestClient(echo, lifespan="off") as client, client.websocket_connect("/") as session:'
    assert [place and place.source for place in places] == [
        block,
        block,
        'await session.send_text("hi")',
        "await session.receive_text()",
        block,
        block,
    ]


class _Thing:
    """Something of an app."""


@pytest.mark.client_decides
def test_nothing_of_the_app_is_kept_alive(driver: Driver) -> None:
    """What it puts into its scope, raises and logs goes when the app is done with it."""
    known: list[weakref.ref[Any]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        thing = scope["thing"] = _Thing()
        known.append(weakref.ref(thing))
        logging.getLogger("board").warning(repr(thing))
        raise ValueError("no", thing)

    client = driver.client(app, raise_server_exceptions=False)
    client.get("/")
    gc.collect()
    assert len(client.timeline) == 4
    assert known[0]() is None


def test_logging_is_as_before() -> None:
    """What listens is no handler, and whoever makes records still does."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert logging.getLogger("nobody.listens").handlers == []
        await hello(scope, receive, send)

    handlers = logging.getLogger().handlers[:]
    TestClient(app).get("/")
    assert logging.getLogger().handlers == handlers


def test_a_log_record_that_makes_no_sense_is_kept_as_far_as_it_goes(caplog: pytest.LogCaptureFixture) -> None:
    """Text and arguments that do not go together are logging's to complain about."""
    raising, logging.raiseExceptions = logging.raiseExceptions, False

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        logger = logging.getLogger("board")
        logger.handlers, logger.propagate = [logging.NullHandler()], False
        try:
            logger.warning("%d notes", "many")
        finally:
            logger.handlers, logger.propagate = [], True
        await hello(scope, receive, send)

    client = TestClient(app)
    try:
        client.get("/")
    finally:
        logging.raiseExceptions = raising
    assert str(client.timeline[1]) == "GET /: WARNING board: '%d notes' (TypeError in its arguments)"
