"""Nothing changes an exchange without holding the lock of its driver, whichever way it takes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest

from asgi_lockstep import TestClient
from asgi_lockstep._drivers.turning.turn_lock import TurnLock
from asgi_lockstep._protocol.exchange import Exchange
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._protocol.lifespan_exchange import LifespanExchange
from asgi_lockstep._protocol.websocket_exchange import WebSocketExchange
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, accept, body, read_body, simple_lifespan, start
from matrix import Driver

#: Everything that changes an exchange.
CHANGES: list[tuple[type[Exchange], str]] = [
    *((kind, name) for kind in (HTTPExchange, WebSocketExchange, LifespanExchange) for name in ("to_app", "from_app")),
    *((Exchange, name) for name in ("app_returned", "app_raised", "app_cancelled", "end_app", "observe")),
    *((HTTPExchange, name) for name in ("take_chunk", "take_flowing", "drop_empty_chunks", "feed", "disconnect")),
    *((WebSocketExchange, name) for name in ("take", "client_sends", "disconnect", "lose")),
    (LifespanExchange, "stop"),
]


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The changes that were made; each fails its test if no thread has a lock while it is made."""
    locks: list[TurnLock] = []
    seen: set[str] = set()
    make = TurnLock.__init__

    def noting(self: TurnLock, *args: Any) -> None:
        make(self, *args)
        locks.append(self)

    def watched(kind: type[Exchange], name: str) -> Callable[..., Any]:
        change = getattr(kind, name)

        def check(self: Exchange, *args: Any, **options: Any) -> Any:
            assert any(lock._holder is not None for lock in locks), f"{kind.__name__}.{name}() without the lock"
            seen.add(f"{kind.__name__}.{name}")
            return change(self, *args, **options)

        return check

    monkeypatch.setattr(TurnLock, "__init__", noting)
    for kind, name in CHANGES:
        monkeypatch.setattr(kind, name, watched(kind, name))
    yield seen
    missing = {f"{kind.__name__}.{name}" for kind, name in CHANGES} - seen
    assert missing == set(), "this test has to make these changes, too"


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    """Streams, echoes, or waits for its client to go."""
    await send(start())
    match scope["path"]:
        case "/stream":
            for _ in range(3):
                await send(body(b"x", more=True))
            await send(body(b"", more=True))
        case "/echo":
            await send(body(await read_body(receive), more=True))
        case "/forever":
            await send(body(b"first", more=True))
            await anyio.sleep_forever()
        case "/raises":
            raise KeyError("x")
    await send(body(b"last"))


async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Echoes; ends without a close when it is told to."""
    await accept(receive, send)
    while (message := await receive())["type"] == "websocket.receive" and message["text"] != "end":
        await send({"type": "websocket.send", "text": message["text"]})


def use(client: Any) -> None:
    """Requests, streams, bodies by hand, websockets, and their ends."""
    client.get("/")
    client.post("/echo", content=iter([b"a", b"b"]))
    with client.stream("GET", "/stream") as response:
        assert b"".join(response.iter_raw()) == b"xxxlast"
    with client.stream("GET", "/forever") as response:
        assert next(response.iter_raw()) == b"first"
        response.disconnect()
    with client.stream("GET", "/stream"):
        pass
    with client.open("POST", "/echo") as exchange:
        exchange.send(b"hi")
        exchange.end()
        assert exchange.receive() == b"hi"
    with pytest.raises(KeyError):
        client.get("/raises")
    with client.websocket_connect("/") as session:
        session.send_text("hi")
        assert session.receive_nowait()["text"] == "hi"
        session.send_text("end")
        assert session.receive()["code"] == 1006
    with client.websocket_connect("/") as session:
        session.disconnect()


def test_every_change_of_an_exchange_is_made_under_the_lock(sync_driver: Driver, changed: set[str]) -> None:
    """Of a client that is not entered, and of one that is, whose lifespan is an exchange, too."""
    client = sync_driver.client(Listener(http=http, websocket=websocket, lifespan=simple_lifespan), grace=0.0)
    use(client)
    with client:
        use(client)
    assert changed != set()


def in_the_queue(client: TestClient) -> Callable[[], None]:
    """What returns when another thread waits for the lock of an entered client."""
    driver = client._loops.entered
    assert driver is not None

    def wait() -> None:
        pause = threading.Event()
        for _ in range(10_000):
            if driver.lock._waiting:
                return
            pause.wait(0.001)
        raise AssertionError("the other thread did not wait for the lock")

    return wait


def test_a_frame_that_another_thread_sends_in_the_middle_of_a_turn_is_answered() -> None:
    """It is handed over when the app has come to rest: the app that goes back to wait for it would not be woken."""
    others: list[threading.Thread] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        while (message := await receive())["type"] == "websocket.receive":
            if message["text"] == "one":
                others.append(threading.Thread(target=session.send_text, args=("two",)))
                others[0].start()
                wait_for_the_other()  # on the thread that turns the loop
            await send({"type": "websocket.send", "text": message["text"]})

    with TestClient(app, lifespan="off") as client:
        wait_for_the_other = in_the_queue(client)
        with client.websocket_connect("/") as session:
            session.send_text("one")
            answers = [session.receive_text(), session.receive_text()]
            others[0].join()
    assert answers == ["one", "two"]


def test_a_chunk_that_another_thread_takes_in_the_middle_of_a_turn_brings_the_next() -> None:
    """It is taken when the app has come to rest: the app that goes back to wait in `send()` would not be woken."""
    chunks: list[bytes] = []
    others: list[threading.Thread] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        if scope["path"] == "/other":
            others.append(threading.Thread(target=lambda: chunks.extend(reader)))
            others[0].start()
            wait_for_the_other()
        else:
            for number in range(4):
                await send(body(b"%d" % number, more=True))
        await send(body())

    with TestClient(app, lifespan="off") as client:
        wait_for_the_other = in_the_queue(client)
        with client.stream("GET", "/") as response:
            reader = response.iter_raw()
            chunks.append(next(reader))
            client.get("/other")
            others[0].join()
    assert chunks == [b"0", b"1", b"2", b"3"]
