"""`client.sse()` has one iteration, whoever asks for it: nothing of the stream is lost with an iterator."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from asgi_lockstep import AsyncTestClient, TestClient
from asgi_lockstep._types import Receive, Scope, Send
from helpers import body, start
from matrix import Driver

STREAM = (b"content-type", b"text/event-stream")


def counting(to: int, failing: bool = False) -> Any:
    """An app that counts, and fails behind that if it is told to."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(200, STREAM))
        for number in range(to):
            await send(body(f"data: {number}\n\n".encode(), more=True))
        if failing:
            raise ZeroDivisionError("division by zero")
        await send(body())

    return app


def test_an_iterator_that_is_thrown_away_takes_nothing_with_it(driver: Driver) -> None:
    """Each of them goes on with the next event."""
    with driver.client(counting(3)).sse("/") as events:
        assert [next(iter(events)).data, next(iter(events)).data] == ["0", "1"]
        assert [event.data for event in events] == ["2"]
        assert [*events] == []


def test_a_loop_goes_on_where_another_was_left(driver: Driver) -> None:
    """A test looks for one event, and then for another."""
    with driver.client(counting(4)).sse("/") as events:
        for event in events:
            if event.data == "1":
                break
        assert [event.data for event in events] == ["2", "3"]


def test_the_events_are_their_own_iterator() -> None:
    """`next(events)` gives one, as a test would write it."""
    with TestClient(counting(2)).sse("/") as events:
        assert [next(events).data, next(events).data, next(events, None)] == ["0", "1", None]


async def _asynchronously() -> list[str]:
    async with AsyncTestClient(counting(2)) as client, client.sse("/") as events:
        found = [(await anext(events)).data]
        return [*found, *[event.data async for event in events]]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_events_are_their_own_asynchronous_iterator(backend: str) -> None:
    """`await anext(events)`, on each library."""
    assert anyio.run(_asynchronously, backend=backend) == ["0", "1"]


# httpx2 does not close its own async generators, of which trio warns: docs/differences.md.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <async_generator object Response:pytest.PytestWarning")
def test_what_the_app_raises_behind_an_event_is_not_lost(driver: Driver) -> None:
    """The test has thrown the iterator away by then: it comes where the block is left."""
    events: Any
    with pytest.raises(ZeroDivisionError), driver.client(counting(1, failing=True)).sse("/") as events:
        assert next(iter(events)).data == "0"
