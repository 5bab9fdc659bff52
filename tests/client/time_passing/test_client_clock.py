"""`client.clock` and `client.sleep()`: what a test does with time, virtual and real."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from asgi_lockstep import AsyncTestClient, TestClient, UsageError
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, body, hello, start
from matrix import Driver
from virtual import Virtual, advance, on


class Ticking:
    """An app whose lifespan notes the time every minute, and whose requests say what has been noted."""

    def __init__(self) -> None:
        self.ticks: list[float] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send(start())
            await send(body(repr(self.ticks).encode()))
            return
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._tick)
            assert (await receive())["type"] == "lifespan.startup"
            await send({"type": "lifespan.startup.complete"})
            assert (await receive())["type"] == "lifespan.shutdown"
            tasks.cancel_scope.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _tick(self) -> None:
        while True:
            await anyio.sleep(60)
            self.ticks.append(anyio.current_time())


class Jobs:
    """An app that answers at once, and ends its work after as many seconds as the query says."""

    def __init__(self) -> None:
        self.done: list[tuple[float, str]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError
        await send(start(202))
        await send(body())
        seconds = scope["query_string"].decode()
        await anyio.sleep(float(seconds))
        self.done.append((anyio.current_time(), seconds))


@on()
def test_a_virtual_clock_begins_at_nought(virtual: Virtual) -> None:
    """And moves by as much as it is advanced; by nought, too."""

    async def scenario(client: Any) -> list[float]:
        found = [client.clock.now]
        for seconds in (0.1, 0.2, 0, 3600):
            await advance(client, seconds)
            found.append(client.clock.now)
        return found

    assert virtual.run(hello, scenario) == [0.0, 0.1, 0.1 + 0.2, 0.1 + 0.2, 0.1 + 0.2 + 3600]


@on()
def test_to_sleep_is_to_advance(virtual: Virtual) -> None:
    """`client.sleep()` is for both kinds of time."""

    async def scenario(client: Any) -> float:
        await client.sleep(3600)
        await advance(client, 1)
        now: float = client.clock.now
        return now

    assert virtual.run(hello, scenario) == 3601.0


@on()
def test_requests_go_on_in_the_background_in_the_order_of_their_times(virtual: Virtual) -> None:
    """Each ends at its exact time, as the clock is advanced beyond it and not before."""
    app = Jobs()

    async def scenario(client: Any) -> list[list[tuple[float, str]]]:
        found = []
        await client.get("/?20")
        await client.get("/?10")
        for let_pass, seconds in zip([client.sleep, partial(advance, client)] * 2, (5, 5, 9.5, 0.5), strict=True):
            await let_pass(seconds)
            found.append([*app.done])
        return found

    ten, twenty = (10.0, "10"), (20.0, "20")
    expected = [[], [ten], [ten], [ten, twenty]]
    assert virtual.run(app, scenario, background="detach") == expected


@on()
def test_a_clock_that_is_advanced_far_stops_at_every_timer(virtual: Virtual) -> None:
    """What is due in between happens at its exact time."""
    app = Jobs()

    async def scenario(client: Any) -> tuple[list[tuple[float, str]], float]:
        for seconds in (3, 1.5, 2):
            await client.get(f"/?{seconds}")
        await advance(client, 100)
        return app.done, client.clock.now

    done = [(1.5, "1.5"), (2.0, "2"), (3.0, "3")]
    assert virtual.run(app, scenario, background="detach") == (done, 100.0)


@on()
def test_the_app_has_come_to_rest_when_the_clock_has_been_advanced(virtual: Virtual) -> None:
    """Also from what was due at the very end."""
    rested: list[float] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        await send(body())
        await anyio.sleep(10)
        for _ in range(20):
            await anyio.lowlevel.checkpoint()
        rested.append(anyio.current_time())

    async def scenario(client: Any) -> list[float]:
        await client.get("/")
        await advance(client, 10)
        return [*rested]

    assert virtual.run(Listener(http=app), scenario, background="detach") == [10.0]


@on(entered=True)
def test_a_lifespan_with_a_periodic_timer(virtual: Virtual) -> None:
    """Advanced a bit, and by an hour; requests take no time."""

    async def scenario(client: Any) -> list[str]:
        found = []
        for seconds in (59.5, 0.5, 120):
            await advance(client, seconds)
            found.append((await client.get("/")).text)
        return found

    assert virtual.run(Ticking(), scenario) == ["[]", "[60.0]", "[60.0, 120.0, 180.0]"]


@on(entered=True)
def test_a_derived_client_has_the_same_clock(virtual: Virtual) -> None:
    """It is the app's time, whoever lets it pass."""
    app = Jobs()

    async def scenario(client: Any) -> list[object]:
        twin = client.derive()
        await twin.get("/?30")
        await advance(client, 10)
        found = [client.clock.now, twin.clock.now]
        await advance(twin, 20)
        return [*found, client.clock.now, twin.clock.now, app.done]

    expected = [10.0, 10.0, 30.0, 30.0, [(30.0, "30")]]
    assert virtual.run(app, scenario, background="detach") == expected


@on()
def test_two_apps_on_two_sync_clients_have_two_clocks(virtual: Virtual) -> None:
    """And on two async ones the one of their loop."""

    async def scenario(client: Any) -> list[float]:
        if virtual.is_async:
            other: Any = AsyncTestClient(hello, clock="virtual")
            await other.sleep(5)
        else:
            with TestClient(hello, clock="virtual") as other:
                other.sleep(5)
        await client.sleep(1)
        return [client.clock.now, other.clock.now]

    assert virtual.run(hello, scenario) == ([6.0, 6.0] if virtual.is_async else [1.0, 5.0])


@on(is_async=False)
def test_a_coroutine_of_the_test_has_the_time_of_the_app(virtual: Virtual) -> None:
    """What `client.run()` runs."""

    async def wait() -> float:
        await anyio.sleep(12)
        return anyio.current_time()

    async def scenario(client: Any) -> float:
        found: float = client._target.run(wait)
        return found

    assert virtual.run(hello, scenario) == 12.0


@on(entered=True)
def test_a_virtual_clock_shows_its_time(virtual: Virtual) -> None:
    """In its `repr`."""

    async def scenario(client: Any) -> str:
        await client.sleep(1.5)
        return repr(client.clock)

    name = "AsyncClientClock" if virtual.is_async else "ClientClock"
    assert virtual.run(hello, scenario) == f"<{name} at 1.5, virtual>"


# Real time.


def test_real_time_cannot_be_advanced(driver: Driver) -> None:
    """Nobody can."""
    client = driver.client(hello)
    with pytest.raises(UsageError) as caught:
        _advance_blocking(driver, client)
    assert str(caught.value) == (
        'Real time cannot be advanced. Give the client clock="virtual", or wait with client.sleep(seconds).'
    )


def test_the_app_goes_on_while_the_client_sleeps(driver: Driver) -> None:
    """In real time as well."""
    app = Jobs()
    client = driver.client(app, background="detach")
    client.get("/?0.01")
    client.sleep(0.05)
    assert [seconds for _, seconds in app.done] == ["0.01"]


def test_real_time_is_shown_as_it_is(sync_driver: Driver) -> None:
    """Seconds since an arbitrary moment."""
    clock = sync_driver.client(hello).clock
    assert clock.now <= time.perf_counter() <= clock.now
    assert repr(clock).endswith(", real>")


def _advance_blocking(driver: Driver, client: Any) -> None:
    if driver.is_async:
        driver.portal.call(client._target.clock.advance, 1)
    else:
        client.clock.advance(1)
