"""Requests whose body is sent by hand while the response is read."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_lockstep import AsyncTestClient, TestClient, UsageError
from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import body, hello, start


class Echo:
    """Answers each piece of the request as it comes."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.received: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        await send(start(202))
        while True:
            message = await receive()
            self.received.append(message)
            if message["type"] == "http.disconnect":
                return
            await send(body(message["body"].upper(), more=message["more_body"]))
            if not message["more_body"]:
                return


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    """Raises when it has read the first piece."""
    await receive()
    raise ValueError("broken")


def piece(data: bytes, more: bool = True) -> Message:
    """A piece of the request body, as the app receives it."""
    return {"type": "http.request", "body": data, "more_body": more}


ECHOED = [piece(b"one"), piece(b"two"), piece(b"", more=False)]


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> Any:
    """The backend of a sync client."""
    return request.param


@pytest.mark.parametrize("thread", ["auto", "thread"])
def test_both_sides_take_turns(backend: Any, thread: Any) -> None:
    """Each piece is answered before the next one is sent; the end of the body ends the response."""
    app = Echo()
    with (
        TestClient(app, backend=backend, driver=thread, lifespan="off") as client,
        client.open("POST", "/talk", params={"a": "1"}, headers={"x-a": "b"}) as exchange,
    ):
        exchange.send(b"one")
        assert (exchange.response.status_code, exchange.receive()) == (202, b"ONE")
        exchange.send(b"two")
        assert exchange.receive() == b"TWO"
        exchange.end()
        assert list(exchange) == []
        assert exchange.receive() is None
    assert app.received == ECHOED
    (scope,) = app.scopes
    assert (scope["method"], scope["path"], scope["query_string"]) == ("POST", "/talk", b"a=1")
    assert (b"x-a", b"b") in scope["headers"]
    assert b"content-length" not in dict(scope["headers"])


async def test_both_sides_take_turns_async(anyio_backend: Any) -> None:
    """The twin is awaited, and so is its response."""
    app = Echo()
    async with AsyncTestClient(app, lifespan="off") as client, client.open("POST", "/talk") as exchange:
        await exchange.send(b"one")
        assert ((await exchange.response).status_code, await exchange.receive()) == (202, b"ONE")
        await exchange.send(b"two")
        assert await exchange.receive() == b"TWO"
        await exchange.end()
        assert [chunk async for chunk in exchange] == []
        assert await exchange.receive() is None
    assert app.received == ECHOED


def test_a_disconnect_in_the_middle(backend: Any) -> None:
    """By name, or by leaving the block: the app receives it after what was sent."""
    for by_name in (True, False):
        app = Echo()
        with TestClient(app, backend=backend, lifespan="off") as client:
            with client.open("POST", "/") as exchange:
                exchange.send(b"one")
                assert exchange.receive() == b"ONE"
                if by_name:
                    exchange.disconnect()
                    assert len(app.received) == 2
            assert app.received == [piece(b"one"), {"type": "http.disconnect"}]


async def test_a_disconnect_in_the_middle_async(anyio_backend: Any) -> None:
    """The same, awaited."""
    for by_name in (True, False):
        app = Echo()
        async with AsyncTestClient(app, lifespan="off") as client:
            async with client.open("POST", "/") as exchange:
                await exchange.send(b"one")
                assert await exchange.receive() == b"ONE"
                if by_name:
                    await exchange.disconnect()
                    assert len(app.received) == 2
            assert app.received == [piece(b"one"), {"type": "http.disconnect"}]


def test_the_response_is_where_a_failure_is_raised(backend: Any) -> None:
    """The app failed before it started one."""
    with (
        TestClient(fails, backend=backend, lifespan="off") as client,
        pytest.raises(ValueError, match="broken"),
        client.open("POST", "/") as exchange,
    ):
        exchange.send(b"one")
        exchange.response  # noqa: B018


async def test_the_response_is_where_a_failure_is_raised_async(anyio_backend: Any) -> None:
    """The same, awaited."""
    async with AsyncTestClient(fails, lifespan="off") as client:
        with pytest.raises(ValueError, match="broken"):
            async with client.open("POST", "/") as exchange:
                await exchange.send(b"one")
                await exchange.response


def test_a_failure_that_nobody_asked_for(backend: Any) -> None:
    """A test that does not look at the response hears of it when it leaves the block."""
    with (
        TestClient(fails, backend=backend, lifespan="off") as client,
        pytest.raises(ValueError, match="broken"),
        client.open("POST", "/") as exchange,
    ):
        exchange.send(b"one")


def test_nothing_follows_the_end() -> None:
    """A mistake of the test, said where it is made."""
    with TestClient(hello).open("POST", "/x") as exchange:
        exchange.end()
        with pytest.raises(UsageError) as caught:
            exchange.send(b"more")
        assert exchange.response.read() == b"POST /x"
    assert str(caught.value) == "The request body of POST /x has been ended: nothing can follow it."


@pytest.mark.parametrize("use", [lambda exchange: exchange.send(b""), lambda exchange: exchange.receive()])
def test_an_exchange_belongs_into_its_block(use: Any) -> None:
    """The text says what to write."""
    with pytest.raises(UsageError) as caught:
        use(TestClient(hello).open("POST", "/"))
    assert str(caught.value) == (
        'An exchange was used outside of its block. Write: with client.open("POST", url) as exchange: ...'
    )
