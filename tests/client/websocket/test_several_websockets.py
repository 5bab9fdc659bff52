"""Several websockets at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from itertools import permutations
from typing import Any

import pytest

from asgi_lockstep._types import Receive, Scope, Send
from helpers import accept, hello
from matrix import Driver
from websocket_apps import closes, says

#: The code with which each of them is closed.
CODES = {"/a": 4001, "/b": 4002, "/c": 4003}


class Ledger:
    """Keeps who received what, and answers requests; a member closes when it is told to, with a code of its own."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.events.append(scope["path"])
            await hello(scope, receive, send)
            return
        await accept(receive, send)
        while (message := await receive())["type"] == "websocket.receive":
            if message["text"] == "close":
                await send(closes(CODES[scope["path"]], "by the app"))
            else:
                await send(says(f"{scope['path']} {message['text']}"))
        self.events.append((scope["path"], message["code"], message["reason"]))


def leaves(session: Any, path: str) -> tuple[str, int, str]:
    """The client leaves the block."""
    return path, 1000, ""


def is_closed(session: Any, path: str) -> tuple[str, int, str]:
    """The client closes, with a code of its own."""
    session.close(CODES[path], "by the client")
    return path, CODES[path], "by the client"


def is_closed_by_the_app(session: Any, path: str) -> tuple[str, int, str]:
    """The app closes, because it was told to."""
    session.send_text("close")
    return path, CODES[path], "by the app"


@pytest.mark.parametrize("end", [leaves, is_closed, is_closed_by_the_app], ids=["left", "closed", "closed by the app"])
@pytest.mark.parametrize("order", [*permutations(CODES)], ids="".join)
def test_websockets_end_in_any_order(
    driver: Driver, order: tuple[str, ...], end: Callable[[Any, str], tuple[str, int, str]]
) -> None:
    """Each app gets just its own disconnect, at once, while the others and plain requests go on."""
    app = Ledger()
    client = driver.client(app)
    sessions = {path: client.websocket_connect(path) for path in CODES}
    expected: list[Any] = []
    with ExitStack() as whatever_is_left:
        left = {path: whatever_is_left.enter_context(ExitStack()) for path in order}
        for path, session in sessions.items():
            left[path].enter_context(session)
        while sessions:
            for path, session in sessions.items():
                session.send_text("still here")
                assert session.receive_text() == f"{path} still here"
            path = order[-len(sessions)]
            expected.append(end(sessions.pop(path), path))
            left[path].close()
            assert client.get(f"/after{path}").text == f"GET /after{path}"
            expected.append(f"/after{path}")
            assert app.events == expected


def test_frames_of_several_websockets_do_not_mix(driver: Driver) -> None:
    """What waits for one client is not received by another, nor lost when that one leaves."""
    client = driver.client(Ledger())
    with client.websocket_connect("/a") as one:
        with client.websocket_connect("/b") as two:
            for text in ("1", "2"):
                one.send_text(text)
                two.send_text(text)
            assert client.get("/").text == "GET /"
            assert two.receive_text() == "/b 1"
        assert [one.receive_text(), one.receive_text()] == ["/a 1", "/a 2"]
