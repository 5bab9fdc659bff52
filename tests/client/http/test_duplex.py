"""Requests whose body is sent by hand while the response is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from asgi_lockstep import AsyncTestClient, UsageError
from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import Listener, body, hello, start
from matrix import Driver


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers each piece of the request as it comes."""
    await send(start(202))
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message["more_body"]
        await send(body(message["body"].upper(), more=more))


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    """Raises when it has read the first piece."""
    await receive()
    raise ValueError("broken")


def piece(data: bytes, *, more: bool = True) -> Message:
    """A piece of the request body, as the app receives it."""
    return {"type": "http.request", "body": data, "more_body": more}


GONE = {"type": "http.disconnect"}
ECHOED = [piece(b"one"), piece(b"two"), piece(b"", more=False)]


def test_both_sides_take_turns(driver: Driver) -> None:
    """Each piece is answered before the next one is sent; the end of the body ends the response."""
    app = Listener(http=echo)
    with driver.client(app).open("POST", "/talk") as exchange:
        exchange.send(b"one")
        assert (exchange.response.status_code, exchange.receive()) == (202, b"ONE")
        exchange.send(b"two")
        assert exchange.receive() == b"TWO"
        exchange.end()
        assert list(exchange) == []
        assert exchange.receive() is None
    assert app.received == ECHOED


async def test_both_sides_take_turns_async(anyio_backend: Any) -> None:
    """The methods of the twin are awaited, and so is its response; its iteration is an async one."""
    app = Listener(http=echo)
    async with AsyncTestClient(app, lifespan="off") as client, client.open("POST", "/talk") as exchange:
        await exchange.send(b"one")
        assert ((await exchange.response).status_code, await exchange.receive()) == (202, b"ONE")
        await exchange.send(b"two")
        assert await exchange.receive() == b"TWO"
        await exchange.end()
        assert [chunk async for chunk in exchange] == []
        assert await exchange.receive() is None
    assert app.received == ECHOED


def test_the_request_is_made_like_any_other(driver: Driver) -> None:
    """Params and headers are in the scope; a length is not, for nobody knows it yet."""
    app = Listener(http=echo)
    with driver.client(app).open("POST", "/talk", params={"a": "1"}, headers={"x-a": "b"}) as exchange:
        exchange.end()
        assert str(exchange.request.url) == "http://testserver/talk?a=1"
    (scope,) = app.scopes
    assert (scope["method"], scope["path"], scope["query_string"]) == ("POST", "/talk", b"a=1")
    assert (b"x-a", b"b") in scope["headers"]
    assert b"content-length" not in dict(scope["headers"])


def test_the_rest_of_the_response_is_iterated(driver: Driver) -> None:
    """Iteration goes on where `receive()` stopped, and ends with the response."""

    async def counts(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        for number in (b"1", b"2", b"3"):
            await send(body(number, more=True))
        await send(body())

    with driver.client(counts).open("POST", "/") as exchange:
        assert exchange.receive() == b"1"
        assert list(exchange) == [b"2", b"3"]


def test_the_app_is_disconnected_by_name(driver: Driver) -> None:
    """It has received `http.disconnect`, after what was sent, when `disconnect()` returns."""
    app = Listener(http=echo)
    with driver.client(app).open("POST", "/") as exchange:
        exchange.send(b"one")
        assert exchange.receive() == b"ONE"
        exchange.disconnect()
        assert app.received == [piece(b"one"), GONE]
    assert app.received == [piece(b"one"), GONE]


def test_leaving_the_block_is_a_disconnect(driver: Driver) -> None:
    """The app receives it once, after what was sent."""
    app = Listener(http=echo)
    with driver.client(app).open("POST", "/") as exchange:
        exchange.send(b"one")
        assert exchange.receive() == b"ONE"
        assert app.received == [piece(b"one")]
    assert app.received == [piece(b"one"), GONE]


async def test_a_disconnect_in_the_middle_async(anyio_backend: Any) -> None:
    """By name, awaited, or by leaving the block, in the task of the test itself."""
    for by_name in (True, False):
        app = Listener(http=echo)
        async with AsyncTestClient(app, lifespan="off") as client:
            async with client.open("POST", "/") as exchange:
                await exchange.send(b"one")
                assert await exchange.receive() == b"ONE"
                if by_name:
                    await exchange.disconnect()
                    assert app.received == [piece(b"one"), GONE]
            assert app.received == [piece(b"one"), GONE]


def test_the_response_is_where_a_failure_is_raised(driver: Driver) -> None:
    """The app failed before it started one."""
    with pytest.raises(ValueError, match="broken"), driver.client(fails).open("POST", "/") as exchange:
        exchange.send(b"one")
        exchange.response  # noqa: B018
        pytest.fail("there is no response")


def test_a_failure_that_nobody_asked_for(driver: Driver) -> None:
    """A test that does not look at the response hears of it when it leaves the block."""
    with pytest.raises(ValueError, match="broken"), driver.client(fails).open("POST", "/") as exchange:
        exchange.send(b"one")


def test_nothing_follows_the_end(driver: Driver) -> None:
    """A mistake of the test, said where it is made; the response is not hurt."""
    with driver.client(hello).open("POST", "/x") as exchange:
        exchange.end()
        for again in (lambda: exchange.send(b"more"), exchange.end):
            with pytest.raises(UsageError) as caught:
                again()
            assert str(caught.value) == "The request body of POST /x has been ended: nothing can follow it."
        assert exchange.response.read() == b"POST /x"


@pytest.mark.parametrize(
    "use",
    [
        lambda exchange: exchange.send(b""),
        lambda exchange: exchange.end(),
        lambda exchange: exchange.receive(),
        lambda exchange: exchange.response,
        lambda exchange: exchange.disconnect(),
        lambda exchange: list(exchange),
    ],
    ids=["send", "end", "receive", "response", "disconnect", "iteration"],
)
def test_an_exchange_belongs_into_its_block(driver: Driver, use: Callable[[Any], object]) -> None:
    """The text says what to write."""
    with pytest.raises(UsageError) as caught:
        use(driver.client(hello).open("POST", "/"))
    enter = "async with" if driver.is_async else "with"
    assert str(caught.value) == (
        f'An exchange was used outside of its block. Write: {enter} client.open("POST", url) as exchange: ...'
    )
