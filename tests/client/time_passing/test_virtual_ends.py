"""How calls end on a virtual clock that wait in vain, and how clients do that are left while something still sleeps."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import anyio
import pytest

from asgi_lockstep import Deadlock, TimedOut
from asgi_lockstep._drivers.on_asyncio import caller_loop, loop_runner
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, Script, accept, body, start
from virtual import CLEAN_UP, Virtual, get, on, slow_clean_up


async def clock_of_failure(client: Any, failure: type[Exception]) -> float:
    """The time at which the request fails."""
    with pytest.raises(failure):
        await client.get("/")
    now: float = client.clock.now
    return now


def time_of_deadlock(virtual: Virtual, app: Script) -> float:
    """The time at which a deadlock is found, which takes none."""

    async def scenario(client: Any) -> float:
        return await clock_of_failure(client, Deadlock)

    now: float = virtual.run(Listener(http=app), scenario, timeout=5)
    return now


def time_of_time_out(virtual: Virtual, app: Script, go_on: threading.Event) -> float:
    """The time at which a call ends by its limit; its thread may go on then."""

    async def scenario(client: Any) -> float:
        try:
            return await clock_of_failure(client, TimedOut)
        finally:
            go_on.set()

    now: float = virtual.run(Listener(http=app), scenario, timeout=0.03)
    return now


# Calls that wait in vain.


@on()
def test_a_deadlock_is_found_at_once(virtual: Virtual) -> None:
    """There is no timer to jump to."""

    async def stuck(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await anyio.Event().wait()

    assert time_of_deadlock(virtual, stuck) == 0.0


@on()
def test_a_deadlock_is_found_after_the_last_timer(virtual: Virtual) -> None:
    """Which might have ended it."""

    async def stuck(_scope: Scope, _receive: Receive, _send: Send) -> None:
        with anyio.move_on_after(3600):
            await anyio.sleep_forever()
        await anyio.Event().wait()

    assert time_of_deadlock(virtual, stuck) == 3600.0


@on()
def test_a_timer_that_never_comes_proves_nothing_else(virtual: Virtual) -> None:
    """Asyncio sets one for `sleep_forever()`."""

    async def stuck(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await anyio.sleep_forever()

    assert time_of_deadlock(virtual, stuck) == 0.0


@on()
def test_a_deadlock_of_a_websocket_is_found_at_once(virtual: Virtual) -> None:
    """Test and app both wait for the other's word; it can be used again."""

    async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        while (message := await receive())["type"] == "websocket.receive":
            await anyio.sleep(1)
            await send({"type": "websocket.send", "text": message["text"]})

    async def scenario(client: Any) -> tuple[str, float]:
        async with client.websocket_connect("/") as session:
            with pytest.raises(Deadlock):
                await session.receive_text()
            await session.send_text("word")
            return await session.receive_text(), client.clock.now

    assert virtual.run(Listener(websocket=echo), scenario, timeout=5) == ("word", 1.0)


@on()
def test_a_thread_that_hangs_ends_the_call_by_real_idle_time(virtual: Virtual) -> None:
    """Although timers are pending, which cannot fire meanwhile."""
    go_on = threading.Event()

    async def stuck(_scope: Scope, _receive: Receive, _send: Send) -> None:
        with anyio.fail_after(1):
            await anyio.to_thread.run_sync(go_on.wait, 3600)

    assert time_of_time_out(virtual, stuck, go_on) == 0.0


@on()
def test_a_thread_that_hangs_without_a_timer(virtual: Virtual) -> None:
    """The same."""
    go_on = threading.Event()

    async def stuck(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await anyio.to_thread.run_sync(go_on.wait, 3600)

    assert time_of_time_out(virtual, stuck, go_on) == 0.0


@on()
def test_a_time_out_says_how_much_virtual_time_has_passed(virtual: Virtual) -> None:
    """In this call, not since the clock has begun."""
    go_on = threading.Event()

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        await anyio.sleep(60)
        if scope["path"] == "/stuck":
            await anyio.to_thread.run_sync(go_on.wait, 3600)
        await send(start(204))
        await send(body())

    async def scenario(client: Any) -> list[str]:
        await client.get("/")
        try:
            with pytest.raises(TimedOut) as caught:
                await client.get("/stuck")
        finally:
            go_on.set()
        return str(caught.value).splitlines()[1:3]

    _, passed = virtual.run(Listener(http=app), scenario, timeout=0.03)
    assert passed == "  60 seconds of virtual time have passed in this call"


@on(is_async=False)
def test_an_app_that_polls_for_ever_is_ended_by_the_limit(virtual: Virtual) -> None:
    """It sleeps again and again, which takes no time, and nothing comes of it."""

    async def polls(_scope: Scope, _receive: Receive, _send: Send) -> None:
        while True:
            await anyio.sleep(60)

    async def scenario(client: Any) -> float:
        return await clock_of_failure(client, TimedOut)

    assert virtual.run(Listener(http=polls), scenario, timeout=0.03) % 60 == 0


@on()
def test_the_time_that_is_jumped_over_is_no_idle_time(virtual: Virtual) -> None:
    """A limit of a second for an app that sleeps for a year, hour by hour."""

    async def patient(_scope: Scope, _receive: Receive, send: Send) -> None:
        for _ in range(100):
            await anyio.sleep(3600)
        await send(start(204))
        await send(body())

    async def scenario(client: Any) -> tuple[int, float]:
        return (await client.get("/")).status_code, client.clock.now

    assert virtual.run(Listener(http=patient), scenario, timeout=1) == (204, 360_000.0)


# Clients that are left while something sleeps.


@on()
def test_an_app_that_sleeps_in_its_clean_up_holds_no_client_up(virtual: Virtual) -> None:
    """Neither the stream that is left, nor the client."""

    async def scenario(client: Any) -> float:
        async with client.stream("GET", "/"):
            pass
        now: float = client.clock.now
        return now

    assert virtual.run(Listener(http=slow_clean_up), scenario) == 0.0


@on()
def test_background_work_that_sleeps_in_its_clean_up_holds_no_client_up(virtual: Virtual) -> None:
    """It is cancelled when the client is left or closed."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        await send(body())
        await slow_clean_up(_scope, _receive, _ignore)

    async def scenario(client: Any) -> int:
        return len((await get(client)).content)

    assert virtual.run(Listener(http=app), scenario, background="detach") == 0


@on("asyncio")
@pytest.mark.parametrize("catches", [1, 100], ids=["sleeps", "stubborn"])
def test_a_task_that_does_not_end_when_it_is_cancelled(
    virtual: Virtual, catches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has its last grace, and is then thrown away with its loop (or left to a loop that is not ours)."""
    for module in (caller_loop, loop_runner):
        monkeypatch.setattr(module, "LAST_GRACE", 0.1)
    tasks: set[asyncio.Task[None]] = set()
    left = catches

    async def stubborn() -> None:
        nonlocal left
        while left:
            try:
                await asyncio.sleep(CLEAN_UP)
                return  # noqa: TRY300 - in an `else` the loop would be harder to read
            except asyncio.CancelledError:
                left -= 1

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        tasks.add(asyncio.create_task(stubborn()))
        await send(start(204))
        await send(body())

    async def scenario(client: Any) -> int:
        try:
            status: int = (await get(client)).status_code
            return status
        finally:
            if virtual.is_async:
                await client.aclose()
                left_alone()

    def left_alone() -> None:
        nonlocal left
        left = 0

    assert virtual.run(Listener(http=app), scenario) == 204


@on(entered=True)
def test_a_lifespan_that_sleeps_before_it_ends(virtual: Virtual) -> None:
    """It is not hurried: the shutdown is a call like any other, in which time passes."""
    slept: list[float] = []

    async def lifespan(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await anyio.sleep(CLEAN_UP)
        slept.append(anyio.current_time())
        await send({"type": "lifespan.shutdown.complete"})

    async def scenario(client: Any) -> None:
        await client.sleep(1)

    virtual.run(Listener(lifespan=lifespan), scenario)
    assert slept == [1.0 + CLEAN_UP]


async def _ignore(_message: object) -> None:
    """Nobody reads it."""
