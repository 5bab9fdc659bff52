"""What only tasks of asyncio have: failures that nobody awaits, and names that come later."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from asgi_lockstep import TestClient
from asgi_lockstep._types import Receive, Scope, Send
from helpers import hello

KEPT: list[asyncio.Task[Any]] = []


@pytest.fixture(autouse=True)
def _kept() -> Any:
    """No task outlives its test."""
    yield
    for task in KEPT:
        if task.done() and not task.cancelled():
            task.exception()
    KEPT.clear()


async def fail() -> None:
    """Fails."""
    raise KeyError("gone")


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Starts a task that fails, and forgets it."""
    KEPT.append(asyncio.create_task(fail(), name="fails"))
    await asyncio.sleep(0)
    await hello(scope, receive, send)


def test_a_failure_that_nobody_has_awaited() -> None:
    """It says so, as long as that is so; nothing of ours counts as having seen it."""
    client = TestClient(app)
    client.get("/")
    (ended,) = client.timeline.of_kind("task_ends")
    assert ended.text == "task 'fails' fails, and nobody has awaited it: KeyError: 'gone'"
    assert ended.details.splitlines()[-1] == "KeyError: 'gone'"
    KEPT[0].exception()
    (ended,) = client.timeline.of_kind("task_ends")
    assert ended.text == "task 'fails' fails: KeyError: 'gone'"


def test_a_task_that_is_cancelled() -> None:
    """That is no failure."""

    async def cancels(scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.create_task(asyncio.sleep(3600), name="sleeps")
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        await hello(scope, receive, send)

    client = TestClient(cancels)
    client.get("/")
    assert [event.text for event in client.timeline if event.task] == [
        "task 'sleeps' starts",
        "task 'sleeps' is cancelled",
    ]
