"""What goes on after a time limit, or after a deadlock: the session, the exchange, the app of a request."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_lockstep import AppTimeout, Deadlock
from asgi_lockstep._types import Message, Receive, Scope, Send
from either import Either
from helpers import Listener
from time_limits import LIMIT, LONGER, Gate


@pytest.mark.usefixtures("somebody")
def test_a_websocket_goes_on_after_its_limit(either: Either) -> None:
    """Each way to receive has its own limit; the late answer is there for the next one."""

    async def scenario(client: Any) -> tuple[list[float], str]:
        limits = []
        async with client.websocket_connect("/chat") as session:
            for receive in (session.receive, session.receive_text, session.receive_bytes, session.receive_json):
                with pytest.raises(AppTimeout) as caught:
                    await receive(timeout=LIMIT)
                limits.append(caught.value.limit)
            assert (await client.get("/open")).text == "opened"
            return limits, await session.receive_text()

    assert either.run(Gate(), scenario) == ([LIMIT] * 4, "late")


def test_a_websocket_goes_on_after_a_deadlock(either: Either) -> None:
    """The same, where it could be proven that nothing comes: another request is what the proof does not know of."""

    async def scenario(client: Any) -> str:
        async with client.websocket_connect("/chat") as session:
            with pytest.raises(Deadlock if either.proves else AppTimeout):
                await session.receive_text(timeout=either.limit)
            assert (await client.get("/open")).text == "opened"
            text: str = await session.receive_text()
            return text

    assert either.run(Gate(), scenario) == "late"


@pytest.mark.usefixtures("somebody")
def test_an_exchange_goes_on_after_its_limit(either: Either) -> None:
    """The response is there later, and so is its body."""

    async def scenario(client: Any) -> tuple[int, Any, Any]:
        async with client.open("POST", "/talk", timeout=LONGER / 2) as exchange:
            with pytest.raises(AppTimeout):
                await exchange.response
            with pytest.raises(AppTimeout):
                await exchange.receive()
            assert (await client.get("/open")).text == "opened"
            return (await exchange.response).status_code, await exchange.receive(), await exchange.receive()

    assert either.run(Gate(), scenario) == (200, b"late", None)


@pytest.mark.usefixtures("somebody")
def test_the_app_of_a_request_goes_on_after_its_limit(either: Either) -> None:
    """It is neither cancelled nor told of a disconnect, and answers when it can."""

    async def scenario(client: Any) -> list[str]:
        with pytest.raises(AppTimeout):
            await client.get("/x", timeout=LIMIT)
        before = [*app.events]
        assert (await client.get("/open")).text == "opened"
        return before

    app = Gate()
    assert either.run(app, scenario) == []
    assert app.events == ["answered"]


@pytest.mark.usefixtures("somebody")
def test_the_app_of_a_request_ends_with_the_client(either: Either) -> None:
    """One that still waits is told that its client has gone, and then cancelled, like any that is still open."""

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await receive()
        app.events.append("told")
        await gate.wait()

    async def scenario(client: Any) -> list[Message]:
        with pytest.raises(AppTimeout):
            await client.get("/x", timeout=LIMIT)
        return [*app.received]

    app, gate = Listener(http=http), Gate()
    request = {"type": "http.request", "body": b"", "more_body": False}
    assert either.run(app, scenario) == [request]
    assert app.received == [request, {"type": "http.disconnect"}]
    assert [*app.events, *gate.events] == ["told", "cancelled"]
