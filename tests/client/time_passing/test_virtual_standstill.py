"""A virtual clock stands still while the test does anything else than wait for something."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import Listener, accept, body, start
from virtual import Virtual, on


async def slow_stream(_scope: Scope, _receive: Receive, send: Send) -> None:
    """A piece at once, and another after an hour."""
    await send(start())
    await send(body(b"first", more=True))
    await anyio.sleep(3600)
    await send(body(b"last"))


async def slow_socket(_scope: Scope, receive: Receive, send: Send) -> None:
    """A word at once, and another after an hour, whatever it is told."""
    await accept(receive, send)
    await send({"type": "websocket.send", "text": "first"})
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_leave, receive, tasks.cancel_scope.cancel)
        await anyio.sleep(3600)
        await send({"type": "websocket.send", "text": "last"})


async def _leave(receive: Receive, leave: Callable[[], None]) -> None:
    while (await receive())["type"] != "websocket.disconnect":
        pass
    leave()


#: An app with a timer of an hour pending in whatever it does.
APP = Listener(http=slow_stream, websocket=slow_socket)

Steps = Callable[[Any, "Now"], Awaitable[None]]


class Now:
    """Keeps what the clock shows after each step of a test."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.found: list[float] = []

    def look(self) -> None:
        """Look at the clock."""
        self.found.append(self._client.clock.now)


def looks(virtual: Virtual, steps: Steps, **options: Any) -> list[float]:
    """What the clock shows whenever `steps` look at it, and once more at the end."""

    async def scenario(client: Any) -> list[float]:
        now = Now(client)
        await steps(client, now)
        now.look()
        return now.found

    found: list[float] = virtual.run(APP, scenario, **options)
    return found


@on(is_async=False)
def test_the_code_of_the_test_takes_no_time(virtual: Virtual) -> None:
    """Whatever the clock on the wall says."""

    async def steps(client: Any, now: Now) -> None:
        async with client.stream("GET", "/"):
            now.look()
            time.sleep(0.02)  # noqa: ASYNC251
            now.look()

    assert looks(virtual, steps) == [0.0, 0.0, 0.0]


@on()
def test_leaving_a_stream_takes_no_time(virtual: Virtual) -> None:
    """The app is not waited for: its timer has nothing to do with its client any more."""

    async def steps(client: Any, now: Now) -> None:
        async with client.stream("GET", "/"):
            now.look()
        now.look()
        async with client.stream("GET", "/") as response:
            await response.disconnect()
            now.look()

    assert looks(virtual, steps) == [0.0] * 4


@on()
@pytest.mark.parametrize("options", [{"grace": 60}, {"on_disconnect": "cancel"}], ids=["grace", "cancel"])
def test_the_grace_is_real_time(virtual: Virtual, options: dict[str, Any]) -> None:
    """It is not for the app's timers, which would all fire, but for what is at work outside of it."""

    async def steps(client: Any, now: Now) -> None:
        async with client.stream("GET", "/"):
            now.look()

    assert looks(virtual, steps, **options) == [0.0, 0.0]


@on()
def test_a_websocket_that_is_left_takes_no_time(virtual: Virtual) -> None:
    """Left, closed, and lost."""

    async def steps(client: Any, now: Now) -> None:
        async with client.websocket_connect("/") as session:
            assert await session.receive_text() == "first"
        now.look()
        async with client.websocket_connect("/") as session:
            await session.close()
            now.look()
        now.look()
        async with client.websocket_connect("/") as session:
            await session.disconnect()
            now.look()

    assert looks(virtual, steps) == [0.0] * 5


@on()
def test_to_expect_nothing_takes_no_time(virtual: Virtual) -> None:
    """What the app sends in an hour has not come now."""

    async def steps(client: Any, now: Now) -> None:
        async with client.websocket_connect("/") as session:
            assert await session.receive_text() == "first"
            await session.expect_nothing()
            now.look()
            await session.send_text("hello?")
            now.look()
            assert await session.receive_text() == "last"
            now.look()

    assert looks(virtual, steps) == [0.0, 0.0, 3600.0, 3600.0]


@on()
def test_to_settle_takes_no_time(virtual: Virtual) -> None:
    """The app goes on as far as it can without its timers."""

    async def steps(client: Any, now: Now) -> None:
        async with client.stream("GET", "/"):
            await client.settle()
            now.look()

    assert looks(virtual, steps) == [0.0, 0.0]


@on()
def test_what_has_come_already_is_there_at_once(virtual: Virtual) -> None:
    """Only the second piece is waited for."""

    async def steps(client: Any, now: Now) -> None:
        async with client.stream("GET", "/") as response:
            async for piece in response.aiter_raw():
                now.look()
                assert piece in (b"first", b"last")

    assert looks(virtual, steps) == [0.0, 3600.0, 3600.0]


@on()
def test_an_upload_by_hand_takes_no_time(virtual: Virtual) -> None:
    """The app has a deadline for each piece, and the test takes as long as it likes."""

    async def picky(_scope: Scope, receive: Receive, send: Send) -> None:
        message: Message = {"more_body": True}
        while message["more_body"]:
            with anyio.fail_after(1):
                message = await receive()
        await send(start())
        await send(body(repr(anyio.current_time()).encode()))

    async def scenario(client: Any) -> tuple[bytes, float]:
        async with client.open("POST", "/") as exchange:
            for _ in range(5):
                await exchange.send(b"piece")
                await client.settle()
            await exchange.end()
            return await exchange.receive(), client.clock.now

    assert virtual.run(Listener(http=picky), scenario) == (b"0.0", 0.0)


@on(entered=True, is_async=False)
def test_entering_and_leaving_a_client_takes_no_time(virtual: Virtual) -> None:
    """A lifespan with a timer in the background; the clock goes on where it was when the client is entered again."""

    async def lifespan(_scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep, 3600)
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            tasks.cancel_scope.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    clients: list[Any] = []

    async def scenario(client: Any) -> list[float]:
        clients.append(client)
        found = [client.clock.now]
        await client.sleep(10)
        return [*found, client.clock.now]

    app = Listener(lifespan=lifespan)
    assert (virtual.run(app, scenario), clients[0].clock.now) == ([0.0, 10.0], 10.0)
