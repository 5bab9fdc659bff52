"""How long `client.sse()` waits for an event: comments keep a connection alive, and no test waiting."""

from __future__ import annotations

import itertools
from typing import Any

import anyio
import anyio.lowlevel
import httpx2
import pytest

from asgi_lockstep import AppTimeout, TestClient
from asgi_lockstep._client.http import awaited_event
from asgi_lockstep._types import Receive, Scope, Send
from helpers import body, start
from matrix import Driver

STREAM = (b"content-type", b"text/event-stream")


async def pings(scope: Scope, receive: Receive, send: Send) -> None:
    """An event, and comments without an end."""
    await send(start(200, STREAM))
    await send(body(b"data: 1\n\n", more=True))
    while True:
        await anyio.lowlevel.checkpoint()
        await send(body(b": ping\n\n", more=True))


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock finds it a second later."""
    monkeypatch.setattr(awaited_event, "real_time", itertools.count().__next__)


@pytest.mark.usefixtures("seconds")
def test_a_stream_of_nothing_but_comments_ends(driver: Driver) -> None:
    """With what has come instead; the event before them was received."""
    client = driver.client(pings, timeout=3)
    with client.sse("/prices") as events:
        iteration = iter(events)
        assert next(iteration).data == "1"
        with pytest.raises(AppTimeout) as caught:
            next(iteration)
    lines = str(caught.value).splitlines()
    assert lines[0] == (
        "The test waits for the next event of GET /prices, and none has come in 3 seconds: 4 pieces of the response "
        "were no event, the last of them b': ping\\n\\n'."
    )
    assert lines[-1] == (
        "client.sse() passes over comments, with which apps keep a connection alive. To see them, and to leave the "
        "stream when nothing else comes, use client.stream() and response.expect_nothing()."
    )


@pytest.mark.usefixtures("seconds")
def test_each_event_is_waited_for_as_long(driver: Driver) -> None:
    """What was waited for the one before does not count."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(200, STREAM))
        for number in range(5):
            await send(body(b": ping\n\n", more=True))
            await send(body(f"data: {number}\n\n".encode(), more=True))
        await send(body())

    with driver.client(app, timeout=3).sse("/") as events:
        assert [event.data for event in events] == ["0", "1", "2", "3", "4"]


@pytest.mark.usefixtures("seconds")
def test_without_a_limit_it_takes_as_long_as_it_takes(driver: Driver) -> None:
    """`timeout=None`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(200, STREAM))
        for _ in range(100):
            await send(body(b": ping\n\n", more=True))
        await send(body(b"data: at last\n\n"))

    with driver.client(app, timeout=None).sse("/") as events:
        assert [event.data for event in events] == ["at last"]


def test_with_virtual_time_comments_come_at_once() -> None:
    """An hour of them, and then an event."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(200, STREAM))
        for _ in range(240):
            await anyio.sleep(15)
            await send(body(b": ping\n\n", more=True))
        await send(body(b"data: an hour\n\n"))

    client = TestClient(app, clock="virtual")
    with client.sse("/") as events:
        assert [event.data for event in events] == ["an hour"]
    assert client.clock.now == 3600


@pytest.mark.client_decides
def test_it_is_what_httpx_yields(driver: Driver) -> None:
    """With its response, and its limit of the size of an event."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(200, STREAM))
        await send(body(b"data: 123456789\n\n"))

    client = driver.client(app)
    with client.sse("/", method="POST") as events:
        source: Any = getattr(events, "_target", events)
        assert isinstance(source, httpx2.EventSource)
        assert events.response.status_code == 200
    with pytest.raises(httpx2.SSEError), client.sse("/", max_event_size=8) as events:
        list(events)
