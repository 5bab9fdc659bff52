"""Websockets whose app fails or returns: what the test sees, whatever is on its way already."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from asgi_lockstep import WebSocketDisconnect
from asgi_lockstep._types import ASGI3App, Receive, Scope, Send
from helpers import Listener, accept
from matrix import Driver
from websocket_apps import CONNECT, closes, denial, end_of, fails, heard, ignores, listens, returns, says


@contextmanager
def own_failure(*notes: str) -> Iterator[None]:
    """The block raises ZeroDivisionError, with just these notes."""
    with pytest.raises(ZeroDivisionError) as caught:
        yield
    assert getattr(caught.value, "__notes__", []) == [*notes]


def test_a_failure_that_nobody_has_received_yet_becomes_a_note(driver: Driver) -> None:
    """The app had failed before the test did."""
    with (
        own_failure("After that, the app failed in WEBSOCKET /x: KeyError('/x')"),
        driver.client(fails).websocket_connect("/x") as session,
    ):
        session.send_text("go")
        raise ZeroDivisionError


def test_the_failure_of_each_app_becomes_a_note(driver: Driver) -> None:
    """In the order in which the blocks are left."""
    client = driver.client(fails)
    with (
        own_failure(
            "After that, the app failed in WEBSOCKET /2: KeyError('/2')",
            "After that, the app failed in WEBSOCKET /1: KeyError('/1')",
        ),
        client.websocket_connect("/1"),
        client.websocket_connect("/2"),
    ):
        raise ZeroDivisionError


@pytest.mark.parametrize("websocket", [listens, ignores], ids=["returns", "is cancelled"])
def test_an_app_that_ends_well_leaves_no_note(driver: Driver, websocket: ASGI3App) -> None:
    """By itself, or because it was cancelled."""
    with own_failure(), driver.client(websocket).websocket_connect("/"):
        raise ZeroDivisionError


def test_an_expected_end_leaves_no_note(driver: Driver) -> None:
    """The app ended by what its `send()` raised, which is no failure."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await returns(scope, receive, send)
        await send(says("too late"))

    with own_failure(), driver.client(websocket).websocket_connect("/"):
        raise ZeroDivisionError


def test_what_a_framework_raises_because_the_client_has_gone_is_no_note(driver: Driver) -> None:
    """The test has failed, and by that left its block; Starlette's `receive_text()` raises the end of it."""

    async def endless(socket: WebSocket) -> None:
        await socket.accept()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(socket.receive_text)
            await anyio.sleep_forever()

    async def plain(socket: WebSocket) -> None:
        await socket.accept()
        await socket.receive_text()

    client = driver.client(Starlette(routes=[WebSocketRoute("/plain", plain), WebSocketRoute("/endless", endless)]))
    for path in ("/plain", "/endless"):
        with own_failure(), client.websocket_connect(path):
            raise ZeroDivisionError


def test_the_end_that_the_test_received_is_not_replaced(driver: Driver) -> None:
    """The app has closed, and failed after it; the close is what the test has run into."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await send(closes(4000, "mine"))
        await receive()
        raise KeyError("clean-up")

    with pytest.raises(WebSocketDisconnect) as caught, driver.client(websocket).websocket_connect("/x") as session:
        session.receive_text()
    assert (caught.value.code, caught.value.reason) == (4000, "mine")
    assert caught.value.__notes__ == ["After that, the app failed in WEBSOCKET /x: KeyError('clean-up')"]


def test_the_exception_of_the_app_is_no_note_on_itself(driver: Driver) -> None:
    """The test has received it, and it goes through the block as it is."""
    with pytest.raises(KeyError) as caught, driver.client(fails).websocket_connect("/x") as session:
        session.send_text("go")
        session.receive_text()
    assert not hasattr(caught.value, "__notes__")


# Where other clients hang.


async def denies_and_fails(scope: Scope, receive: Receive, send: Send) -> None:
    """Starts a denial response, and raises."""
    await send({"type": "websocket.http.response.start", "status": 403})
    await send(denial(b"half", more=True))
    raise KeyError("half a denial")


async def connects_and_fails(scope: Scope, receive: Receive, send: Send) -> None:
    """Takes the connect, and raises."""
    assert await receive() == CONNECT
    raise KeyError("no answer")


@pytest.mark.parametrize(
    ("websocket", "failure"),
    [(denies_and_fails, "half a denial"), (connects_and_fails, "no answer")],
    ids=["denial", "connect"],
)
def test_an_app_that_fails_before_its_answer_is_complete(driver: Driver, websocket: ASGI3App, failure: str) -> None:
    """Its exception is raised by entering, whether or not it has begun to answer."""
    with pytest.raises(KeyError, match=failure), driver.client(websocket).websocket_connect("/"):
        pytest.fail("the block must not be entered")


@pytest.mark.parametrize("method", ["receive_text", "receive_bytes", "receive_json"])
def test_receiving_from_an_app_that_has_returned(driver: Driver, method: str) -> None:
    """RFC 6455 section 7.1.5: an end with 1006, again and again."""
    with driver.client(returns).websocket_connect("/") as session:
        session.send_text("end")
        receive = getattr(session, method)
        assert [end_of(receive), end_of(receive)] == [(1006, ""), (1006, "")]


def test_iterating_over_an_app_that_has_returned(driver: Driver) -> None:
    """The iteration ends after the last message."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await send(says("last"))

    with driver.client(websocket).websocket_connect("/") as session:
        assert (list(session), session.close_code) == (["last"], 1006)


def test_an_app_that_returns_while_the_test_waits(driver: Driver) -> None:
    """The wait for a message ends with the app, also where the app waits for a thread of its own first."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await returns(scope, receive, send)
        await anyio.to_thread.run_sync(threading.get_ident)

    with driver.client(websocket).websocket_connect("/") as session:
        session.send_text("end")
        assert end_of(session.receive_text) == (1006, "")


def test_receiving_again_from_an_app_that_has_failed(driver: Driver) -> None:
    """Its exception is raised once; after that the websocket has ended like any other that lost its server."""
    with driver.client(fails).websocket_connect("/x") as session:
        session.send_text("go")
        with pytest.raises(KeyError, match="/x"):
            session.receive_text()
        assert [end_of(session.receive_text), end_of(session.receive_text)] == [(1006, ""), (1006, "")]


@pytest.mark.parametrize(
    "use",
    [lambda session: session.send_text("x"), lambda session: session.send_bytes(b"x")],
    ids=["send_text", "send_bytes"],
)
def test_sending_to_an_app_that_has_returned(driver: Driver, use: Callable[[Any], object]) -> None:
    """As on a network, the client does not notice before it receives."""
    app = Listener(websocket=returns)
    with driver.client(app).websocket_connect("/") as session:
        session.send_text("end")
        use(session)
        assert end_of(session.receive_text) == (1006, "")
    assert app.received == [CONNECT, heard("end")]


def test_closing_after_the_app_has_returned(driver: Driver) -> None:
    """There is nobody who could be told; the test finds its own code."""
    app = Listener(websocket=returns)
    with driver.client(app).websocket_connect("/") as session:
        session.send_text("end")
        session.close(4001, "bye")
        assert [end_of(session.receive), end_of(session.receive)] == [(4001, "bye"), (4001, "bye")]
    assert app.received == [CONNECT, heard("end")]
