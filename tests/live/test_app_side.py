"""One call of the app without a server, as the timeline has it: the ends that are hard to have with one."""

from __future__ import annotations

import asyncio

import pytest

from asgi_lockstep._drivers.happenings.recorder import Recorder
from asgi_lockstep._live.app_side import AppSide
from asgi_lockstep._timeline.reading import read
from asgi_lockstep._types import Message, Send
from helpers import answers, start


async def gone(message: Message) -> None:
    """A `send()` of a server whose client has gone."""
    raise BrokenPipeError


async def cancelled(message: Message) -> None:
    """A `send()` of a server that cuts off what is under way."""
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("send", "end"),
    [
        (gone, "app raised by itself after its client had gone (response started)"),
        (cancelled, "app cancelled (response started)"),
    ],
)
def test_the_end_of_a_call_that_cannot_go_on(send: Send, end: str) -> None:
    """Is no failure of the app."""

    async def receive() -> Message:
        return {"type": "http.request"}

    async def call() -> None:
        scope = {"type": "http", "method": "GET", "path": "/x", "headers": []}
        side = AppSide(kept, None, scope, receive, send)
        with pytest.raises((BrokenPipeError, asyncio.CancelledError)):
            await side.run(answers(start()))
        assert repr(side) == f"<AppSide of GET /x: response started, {end.partition(' (')[0]}>"

    kept = Recorder()
    asyncio.run(call())
    assert [str(event) for event in read(kept)] == [
        "GET /x: app sends http.response.start 200",
        f"GET /x: {end}",
    ]
