"""What the clients do in short, they do as at length: a chunk, or a websocket message, that is there already.

Each scenario is run both ways, and all that can be seen after each message is compared.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import anyio.lowlevel
import pytest

from asgi_lockstep import IncompleteResponse, WebSocketDisconnect, WrongFrame
from asgi_lockstep._client.http.response_body import AsyncBody, SyncBody
from asgi_lockstep._drivers.calls.contract import PASSES_AFTER_ANSWER
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._protocol.steps import read_chunk
from asgi_lockstep._types import Message, Receive, Scope, Send
from either import Either
from helpers import accept, body, start

# A chunk of a response.


def long_way(self: Any) -> bytes | None:
    """`SyncBody.next_chunk`, with nothing but its steps."""
    chunk = self._driver.run(read_chunk(self._exchange), self._call, self._pull)
    if chunk is None:
        self._raise_failure()
        return None
    kept: bytes = self._keep(chunk)
    return kept


async def async_long_way(self: Any) -> bytes | None:
    """`AsyncBody.next_chunk`, with nothing but its steps."""
    chunk = await self._driver.run(read_chunk(self._exchange), self._call, self._pull)
    if chunk is None:
        self._raise_failure()
        return None
    kept: bytes = self._keep(chunk)
    return kept


async def spin() -> None:
    """Be ready for more passes than a call goes on for after its answer."""
    for _ in range(3 * PASSES_AFTER_ANSWER):
        await anyio.lowlevel.checkpoint()


BODIES: Final[dict[str, list[Message]]] = {
    "several": [body(b"a", more=True), body(b"bc", more=True), body(b"d", more=True), body(b"e")],
    "empty ones": [body(b"a", more=True), body(more=True), body(b"b", more=True), body(more=True), body()],
    "no end": [body(b"a", more=True), body(b"b", more=True)],
    "nothing": [body()],
}


@pytest.mark.parametrize("there", [True, False], ids=["there", "not-yet"])
@pytest.mark.parametrize("kind", BODIES)
def test_a_chunk_that_is_there_is_taken_as_any_other(
    either: Either, kind: str, there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`next_chunk()` comes to what `read_chunk()` does: the same chunks, and the app has come equally far at each."""
    original = HTTPExchange.take_flowing
    taken: list[bytes] = []

    def take_flowing(self: HTTPExchange) -> bytes | None:
        chunk = original(self)
        taken.extend([] if chunk is None else [chunk])
        return chunk

    def journey() -> list[object]:
        sent: list[Message] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send(start())
            for message in BODIES[kind]:
                if not there:
                    await spin()
                await send(message)
                sent.append(message)

        seen: list[object] = []

        async def scenario(client: Any) -> None:
            async with client.stream("GET", "/") as response:
                try:
                    async for chunk in response.aiter_raw():
                        seen.append((chunk, response.pending, len(sent)))  # noqa: PERF401 - as far as it comes
                except IncompleteResponse as incomplete:
                    seen.append(str(incomplete))
                seen.append((response.pending, len(sent)))

        either.run(app, scenario)
        return seen

    monkeypatch.setattr(HTTPExchange, "take_flowing", take_flowing)
    short, taken_in_short = journey(), list(taken)
    monkeypatch.setattr(SyncBody, "next_chunk", long_way)
    monkeypatch.setattr(AsyncBody, "next_chunk", async_long_way)
    assert short == journey()
    assert taken == taken_in_short  # and none at length
    assert bool(taken_in_short) == (there and kind != "nothing")


# A message of a websocket.

Receiving = Callable[[Any], Awaitable[Any]]


async def both_kinds(session: Any) -> list[Any]:
    """Of the wrong kind it stays where it is."""
    with pytest.raises(WrongFrame) as caught:
        await session.receive_bytes()
    return [str(caught.value), session.pending, await session.receive_text()]


async def end(session: Any) -> list[Any]:
    """A close is raised, and again."""
    ends = []
    for _ in range(2):
        with pytest.raises(WebSocketDisconnect) as caught:
            await session.receive_text()
        ends.append((caught.value.code, caught.value.reason))
    return ends


async def loop_over(session: Any) -> list[Any]:
    """All that comes until the close."""
    return [content async for content in session]


MESSAGES: Final[dict[str, tuple[Message, Receiving]]] = {
    "any": ({"type": "websocket.send", "text": "x", "more": 1}, lambda session: session.receive()),
    "text": ({"type": "websocket.send", "text": "x"}, lambda session: session.receive_text()),
    "bytes": ({"type": "websocket.send", "bytes": b"x"}, lambda session: session.receive_bytes()),
    "json": ({"type": "websocket.send", "text": "[1]"}, lambda session: session.receive_json()),
    "wrong kind": ({"type": "websocket.send", "text": "x"}, both_kinds),
    "close": ({"type": "websocket.close", "code": 4000, "reason": "enough"}, end),
    "the close itself": ({"type": "websocket.close", "code": 4000}, lambda session: session.receive()),
    "iteration": ({"type": "websocket.close", "code": 1000}, loop_over),
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_message_that_is_there_is_received_as_one_that_is_not_yet_there(either: Either, kind: str) -> None:
    """`receive()` takes it, or runs the app until it is there: what is received, and what is left, is the same."""
    message, receives = MESSAGES[kind]

    def journey(there: bool) -> tuple[bool, list[object]]:
        seen: list[object] = []
        was_there = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await accept(receive, send)
            await receive()
            if not there:
                await spin()
            await send(message)
            seen.append(await receive())

        async def scenario(client: Any) -> None:
            async with client.websocket_connect("/") as session:
                await session.send_text("go on")
                was_there.append(bool(session.pending))
                seen.append(await receives(session))
                seen.append((session.pending, session.close_code, session.close_reason, repr(session)))

        either.run(app, scenario)
        return was_there == [True], seen

    (short_way, short), (not_long_way, long) = journey(True), journey(False)
    assert (short_way, not_long_way) == (True, False)
    assert short == long
