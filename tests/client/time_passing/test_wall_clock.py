"""`wall_clock=True`: what the app reads from the clock on the wall goes with the virtual clock."""

from __future__ import annotations

import time
from typing import Any

import anyio
import pytest

from asgi_lockstep import LifespanFailed
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, body, hello, start
from virtual import Virtual, advance, get, on
from walls import ALL_REAL, CLOCKS, NEARLY, real

pytest.importorskip("time_machine")


class Tokens:
    """An app that gives out a token for an hour, and refuses one that is older."""

    def __init__(self) -> None:
        self.expires = 0.0

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        if scope["path"] == "/token":
            self.expires = time.time() + 3600
        await send(start(200 if time.time() < self.expires else 401))
        await send(body())


async def failing_lifespan(_scope: Scope, receive: Receive, send: Send) -> None:
    """It does not start."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


@on(entered=True)
def test_a_token_expires(virtual: Virtual) -> None:
    """After an hour, of which nobody sees a second."""

    async def scenario(client: Any) -> list[int]:
        found = [(await client.get("/token")).status_code]
        for seconds in (3599, 1):
            await advance(client, seconds)
            found.append((await client.get("/")).status_code)
        return found

    assert virtual.run(Tokens(), scenario, wall_clock=True) == [200, 200, 401]


@on(entered=True)
def test_without_it_the_clock_on_the_wall_is_left_alone(virtual: Virtual) -> None:
    """A virtual clock alone is one of sleeps, timers and deadlines."""

    async def scenario(client: Any) -> dict[str, bool]:
        await client.sleep(3600)
        return real()

    assert virtual.run(hello, scenario) == ALL_REAL


@on(entered=True)
@pytest.mark.parametrize("name", CLOCKS)
def test_each_clock_moves_with_the_virtual_one(virtual: Virtual, name: str) -> None:
    """In the app, and in the test."""
    clock = CLOCKS[name]
    found: list[float] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        found.append(clock())
        await anyio.sleep(1.5)
        found.append(clock())
        await send(start())
        await send(body())

    async def scenario(client: Any) -> None:
        found.append(clock())
        await get(client)
        await client.sleep(7200)
        found.append(clock())

    virtual.run(Listener(http=app), scenario, wall_clock=True)
    assert [when - found[0] for when in found] == pytest.approx([0, 0, 1.5, 7201.5], abs=NEARLY)


@on(entered=True, is_async=False)
def test_the_clock_on_the_wall_stands_still_with_the_virtual_one(virtual: Virtual) -> None:
    """Between two calls of the client, and in a call that takes no time."""

    async def scenario(client: Any) -> bool:
        before = {name: clock() for name, clock in CLOCKS.items()}
        busy_until = time.perf_counter() + 0.01
        while time.perf_counter() < busy_until:
            pass
        await get(client)
        return {name: clock() for name, clock in CLOCKS.items()} == before

    assert virtual.run(hello, scenario, wall_clock=True) is True


@on(entered=True)
def test_the_day_begins_when_the_client_is_entered(virtual: Virtual) -> None:
    """A certificate of today is one of today."""
    before = {name: clock() for name, clock in CLOCKS.items()}

    async def scenario(_client: Any) -> dict[str, bool]:
        return {name: -1 < clock() - before[name] < 60 for name, clock in CLOCKS.items()}

    assert virtual.run(hello, scenario, wall_clock=True) == ALL_REAL


# Given back.


@on(entered=False)
def test_the_clocks_are_given_back_when_the_client_is_left(virtual: Virtual) -> None:
    """And taken again when it is entered again."""
    original = time.monotonic, time.monotonic_ns

    async def scenario(client: Any) -> list[float]:
        moved = []
        for _ in range(2):
            async with client:
                before = time.time()
                await client.sleep(3600)
                moved.append(time.time() - before)
            assert (real(), (time.monotonic, time.monotonic_ns)) == (ALL_REAL, original)
        return moved

    begin = time.time()
    assert virtual.run(hello, scenario, wall_clock=True) == pytest.approx([3600, 3600], abs=NEARLY)
    assert time.time() - begin < 60


@on(entered=False)
def test_the_clocks_are_given_back_when_the_block_raises(virtual: Virtual) -> None:
    """The failure of a test is not the end of the others."""

    async def scenario(client: Any) -> None:
        async with client:
            await client.sleep(3600)
            raise ZeroDivisionError

    original, begin = time.monotonic, time.time()
    with pytest.raises(ZeroDivisionError):
        virtual.run(hello, scenario, wall_clock=True)
    assert (real(), time.monotonic, time.time() - begin < 60) == (ALL_REAL, original, True)


@on(entered=True)
def test_the_clocks_are_given_back_when_the_lifespan_fails(virtual: Virtual) -> None:
    """The client has not been entered."""
    original, begin = time.monotonic, time.time()
    with pytest.raises(LifespanFailed):
        virtual.run(Listener(lifespan=failing_lifespan), get, wall_clock=True)
    assert (real(), time.monotonic, time.time() - begin < 60) == (ALL_REAL, original, True)


@on(entered=True)
def test_the_lifespan_ends_by_the_same_clock(virtual: Virtual) -> None:
    """What it began, it ends an hour later."""
    found: list[float] = []

    async def lifespan(_scope: Scope, receive: Receive, send: Send) -> None:
        for phase in ("startup", "shutdown"):
            await receive()
            found.append(time.time())
            await send({"type": f"lifespan.{phase}.complete"})

    async def scenario(client: Any) -> None:
        await client.sleep(3600)

    virtual.run(Listener(lifespan=lifespan), scenario, wall_clock=True)
    assert found[1] - found[0] == pytest.approx(3600, abs=NEARLY)
