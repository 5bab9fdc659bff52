"""Others that send into a websocket whose client has gone."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from starlette.websockets import WebSocketDisconnect as StarletteDisconnect

from asgi_lockstep._protocol.websocket_exchange import UNREAD_LIMIT
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, accept, hello
from matrix import Driver
from websocket_apps import Gate, end_of, gone, says


class Room:
    """Passes on what one member says to all, and makes a note of members whose connection has gone.

    The member `/busy` waits for a gate before it receives, so that it is still there when its client is not.
    """

    def __init__(self) -> None:
        self.gate = Gate()
        self.members: dict[str, Send] = {}
        self.events: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.gate.open(scope, receive, send)
            return
        await accept(receive, send)
        name = scope["path"]
        self.members[name] = send
        try:
            if name == "/busy":
                await self.gate.wait()
            while (message := await receive())["type"] == "websocket.receive":
                await self.tell_all(message["text"])
        finally:
            del self.members[name]
            self.events.append(f"{name} has left")

    async def tell_all(self, text: str) -> None:
        """Send `text` to every member that can still be reached."""
        for name, send in list(self.members.items()):
            try:
                await send(says(text))
            except OSError:
                self.events.append(f"{name} cannot be reached")


going = pytest.mark.parametrize("method", ["close", "disconnect"])


@going
def test_a_broadcast_passes_over_a_client_that_has_gone(driver: Driver, method: str) -> None:
    """The session of the sender goes on, and so does the handler of the one that has gone."""
    room = Room()
    client = driver.client(room)
    with client.websocket_connect("/busy") as busy, client.websocket_connect("/ada") as ada:
        getattr(busy, method)(4001)
        for text in ("one", "two"):
            ada.send_text(text)
            assert ada.receive_text() == text
        assert room.events == ["/busy cannot be reached"] * 2
        client.get("/")
        assert end_of(busy.receive) == (4001, "")
        assert list(room.members) == ["/ada"]
    assert room.events == ["/busy cannot be reached"] * 2 + ["/busy has left", "/ada has left"]


@going
def test_a_client_that_has_gone_reads_what_was_sent_before(driver: Driver, method: str) -> None:
    """A broadcast that came too late does not take the place of one that came in time."""
    client = driver.client(Room())
    with client.websocket_connect("/busy") as busy, client.websocket_connect("/ada") as ada:
        ada.send_text("in time")
        getattr(busy, method)(4001)
        ada.send_text("too late")
        assert list(busy) == ["in time"]
        assert [ada.receive_text(), ada.receive_text()] == ["in time", "too late"]


def test_a_request_broadcasts_to_a_client_that_has_gone(driver: Driver) -> None:
    """It is answered like any other."""
    room = Room()

    async def notify(scope: Scope, receive: Receive, send: Send) -> None:
        await room.tell_all("news")
        await hello(scope, receive, send)

    client = driver.client(Listener(http=notify, websocket=room))
    with client.websocket_connect("/busy") as busy, client.websocket_connect("/ada") as ada:
        busy.disconnect()
        assert client.get("/news").text == "GET /news"
        assert ada.receive_text() == "news"
    assert room.events == ["/busy cannot be reached", "/ada has left", "/busy has left"]


def test_an_app_may_end_by_what_its_own_send_raised(driver: Driver) -> None:
    """Who leaves says goodbye to all, and to the own connection last, which has gone: an end that is expected."""
    members: dict[str, Send] = {}

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        members[scope["path"]] = send
        try:
            app.events.append((scope["path"], await receive()))
            for member in list(members.values()):
                await member(says(f"{scope['path']} has left"))
            app.events.append("nobody is told of that")
        finally:
            del members[scope["path"]]

    app = Listener(websocket=websocket)
    client = driver.client(app)
    with client.websocket_connect("/ada") as ada:
        with client.websocket_connect("/bob") as bob:
            pass
        assert "; app raised by itself after its client had gone>" in repr(bob)
        assert ada.receive_text() == "/bob has left"
    assert app.events == [("/bob", gone()), ("/ada", gone())]


def test_a_sender_that_a_full_client_holds_back_goes_on_when_it_has_gone(driver: Driver) -> None:
    """The `send()` that waits returns, the next one raises, and the others hear of it."""
    members: dict[str, Send] = {}

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        members[scope["path"]] = send
        while (await receive())["type"] == "websocket.receive":
            try:
                while True:
                    await members["/full"](says("tick"))
                    app.events.append("sent")
            except OSError:
                app.events.append("OSError")
            await send(says("full"))

    app = Listener(websocket=websocket)
    client = driver.client(app)
    with client.websocket_connect("/full") as full, client.websocket_connect("/ada") as ada:
        ada.send_text("go")
        assert app.events == ["sent"] * (UNREAD_LIMIT - 1)
        full.disconnect()
        assert app.events == ["sent"] * UNREAD_LIMIT + ["OSError"]
        assert ada.receive_text() == "full"
        assert list(full) == ["tick"] * UNREAD_LIMIT


@going
def test_a_broadcast_of_starlette_passes_over_a_client_that_has_gone(driver: Driver, method: str) -> None:
    """Starlette makes its own disconnect, with code 1006, of the OSError."""
    gate = Gate()
    members: dict[str, WebSocket] = {}
    events: list[Any] = []

    async def tell_all(text: str) -> None:
        for name, member in list(members.items()):
            try:
                await member.send_text(text)
            except StarletteDisconnect as disconnect:
                events.append((name, disconnect.code))
                del members[name]

    async def busy_member(websocket: WebSocket) -> None:
        await websocket.accept()
        members["busy"] = websocket
        await gate.wait()
        events.append(await websocket.receive())

    async def member(websocket: WebSocket) -> None:
        await websocket.accept()
        members["ada"] = websocket
        async for text in websocket.iter_text():
            await tell_all(text)
        events.append("ada has left")

    app = Starlette(routes=[WebSocketRoute("/busy", busy_member), WebSocketRoute("/ada", member)])
    app.mount("/gate", gate.open)
    client = driver.client(app)
    with client.websocket_connect("/busy") as busy, client.websocket_connect("/ada") as ada:
        getattr(busy, method)(4001)
        for text in ("one", "two"):
            ada.send_text(text)
            assert ada.receive_text() == text
        client.get("/gate")
        assert end_of(busy.receive) == (4001, "")
    (disconnect,) = [event for event in events if isinstance(event, dict)]
    assert (disconnect["type"], disconnect["code"]) == ("websocket.disconnect", 4001)
    assert events == [("busy", 1006), disconnect, "ada has left"]


def test_an_app_of_starlette_may_end_by_what_its_own_send_raised(driver: Driver) -> None:
    """The chat of a thousand tutorials: who leaves is told of it too, and Starlette raises its disconnect."""
    members: list[WebSocket] = []
    events: list[Any] = []

    async def member(websocket: WebSocket) -> None:
        await websocket.accept()
        members.append(websocket)
        try:
            await websocket.receive_text()
        except StarletteDisconnect as disconnect:
            events.append(("received", disconnect.code))
            try:
                for other in members:
                    await other.send_text("somebody has left")
            except StarletteDisconnect as failure:
                events.append(("sent", failure.code))
                raise
            finally:
                members.remove(websocket)

    client = driver.client(Starlette(routes=[WebSocketRoute("/", member)]))
    with client.websocket_connect("/") as ada:
        with client.websocket_connect("/") as bob:
            pass
        assert "; app raised by itself after its client had gone>" in repr(bob)
        assert ada.receive_text() == "somebody has left"
    assert events == [("received", 1000), ("sent", 1006)] * 2
