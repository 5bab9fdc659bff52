"""A deadlock of locks says who holds which, though the locks of asyncio do not know that themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import anyio
import pytest
import trio

from asgi_lockstep import AppTimeout, Deadlock
from asgi_lockstep._types import Receive, Scope, Send
from either import line
from matrix import Driver

LOCKS: dict[str, Callable[[], Any]] = {"Lock": anyio.Lock, "Semaphore": lambda: anyio.Semaphore(1)}


def holders(driver: Driver, app: Any, path: str = "/") -> list[str]:
    """What the error about a request says of those who hold something."""
    with pytest.raises((Deadlock, AppTimeout)) as caught:  # on uvloop it cannot be proven
        driver.client(app, lifespan="off", timeout=0.3).get(path)
    error: Any = caught.value
    return [*error.diagnosis.holders]


def twice(lock: Any) -> tuple[Any, Any]:
    """An app that takes a lock twice; and the function that has taken it."""

    async def outer() -> None:
        async with lock:
            await inner()

    async def inner() -> None:
        async with lock:
            pass

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await outer()

    return app, outer


def test_a_lock_that_is_taken_twice_is_held_by_the_one_who_waits(driver: Driver) -> None:
    """The function that has taken it stands further out. What is about to be entered is not held yet."""
    trios = driver.backend == "trio"  # whose locks refuse that
    app, outer = twice(trio.Semaphore(1) if trios else asyncio.Lock())
    name = "trio.Semaphore" if trios else "asyncio.Lock"
    stands = line(outer, "await inner()").replace(" in outer: ", ": ")
    assert holders(driver, app) == [
        f"the {name} for which GET / waits is held by itself, in outer, which stands at {stands}"
    ]


@pytest.mark.parametrize("kind", LOCKS)
def test_two_tasks_that_wait_for_each_other_are_named(driver: Driver, kind: str) -> None:
    """Each holds what the other one waits for."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        locks = LOCKS[kind](), LOCKS[kind]()
        both = anyio.Event(), anyio.Event()

        async def one(first: int) -> None:
            async with locks[first]:
                both[first].set()
                await both[1 - first].wait()
                async with locks[1 - first]:
                    pass

        async with anyio.create_task_group() as group:
            group.start_soon(one, 0, name="left")
            group.start_soon(one, 1, name="right")

    found = sorted(each.partition(", in one")[0] for each in holders(driver, app))
    assert found == [
        f"the anyio.{kind} for which task 'left' of GET / waits is held by task 'right' of GET /",
        f"the anyio.{kind} for which task 'right' of GET / waits is held by task 'left' of GET /",
    ]


def test_what_another_request_holds_is_named(driver: Driver) -> None:
    """It stands in `send()`, say, until its client reads on."""
    made: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if not made:
            made.append(anyio.Lock())
        async with made[0]:
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            await send({"type": "http.response.body"})

    client = driver.client(app, lifespan="off", timeout=0.3)
    with client.stream("GET", "/holds"), pytest.raises((Deadlock, AppTimeout)) as caught:
        client.get("/waits")
    error: Any = caught.value
    (held,) = error.diagnosis.holders
    assert held.startswith("the anyio.Lock for which GET /waits waits is held by GET /holds, in app, which stands at ")


def test_what_is_entered_and_not_waited_for_is_not_mentioned(driver: Driver) -> None:
    """A task group around, a timeout, a lock that nobody else wants."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.Lock(), anyio.create_task_group():
            await anyio.Event().wait()

    assert holders(driver, app) == []
