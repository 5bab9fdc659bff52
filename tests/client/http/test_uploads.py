"""Request bodies that are made while the app reads them, by generators of both colours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest

from asgi_lockstep import AsyncTestClient
from asgi_lockstep._types import ASGI3App, Receive, Scope, Send
from helpers import Listener, body, hello, read_body, reads_to_the_disconnect, start
from matrix import Driver


def made(events: list[str], *pieces: bytes) -> Iterator[bytes]:
    """Pieces that tell when they are made."""
    for piece in pieces:
        events.append(f"made {piece.decode()}")
        yield piece


async def made_async(events: list[str], *pieces: bytes) -> AsyncIterator[bytes]:
    """The twin of `made`."""
    for piece in made(events, *pieces):
        yield piece


def echo(events: list[str]) -> ASGI3App:
    """An app that answers each piece as it comes, and everybody who sends none."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "GET":
            await hello(scope, receive, send)
            return
        await send(start())
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            events.append(f"got {message['body'].decode()}")
            await send(body(message["body"].upper(), more=more))

    return app


def reads_one(events: list[str]) -> ASGI3App:
    """An app that has enough after the first piece."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        events.append(f"got {(await receive())['body'].decode()}")
        await hello(scope, receive, send)

    return app


async def redirects(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body, and sends everybody to /there."""
    await read_body(receive)
    if scope["path"] == "/there":
        await hello(scope, receive, send)
        return
    await send(start(307, (b"location", b"/there")))
    await send(body())


def note(events: list[str], chunk: bytes) -> None:
    """Note what the test has read."""
    events.append(f"read {chunk.decode()}")


#: What happens where `echo` answers two pieces.
ECHOED = ["made a", "got a", "read A", "made b", "got b", "read B", "got "]


def test_a_piece_is_made_when_the_last_one_was_answered(sync_driver: Driver) -> None:
    """Upload and download take turns: nothing is made ahead of an app that still writes."""
    events: list[str] = []
    with sync_driver.client(echo(events)).stream("POST", "/", content=made(events, b"a", b"b")) as response:
        for chunk in response.iter_raw():
            note(events, chunk)
    assert events == ECHOED


async def test_a_piece_is_made_when_the_last_one_was_answered_async(anyio_backend: Any) -> None:
    """The same, awaited."""
    events: list[str] = []
    client = AsyncTestClient(echo(events))
    async with client.stream("POST", "/", content=made_async(events, b"a", b"b")) as response:
        async for chunk in response.aiter_raw():
            note(events, chunk)
    assert events == ECHOED


def test_requests_between_two_pieces(sync_driver: Driver) -> None:
    """An upload that is half read leaves the client free."""
    events: list[str] = []
    client = sync_driver.client(echo(events))
    with client.stream("POST", "/", content=made(events, b"a", b"b")) as response:
        for chunk in response.iter_raw():
            note(events, chunk)
            assert client.get("/other").text == "GET /other"
    assert events == ECHOED


async def test_requests_between_two_pieces_async(anyio_backend: Any) -> None:
    """The same, awaited."""
    events: list[str] = []
    client = AsyncTestClient(echo(events))
    async with client.stream("POST", "/", content=made_async(events, b"a", b"b")) as response:
        async for chunk in response.aiter_raw():
            note(events, chunk)
            assert (await client.get("/other")).text == "GET /other"
    assert events == ECHOED


async def test_an_async_generator_may_use_the_client(anyio_backend: Any) -> None:
    """Each piece is the answer to another request of the same client."""
    client = AsyncTestClient(Listener(http=echo([])))
    paths = (b"/1", b"/2")
    answers = ((await client.get(path.decode())).content async for path in made_async([], *paths))
    assert (await client.post("/", content=answers)).content == b"GET /1GET /2"


def test_a_generator_in_a_generator(sync_driver: Driver) -> None:
    """Two uploads at once, one of them made of the other's answer: each app gets its own pieces, in order."""
    events: list[str] = []
    client = sync_driver.client(echo(events))

    def inner() -> Iterator[bytes]:
        with client.stream("POST", "/", content=made(events, b"a", b"b")) as response:
            yield from response.iter_raw()

    assert client.post("/", content=inner()).content == b"AB"
    assert events == ["made a", "got a", "got A", "made b", "got b", "got B", "got ", "got "]


def test_what_is_made_after_the_answer(sync_driver: Driver) -> None:
    """Nothing: an app that has enough leaves the rest of a generator unmade."""
    events: list[str] = []
    assert sync_driver.client(reads_one(events)).post("/", content=made(events, b"a", b"b")).text == "POST /"
    assert events == ["made a", "got a"]


async def test_an_async_generator_that_fails_is_a_client_that_leaves(anyio_backend: Any) -> None:
    """The app finds `http.disconnect`, and the test its own exception."""

    async def fails() -> AsyncIterator[bytes]:
        yield b"x"
        raise ZeroDivisionError

    app = Listener(http=reads_to_the_disconnect)
    with pytest.raises(ZeroDivisionError):
        await AsyncTestClient(app).post("/", content=fails())
    assert app.received == [{"type": "http.request", "body": b"x", "more_body": True}, {"type": "http.disconnect"}]


async def test_an_async_generator_that_nobody_reads(anyio_backend: Any) -> None:
    """An app that answers without reading never starts it."""
    events: list[str] = []
    response = await AsyncTestClient(hello).post("/", content=made_async(events, b"a"))
    assert (response.text, events) == ("POST /", [])


def test_a_generator_that_was_read_cannot_be_sent_again(sync_driver: Driver) -> None:
    """A redirect that wants the body once more is httpx2's own error, as on a network."""
    with pytest.raises(httpx2.StreamConsumed):
        sync_driver.client(redirects).post("/here", content=made([], b"a"))


async def test_an_async_generator_that_was_read_cannot_be_sent_again(anyio_backend: Any) -> None:
    """The same, awaited."""
    with pytest.raises(httpx2.StreamConsumed):
        await AsyncTestClient(redirects).post("/here", content=made_async([], b"a"))


#: What is told of an app that has answered after three bytes.
READ = "; request body: 3 bytes read, more to come; "


def test_what_was_read_of_a_body_is_told(sync_driver: Driver) -> None:
    """By the `repr` of an exchange, whose app has answered before the body was complete."""
    events: list[str] = []
    with sync_driver.client(reads_one(events)).open("POST", "/") as exchange:
        exchange.send(b"abc")
        exchange.send(b"def")
        assert READ in repr(exchange)
        assert exchange.response.read() == b"POST /"
    assert events == ["got abc"]


async def test_what_was_read_of_a_body_is_told_async(anyio_backend: Any) -> None:
    """The same, awaited."""
    events: list[str] = []
    async with AsyncTestClient(reads_one(events)).open("POST", "/") as exchange:
        await exchange.send(b"abc")
        await exchange.send(b"def")
        assert READ in repr(exchange)
        assert await (await exchange.response).aread() == b"POST /"
    assert events == ["got abc"]
