"""The time limit of a result that was asked for through the portal."""

from __future__ import annotations

import anyio
import pytest

from asgi_lockstep._types import Receive, Scope, Send
from helpers import accept, hello
from matrix import Driver


def test_a_result_that_does_not_come_in_time(sync_driver: Driver) -> None:
    """`result(timeout=...)` gives up; the call can be cancelled."""
    with sync_driver.client(hello, lifespan="off") as client:
        future = client.portal.start_task_soon(anyio.sleep_forever)
        with pytest.raises(TimeoutError):
            future.result(timeout=0.001)
        assert future.cancel()


def test_a_result_that_was_asked_for_before_entering(sync_driver: Driver) -> None:
    """Its time passes on the loop on which it was asked for, and not on that of the client that is entered now."""
    client = sync_driver.client(listens, lifespan="off")
    with client.websocket_connect("/") as session:  # keeps the loop
        future = session.portal.start_task_soon(anyio.sleep_forever)
        if sync_driver.backend == "trio" and sync_driver.inline:
            pytest.skip("a thread can have only one run of trio: the client cannot be entered now")
        with client, pytest.raises(TimeoutError):
            future.result(timeout=0.001)
        assert future.cancel()


async def listens(_scope: Scope, receive: Receive, send: Send) -> None:
    """A websocket that is open until its client leaves."""
    await accept(receive, send)
    while (await receive())["type"] != "websocket.disconnect":
        pass
