"""How websockets end: who ends them, what the app and the test hear of it, and that nobody else is hurt."""

from __future__ import annotations

from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from asgi_lockstep._types import ASGI3App, Receive, Scope, Send
from helpers import Listener, accept
from matrix import Driver
from websocket_apps import CONNECT, Gate, closes, end_of, fails, gone, heard, ignores, listens, returns, says

# Leaving the block.


def test_the_whole_clean_up_of_an_app_runs(driver: Driver) -> None:
    """Leaving is a disconnect 1000; what the app does after it has been done when the block is left."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        try:
            app.events.append(await receive())
            for step in range(3):
                await anyio.lowlevel.checkpoint()
                app.events.append(step)
        finally:
            await anyio.lowlevel.checkpoint()
            app.events.append("finally")

    app = Listener(websocket=websocket)
    with driver.client(app).websocket_connect("/"):
        assert app.events == []
    assert app.events == [gone(), 0, 1, 2, "finally"]


def test_a_clean_up_that_comes_to_rest_is_cancelled(driver: Driver) -> None:
    """The app has received its disconnect, and waits for something else; its `finally` runs to its end."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        app.events.append(await receive())
        try:
            await anyio.sleep_forever()
        except anyio.get_cancelled_exc_class():
            app.events.append("cancelled")
            raise
        finally:
            with anyio.CancelScope(shield=True):
                for step in range(3):
                    await anyio.lowlevel.checkpoint()
                    app.events.append(step)

    app = Listener(websocket=websocket)
    with driver.client(app).websocket_connect("/"):
        pass
    assert app.events == [gone(), "cancelled", 0, 1, 2]


def test_an_app_without_a_grace_does_not_receive_its_disconnect(driver: Driver) -> None:
    """`on_disconnect="cancel"` cancels it where it receives; its `finally` runs."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        try:
            app.events.append(await receive())
        except anyio.get_cancelled_exc_class():
            app.events.append("cancelled")
            raise
        finally:
            app.events.append("finally")

    app = Listener(websocket=websocket)
    with driver.client(app, on_disconnect="cancel").websocket_connect("/"):
        pass
    assert app.events == ["cancelled", "finally"]


@pytest.mark.parametrize(
    ("websocket", "options", "words"),
    [
        (listens, {}, "app returned by itself after its client had gone"),
        (ignores, {}, "app cancelled after its grace, its client had gone"),
        (ignores, {"on_disconnect": "cancel"}, "app cancelled at once, its client had gone"),
        (listens, {"on_disconnect": "cancel"}, "app cancelled at once, its client had gone"),
    ],
    ids=["returned", "cancelled", "cancelled at once", "not asked"],
)
def test_the_repr_tells_how_the_app_ended(
    driver: Driver, websocket: ASGI3App, options: dict[str, Any], words: str
) -> None:
    """By itself, or cancelled, with a grace or without one."""
    with driver.client(websocket, **options).websocket_connect("/room") as session:
        pass
    state = "accepted, ended with 1000; 0 messages wait for the app, 0 for the test"
    assert f"ended: <WEBSOCKET /room: {state}; {words}>" in repr(session)


def test_the_repr_tells_that_the_app_failed_by_itself(driver: Driver) -> None:
    """What it raised is raised by leaving the block."""
    with pytest.raises(KeyError), driver.client(fails).websocket_connect("/room") as session:
        pass
    assert "; app raised by itself after its client had gone>" in repr(session)


def test_the_repr_tells_that_the_app_ended_before_its_client_left(driver: Driver) -> None:
    """There was nobody to be disconnected."""
    with driver.client(returns).websocket_connect("/room") as session:
        session.send_text("end")
    assert "; app returned>" in repr(session)


# What the app is told.


def test_the_app_closes_before_its_client_does(driver: Driver) -> None:
    """Both do so before either has heard of it: each gets the code of the app, which came first."""
    gate = Gate()

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await send(closes(4000, "mine"))
        await gate.wait()
        await receive()

    app = Listener(http=gate.open, websocket=websocket)
    client = driver.client(app)
    with client.websocket_connect("/") as session:
        session.close(4001, "theirs")
        client.get("/")
        assert app.received == [CONNECT, gone(4000, "mine")]
        assert session.receive() == closes(4000, "mine")
        assert end_of(session.receive) == (4000, "mine")
    assert app.received == [CONNECT, gone(4000, "mine")]


def test_the_client_closes_before_its_app_does(driver: Driver) -> None:
    """Both do so before either has heard of it: the app's close raises OSError, and the code is the client's."""
    gate = Gate()

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await gate.wait()
        with pytest.raises(OSError, match=r"^the client of WEBSOCKET / has disconnected$"):
            await send(closes(4000, "mine"))
        await receive()

    app = Listener(http=gate.open, websocket=websocket)
    client = driver.client(app)
    with client.websocket_connect("/") as session:
        session.close(4001, "theirs")
        client.get("/")
        assert app.received == [CONNECT, gone(4001, "theirs")]
        assert end_of(session.receive) == (4001, "theirs")
    assert app.received == [CONNECT, gone(4001, "theirs")]


@pytest.mark.parametrize("own", [True, False], ids=["app", "client"])
def test_the_disconnect_is_received_again(driver: Driver, own: bool) -> None:
    """An app that receives once more does not wait for ever, whoever has closed."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        if own:
            await send(closes(4000))
        for _ in range(3):
            await receive()
        app.events.append("end")

    app = Listener(websocket=websocket)
    with driver.client(app).websocket_connect("/") as session:
        if not own:
            session.close(4000, "")
        assert app.events == ["end"]
    assert app.received == [CONNECT, gone(4000), gone(4000), gone(4000)]


def test_every_task_that_receives_is_told(driver: Driver) -> None:
    """An app that listens in two tasks ends both."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        async def listen() -> None:
            app.events.append(await receive())

        await accept(receive, send)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen)
            tasks.start_soon(listen)

    app = Listener(websocket=websocket)
    with driver.client(app).websocket_connect("/") as session:
        session.close(4001, "bye")
        assert app.events == [gone(4001, "bye"), gone(4001, "bye")]


# The client closes.


def test_what_the_app_sends_after_the_close_raises(driver: Driver) -> None:
    """Each time, whatever it sends; an app that goes on all the same is not hurt."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        app.events.append(await receive())
        for message in (says("a"), says("b"), closes(1000)):
            try:
                await send(message)
            except OSError as failure:
                app.events.append(str(failure))
        app.events.append("end")

    app = Listener(websocket=websocket)
    with driver.client(app).websocket_connect("/room") as session:
        session.close(4001, "bye")
        refusal = "the client of WEBSOCKET /room has disconnected"
        assert app.events == [gone(4001, "bye"), refusal, refusal, refusal, "end"]


@pytest.mark.parametrize("method", ["receive", "receive_text", "receive_bytes", "receive_json"])
def test_what_the_test_receives_after_its_close_raises(driver: Driver, method: str) -> None:
    """Code and reason of the close, again and again."""
    with driver.client(listens).websocket_connect("/") as session:
        session.close(4001, "bye")
        receive = getattr(session, method)
        assert [end_of(receive), end_of(receive)] == [(4001, "bye"), (4001, "bye")]


def test_iteration_ends_at_the_close_of_the_client(driver: Driver) -> None:
    """What was sent before it is still there."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await send(says("a"))
        await receive()

    with driver.client(websocket).websocket_connect("/") as session:
        session.close(4001, "bye")
        assert list(session) == ["a"]


def test_nothing_follows_the_close_of_the_client(driver: Driver) -> None:
    """Neither a frame nor another close reaches the app, also if it receives only later."""
    gate = Gate()

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await gate.wait()
        for _ in range(3):
            await receive()

    app = Listener(http=gate.open, websocket=websocket)
    client = driver.client(app)
    with client.websocket_connect("/") as session:
        session.send_text("last")
        session.close(4001, "first close")
        session.send_text("too late")
        session.close(4002, "second close")
        session.disconnect()
        assert (session.close_code, session.close_reason) == (4001, "first close")
        client.get("/")
    assert app.received == [CONNECT, heard("last"), gone(4001, "first close"), gone(4001, "first close")]
