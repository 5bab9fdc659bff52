"""How websockets end: who ends them, what the app and the test hear of it, and that nobody else is hurt."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import permutations
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from starlette.websockets import WebSocketDisconnect as StarletteDisconnect

from asgi_lockstep import WebSocketDenialResponse, WebSocketDisconnect
from asgi_lockstep._protocol.websocket_exchange import UNREAD_LIMIT
from asgi_lockstep._types import ASGI3App, Message, Receive, Scope, Send
from helpers import Listener, accept, hello
from matrix import Driver

CONNECT: Message = {"type": "websocket.connect"}


def heard(text: str) -> Message:
    """A frame of the client, as the app receives it."""
    return {"type": "websocket.receive", "text": text}


def says(text: str) -> Message:
    """A frame of the app."""
    return {"type": "websocket.send", "text": text}


def closes(code: int, reason: str = "") -> Message:
    """The close of the app."""
    return {"type": "websocket.close", "code": code, "reason": reason}


def gone(code: int = 1000, reason: str = "") -> Message:
    """The end of a websocket, as its app receives it."""
    return {"type": "websocket.disconnect", "code": code, "reason": reason}


def end_of(receive: Callable[[], object]) -> tuple[int, str]:
    """Code and reason of the end that a `receive_...` of the test raises."""
    with pytest.raises(WebSocketDisconnect) as caught:
        receive()
    return caught.value.code, caught.value.reason


class Gate:
    """Where an app waits, without receiving anything, until the test asks for any URL."""

    def __init__(self) -> None:
        self._event: anyio.Event

    async def wait(self) -> None:
        """Wait for the request."""
        self._event = anyio.Event()
        await self._event.wait()

    async def open(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request that lets the app go on."""
        self._event.set()
        await hello(scope, receive, send)


async def listens(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts, and receives until the disconnect."""
    await accept(receive, send)
    while (await receive())["type"] == "websocket.receive":
        pass


async def returns(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts, receives once, and returns."""
    await accept(receive, send)
    await receive()


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts, receives once, and raises."""
    await accept(receive, send)
    await receive()
    raise KeyError(scope["path"])


async def ignores(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts, and never receives anything again."""
    await accept(receive, send)
    await anyio.sleep_forever()


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


# Others that send into a websocket whose client has gone.


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


# Denial responses.


def denial(data: object = b"", *, more: bool = False) -> Message:
    """A piece of the body of a denial response."""
    return {"type": "websocket.http.response.body", "body": data, "more_body": more}


def test_a_denial_response_arrives_whole(driver: Driver) -> None:
    """Status, all headers and all pieces of the body, whatever the app awaits in between."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        headers = [(b"content-type", b"text/plain"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
        await send({"type": "websocket.http.response.start", "status": 429, "headers": headers})
        for data in (b"come ", b"", bytearray(b"back "), memoryview(b"later"), b"\x00\xff"):
            await send(denial(data, more=True))
            await anyio.lowlevel.checkpoint()
        await send(denial())
        app.events.append(await receive())

    app = Listener(websocket=websocket)
    with pytest.raises(WebSocketDenialResponse) as caught, driver.client(app).websocket_connect("/"):
        pytest.fail("the block must not be entered")
    assert caught.value.status_code == 429
    assert caught.value.content == b"come back later\x00\xff"
    assert caught.value.headers["content-type"] == "text/plain"
    assert caught.value.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert app.events == [gone(1006)]


def test_a_mutable_piece_of_a_denial_response_may_be_used_again(driver: Driver) -> None:
    """The client has its own copy as soon as `send()` has returned."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.http.response.start", "status": 403})
        buffer = bytearray(b"one")
        await send(denial(buffer, more=True))
        buffer[:] = b"two"
        await send(denial(buffer))

    with pytest.raises(WebSocketDenialResponse) as caught, driver.client(websocket).websocket_connect("/"):
        pytest.fail("the block must not be entered")
    assert caught.value.content == b"onetwo"


def test_a_denial_response_that_starlette_streams(driver: Driver) -> None:
    """`send_denial_response()` takes any response."""

    async def refuse(websocket: WebSocket) -> None:
        content = iter(["not ", "you, ", "sorry"])
        await websocket.send_denial_response(StreamingResponse(content, 401, {"x-why": "token"}))

    client = driver.client(Starlette(routes=[WebSocketRoute("/", refuse)]))
    with pytest.raises(WebSocketDenialResponse) as caught, client.websocket_connect("/"):
        pytest.fail("the block must not be entered")
    denied = caught.value
    assert (denied.status_code, denied.headers["x-why"], denied.content) == (401, "token", b"not you, sorry")


# Several websockets at once.


#: The code with which each of them is closed.
CODES = {"/a": 4001, "/b": 4002, "/c": 4003}


class Ledger:
    """Keeps who received what, and answers requests; a member closes when it is told to, with a code of its own."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.events.append(scope["path"])
            await hello(scope, receive, send)
            return
        await accept(receive, send)
        while (message := await receive())["type"] == "websocket.receive":
            if message["text"] == "close":
                await send(closes(CODES[scope["path"]], "by the app"))
            else:
                await send(says(f"{scope['path']} {message['text']}"))
        self.events.append((scope["path"], message["code"], message["reason"]))


def leaves(session: Any, path: str) -> tuple[str, int, str]:
    """The client leaves the block."""
    return path, 1000, ""


def is_closed(session: Any, path: str) -> tuple[str, int, str]:
    """The client closes, with a code of its own."""
    session.close(CODES[path], "by the client")
    return path, CODES[path], "by the client"


def is_closed_by_the_app(session: Any, path: str) -> tuple[str, int, str]:
    """The app closes, because it was told to."""
    session.send_text("close")
    return path, CODES[path], "by the app"


@pytest.mark.parametrize("end", [leaves, is_closed, is_closed_by_the_app], ids=["left", "closed", "closed by the app"])
@pytest.mark.parametrize("order", [*permutations(CODES)], ids="".join)
def test_websockets_end_in_any_order(
    driver: Driver, order: tuple[str, ...], end: Callable[[Any, str], tuple[str, int, str]]
) -> None:
    """Each app gets just its own disconnect, at once, while the others and plain requests go on."""
    app = Ledger()
    client = driver.client(app)
    sessions = {path: client.websocket_connect(path) for path in CODES}
    expected: list[Any] = []
    with ExitStack() as whatever_is_left:
        left = {path: whatever_is_left.enter_context(ExitStack()) for path in order}
        for path, session in sessions.items():
            left[path].enter_context(session)
        while sessions:
            for path, session in sessions.items():
                session.send_text("still here")
                assert session.receive_text() == f"{path} still here"
            path = order[-len(sessions)]
            expected.append(end(sessions.pop(path), path))
            left[path].close()
            assert client.get(f"/after{path}").text == f"GET /after{path}"
            expected.append(f"/after{path}")
            assert app.events == expected


def test_frames_of_several_websockets_do_not_mix(driver: Driver) -> None:
    """What waits for one client is not received by another, nor lost when that one leaves."""
    client = driver.client(Ledger())
    with client.websocket_connect("/a") as one:
        with client.websocket_connect("/b") as two:
            for text in ("1", "2"):
                one.send_text(text)
                two.send_text(text)
            assert client.get("/").text == "GET /"
            assert two.receive_text() == "/b 1"
        assert [one.receive_text(), one.receive_text()] == ["/a 1", "/a 2"]


# An exception of the test that is on its way already.


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
    """The test has received it, and it goes through the block; its one note tells where it comes from."""
    with pytest.raises(KeyError) as caught, driver.client(fails).websocket_connect("/x") as session:
        session.send_text("go")
        session.receive_text()
    (note,) = caught.value.__notes__
    assert note.startswith("WEBSOCKET /x was sent at ")


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
