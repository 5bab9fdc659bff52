"""An hour of keep-alives on a virtual clock, in the time that it takes to write them."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import anyio

from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, accept, body, start
from virtual import Virtual, get, on

#: What a keep-alive looks like, every 15 seconds for an hour.
KEEP_ALIVES = [f": {15.0 * number!r}\n\n" for number in range(1, 241)]


async def keep_alive(_scope: Scope, _receive: Receive, send: Send) -> None:
    """An event stream that says nothing for an hour but that it is alive, and then ends."""
    await send(start(200, (b"content-type", b"text/event-stream")))
    for _ in range(240):
        await anyio.sleep(15)
        await send(body(f": {anyio.current_time()!r}\n\n".encode(), more=True))
    await send(body(b"data: the end\n\n"))


@on()
def test_an_hour_of_server_sent_events_is_read_at_once(virtual: Virtual) -> None:
    """To its end, each keep-alive with its exact time."""

    async def scenario(client: Any) -> tuple[str, float]:
        return (await client.get("/")).text, client.clock.now

    found = virtual.run(Listener(http=keep_alive), scenario)
    assert found == ("".join([*KEEP_ALIVES, "data: the end\n\n"]), 3600.0)


@on()
def test_an_hour_of_server_sent_events_is_read_piece_by_piece(virtual: Virtual) -> None:
    """Time passes while the test waits for the next piece, and only as far as to that."""

    async def scenario(client: Any) -> list[tuple[float, str]]:
        async with client.stream("GET", "/") as response:
            found = [(client.clock.now, "")]
            async for chunk in response.aiter_raw():
                found.append((client.clock.now, chunk.decode()))  # noqa: PERF401 - at the time of each piece
        return found

    found = virtual.run(Listener(http=keep_alive), scenario)
    times = [15.0 * number for number in range(1, 241)]
    assert found == [(0.0, ""), *zip(times, KEEP_ALIVES, strict=True), (3600.0, "data: the end\n\n")]


@on()
def test_two_streams_share_one_clock(virtual: Virtual) -> None:
    """What the other has sent meanwhile is there, sent at its time."""

    async def scenario(client: Any) -> list[tuple[float, str]]:
        found = []
        async with client.stream("GET", "/") as first:
            await client.sleep(1)
            async with client.stream("GET", "/") as second:  # noqa: SIM117 - the streams last longer
                async with aclosing(first.aiter_raw()) as older, aclosing(second.aiter_raw()) as younger:
                    for stream in (older, younger, older, younger):
                        piece = (await anext(stream)).decode()
                        found.append((client.clock.now, piece))
        return found

    expected = [(15.0, ": 15.0\n\n"), (16.0, ": 16.0\n\n"), (30.0, ": 30.0\n\n"), (31.0, ": 31.0\n\n")]
    assert virtual.run(Listener(http=keep_alive), scenario) == expected


@on()
def test_a_websocket_that_speaks_once_an_hour(virtual: Virtual) -> None:
    """Time passes while the test waits for the next message."""

    async def talk(_scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        for _ in range(24):
            await anyio.sleep(3600)
            await send({"type": "websocket.send", "text": repr(anyio.current_time())})
        await send({"type": "websocket.close"})

    async def scenario(client: Any) -> list[tuple[float, str]]:
        async with client.websocket_connect("/") as session:
            return [(client.clock.now, text) async for text in session]

    expected = [(3600.0 * hour, repr(3600.0 * hour)) for hour in range(1, 25)]
    assert virtual.run(Listener(websocket=talk), scenario) == expected


@on()
def test_a_server_that_pings_notices_a_client_that_says_nothing(virtual: Virtual) -> None:
    """A time limit of the app for its client passes while the test waits for what the app does then."""

    async def strict(_scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        try:
            while True:
                with anyio.fail_after(20):
                    await receive()
                await send({"type": "websocket.send", "text": repr(anyio.current_time())})
        except TimeoutError:
            await send({"type": "websocket.close", "code": 4000, "reason": repr(anyio.current_time())})

    async def scenario(client: Any) -> list[object]:
        async with client.websocket_connect("/") as session:
            found: list[object] = []
            for pause in (5, 19.5):
                await client.sleep(pause)
                await session.send_text("here")
                found.append(await session.receive_text())
            found.append(await session.receive())
            return found

    closed = {"type": "websocket.close", "code": 4000, "reason": "44.5"}
    assert virtual.run(Listener(websocket=strict), scenario) == ["5.0", "24.5", closed]


@on()
def test_a_long_poll_is_answered_when_its_time_is_up(virtual: Virtual) -> None:
    """The limit of the client does not count: it is idle time, of which there is none."""

    async def poll(_scope: Scope, _receive: Receive, send: Send) -> None:
        with anyio.move_on_after(300):
            await anyio.Event().wait()
        await send(start(204))
        await send(body())

    assert virtual.run(Listener(http=poll), get, timeout=1).status_code == 204
