"""The one clock on the wall, and several who want it; and where it cannot be had."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import anyio
import freezegun
import pytest

from asgi_lockstep import AsyncTestClient, MissingExtra, TestClient, UsageError
from helpers import hello
from virtual import VIRTUAL, Virtual, advance, get, on
from walls import ALL_REAL, CLOCKS, NEARLY, passed_since, real

pytest.importorskip("time_machine")


def refusal_of_use(virtual: Virtual) -> str:
    """What a client says that has to be entered first."""
    enter = "async with AsyncTestClient" if virtual.is_async else "with TestClient"
    return (
        "wall_clock=True counts while the client is entered, and this one is not. Write: "
        f'{enter}(app, clock="virtual", wall_clock=True) as client: ..., with lifespan="off" if none is to run.'
    )


@on(entered=False)
@pytest.mark.parametrize(
    "use",
    [
        lambda client: client.sleep(3600),
        lambda client: advance(client, 3600),
        lambda client: client.settle(),
        get,
        lambda client: client.derive().get("/"),
        lambda client: client.derive().derive().get("/"),
        lambda client: client.websocket_connect("/").__aenter__(),
        lambda client: client.open("GET", "/").__aenter__(),
    ],
    ids=["sleep", "advance", "settle", "get", "derived", "derived-twice", "websocket", "by-hand"],
)
def test_a_client_that_is_not_entered_says_so(virtual: Virtual, use: Callable[[Any], Any]) -> None:
    """There is no end at which the clock on the wall could be given back; nothing has moved."""

    async def scenario(client: Any) -> dict[str, bool]:
        with pytest.raises(UsageError) as caught:
            await use(client)
        assert str(caught.value) == refusal_of_use(virtual)
        return real()

    assert virtual.run(hello, scenario, wall_clock=True) == ALL_REAL


@on(entered=True)
def test_a_client_that_is_entered_twice_keeps_its_clock_on_the_wall(virtual: Virtual) -> None:
    """The second time is a mistake, and the first one is not over."""

    async def scenario(client: Any) -> float:
        begin = time.time()
        with pytest.raises(UsageError, match=r"^This client is entered already\."):
            await client.__aenter__()
        await client.sleep(3600)
        return time.time() - begin

    assert virtual.run(hello, scenario, wall_clock=True) == pytest.approx(3600, abs=NEARLY)


@pytest.mark.parametrize("first_left", [0, 1], ids=["in-order", "nested"])
def test_two_clients_move_the_same_clock_on_the_wall(first_left: int) -> None:
    """Each by its own time, until the last one is left; in whichever order that happens."""
    begin = {name: clock() for name, clock in CLOCKS.items()}
    clients = [TestClient(hello, lifespan="off", clock="virtual", wall_clock=True) for _ in range(2)]
    for client, seconds in zip(clients, (100, 1000), strict=True):
        client.__enter__()
        client.clock.advance(seconds)
    found = [passed_since(begin)]
    clients.pop(first_left).__exit__()
    found.append(passed_since(begin))
    clients[0].clock.advance(7)
    found.append(passed_since(begin))
    clients[0].__exit__()
    assert (found, passed_since(begin)) == ([{1100}, {1100}, {1107}], {0})


@pytest.mark.parametrize("virtual", [each for each in VIRTUAL if each.is_async and each.entered], ids=str)
def test_two_clients_of_one_loop_move_the_clock_on_the_wall_once(virtual: Virtual) -> None:
    """They have one virtual clock, too; it goes on for the one that is left later."""

    async def scenario(first: Any) -> list[set[int]]:
        begin, found = {name: clock() for name, clock in CLOCKS.items()}, []
        async with AsyncTestClient(hello, lifespan="off", clock="virtual", wall_clock=True) as second:
            await first.clock.advance(100)
            found.append(passed_since(begin))
            await second.clock.advance(1000)
            found.append(passed_since(begin))
        await first.clock.advance(7)
        return [*found, passed_since(begin)]

    assert virtual.run(hello, scenario, lifespan="off", wall_clock=True) == [{100}, {1100}, {1107}]


# Where it cannot be had.

NEEDS_VIRTUAL = 'wall_clock=True moves the clock on the wall with a virtual one: it needs clock="virtual", too.'
NEEDS_EXTRA = "wall_clock=True needs time-machine, which is not installed. Run: pip install 'asgi-lockstep[time]'"


def test_real_time_moves_no_clock_on_the_wall() -> None:
    """The sync client says so at once."""
    with pytest.raises(UsageError) as caught:
        TestClient(hello, wall_clock=True)
    assert str(caught.value) == NEEDS_VIRTUAL


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_real_time_of_an_async_test_moves_no_clock_on_the_wall(backend: str) -> None:
    """The async client says so when it sees its loop."""

    async def main() -> None:
        async with AsyncTestClient(hello, wall_clock=True):
            raise AssertionError

    with pytest.raises(UsageError) as caught:
        anyio.run(main, backend=backend)
    assert str(caught.value) == NEEDS_VIRTUAL


@on(entered=False)
def test_a_clock_that_somebody_else_has_is_not_taken_over(virtual: Virtual) -> None:
    """The text names who has it, and the way out; the client has not been entered."""

    async def scenario(client: Any) -> tuple[str, bool]:
        with freezegun.freeze_time("2020-01-01"), pytest.raises(UsageError) as caught:
            await client.__aenter__()
        async with client:
            moved = time.monotonic is not original
        return str(caught.value), moved

    original = time.monotonic
    assert virtual.run(hello, scenario, wall_clock=True) == (
        "wall_clock=True cannot move the clock on the wall, because freezegun.api.fake_time has taken the place of "
        "time.time(). Leave one of the two out: with wall_clock=True time stands still, and "
        "client.clock.advance(seconds) moves it. To begin on another day, use time_machine.travel(day) around the "
        "client.",
        True,
    )
    assert real() == ALL_REAL


@on(entered=False)
def test_a_day_that_time_machine_has_set_is_the_one_to_begin_with(virtual: Virtual) -> None:
    """As the text about another owner of the clock says."""
    import time_machine

    async def scenario(client: Any) -> list[str]:
        days = []
        async with client:
            for _ in range(2):
                days.append(datetime.now(UTC).date().isoformat())
                await client.sleep(24 * 3600)
        return days

    with time_machine.travel("2020-01-01T12:00+00:00"):
        assert virtual.run(hello, scenario, wall_clock=True) == ["2020-01-01", "2020-01-02"]


@on(entered=False)
def test_without_time_machine_there_is_no_clock_on_the_wall(virtual: Virtual, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text says what to install; nothing was entered."""
    original = time.monotonic

    async def scenario(client: Any) -> tuple[str, bool]:
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "time_machine", None)
            with pytest.raises(MissingExtra) as caught:
                await client.__aenter__()
        async with client:
            moved = time.monotonic is not original
        return str(caught.value), moved

    assert virtual.run(hello, scenario, wall_clock=True) == (NEEDS_EXTRA, True)
