"""What is there, and that nothing is: `pending`, `receive_nowait()` and `expect_nothing()`, which take no time."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import anyio
import pytest

from asgi_lockstep import ProtocolViolation, UnexpectedMessage, WebSocketDisconnect
from asgi_lockstep._types import Message, Receive, Scope, Send
from either import Either
from helpers import accept, body, start


def text(word: str) -> Message:
    """A message of the app."""
    return {"type": "websocket.send", "text": word}


async def repeats(scope: Scope, receive: Receive, send: Send) -> None:
    """Says each word twice, and nothing by itself; ends with "fail"."""
    await accept(receive, send)
    while (message := await receive())["type"] == "websocket.receive":
        if message["text"] == "fail":
            raise ValueError("broken")
        await send(text(message["text"]))
        await send(text(message["text"]))


async def tells_two(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends two pieces, each after one of the request."""
    await send(start())
    for more in (True, False):
        message = await receive()
        await send(body(message.get("body", b"").upper(), more=more))


async def one_piece(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends a piece, and waits for the end of its client."""
    await receive()
    await send(start())
    await send(body(b"one", more=True))
    await receive()


def test_a_websocket_from_which_nothing_comes(either: Either) -> None:
    """There is nothing to receive, and that can be asserted."""

    async def scenario(client: Any) -> list[Message]:
        async with client.websocket_connect("/chat") as session:
            await session.expect_nothing()
            with pytest.raises(anyio.WouldBlock):
                session.receive_nowait()
            pending: list[Message] = session.pending
            return pending

    assert either.run(repeats, scenario) == []


def test_a_websocket_from_which_something_has_come(either: Either) -> None:
    """It is there at once, in its order, and stays there until it is received."""

    async def scenario(client: Any) -> list[Any]:
        async with client.websocket_connect("/chat") as session:
            await session.send_text("hi")
            seen = [session.pending, session.pending, session.receive_nowait(), session.pending]
            return [*seen, await session.receive(), session.pending]

    hi = text("hi")
    assert either.run(repeats, scenario) == [[hi, hi], [hi, hi], hi, [hi], hi, []]


def test_something_where_nothing_was_expected(either: Either) -> None:
    """The error has all of it, and nothing of it is lost."""

    async def scenario(client: Any) -> tuple[str, Any, list[Message]]:
        async with client.websocket_connect("/chat") as session:
            await session.send_text("hi")
            with pytest.raises(UnexpectedMessage) as caught:
                await session.expect_nothing()
            return str(caught.value), caught.value.messages, [await session.receive(), session.receive_nowait()]

    hi = text("hi")
    assert either.run(repeats, scenario) == (
        "Nothing was expected from WEBSOCKET /chat, and the app, which rests now, has sent "
        "{'type': 'websocket.send', 'text': 'hi'}, {'type': 'websocket.send', 'text': 'hi'}.",
        (hi, hi),
        [hi, hi],
    )


def test_it_is_the_test_that_fails(either: Either) -> None:
    """What the app did was no mistake: an assertion error, and no violation."""

    async def scenario(client: Any) -> None:
        async with client.websocket_connect("/chat") as session:
            await session.send_text("hi")
            await session.expect_nothing()

    with pytest.raises(AssertionError) as caught:
        either.run(repeats, scenario)
    assert not isinstance(caught.value, ProtocolViolation)


def test_an_app_that_has_failed_has_not_sent_nothing(either: Either) -> None:
    """Its exception is raised, as from `receive()`."""

    async def scenario(client: Any) -> None:
        async with client.websocket_connect("/chat") as session:
            await session.send_text("fail")
            await session.expect_nothing()

    with pytest.raises(ValueError) as caught:
        either.run(repeats, scenario)
    assert str(caught.value) == "broken"


def test_the_end_of_a_websocket_is_something(either: Either) -> None:
    """`receive_nowait()` returns the close, as `receive()` does, and raises after that."""

    async def closes(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await send({"type": "websocket.close", "code": 4000})

    async def scenario(client: Any) -> tuple[list[Message], Message, int]:
        async with client.websocket_connect("/chat") as session:
            pending, closed = session.pending, session.receive_nowait()
            with pytest.raises(WebSocketDisconnect) as caught:
                session.receive_nowait()
            return pending, closed, caught.value.code

    close = {"type": "websocket.close", "code": 4000}
    assert either.run(closes, scenario) == ([close], close, 4000)


def test_a_close_where_nothing_was_expected(either: Either) -> None:
    """It is a message, too."""

    async def closes(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await send({"type": "websocket.close", "code": 4000})

    async def scenario(client: Any) -> str:
        async with client.websocket_connect("/chat") as session:
            with pytest.raises(UnexpectedMessage) as caught:
                await session.expect_nothing()
            return str(caught.value)

    assert either.run(closes, scenario) == (
        "Nothing was expected from WEBSOCKET /chat, and the app, which rests now, has sent "
        "{'type': 'websocket.close', 'code': 4000}."
    )


def test_a_stream(either: Either) -> None:
    """A piece that waits for its reader is pending; one that was read is not."""

    async def scenario(client: Any) -> list[Any]:
        async with client.stream("GET", "/x") as response:
            seen = [response.pending]
            with pytest.raises(UnexpectedMessage) as caught:
                await response.expect_nothing()
            async with aclosing(response.aiter_raw()) as chunks:
                seen += [await anext(chunks), response.pending]
                await response.expect_nothing()
            return [str(caught.value), *seen]

    assert either.run(one_piece, scenario) == [
        "Nothing was expected from GET /x, and the app, which rests now, has sent b'one'.",
        [b"one"],
        b"one",
        [],
    ]


def test_a_response_that_is_complete(either: Either) -> None:
    """Nothing of it is pending, and nothing comes after it."""

    async def answers(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"all"))

    async def scenario(client: Any) -> tuple[bytes, list[bytes]]:
        response = await client.get("/x")
        await response.expect_nothing()
        return response.content, response.pending

    assert either.run(answers, scenario) == (b"all", [])


def test_an_exchange(either: Either) -> None:
    """Each piece of the request can be seen to be answered, or not to be."""

    async def scenario(client: Any) -> list[Any]:
        async with client.open("POST", "/talk") as exchange:
            await exchange.expect_nothing()
            seen = [exchange.pending]
            await exchange.send(b"one")
            seen.append(exchange.pending)
            with pytest.raises(UnexpectedMessage) as caught:
                await exchange.expect_nothing()
            seen += [str(caught.value), await exchange.receive(), exchange.pending]
            await exchange.expect_nothing()
            await exchange.send(b"two")
            return [*seen, exchange.pending, await exchange.receive(), await exchange.receive(), exchange.pending]

    assert either.run(tells_two, scenario) == [
        [],
        [b"ONE"],
        "Nothing was expected from POST /talk, and the app, which rests now, has sent b'ONE'.",
        b"ONE",
        [],
        [b"TWO"],
        b"TWO",
        None,
        [],
    ]


def test_nothing_is_expected_at_once(either: Either) -> None:
    """The app comes to rest, and no longer: what would come after a while by the clock is none of it."""

    async def later(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await anyio.sleep(0.1)
        await send(text("later"))
        await receive()

    async def scenario(client: Any) -> str:
        async with client.websocket_connect("/chat") as session:
            await session.expect_nothing()
            word: str = await session.receive_text()
            await session.expect_nothing()
            return word

    assert either.run(later, scenario) == "later"
