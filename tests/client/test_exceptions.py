"""What an app raises, and where the test finds it."""

from __future__ import annotations

import inspect
from typing import Any
from unittest import mock

import anyio
import pytest

from asgi_lockstep import AsyncTestClient, NoResponse, ProtocolViolation, TestClient
from asgi_lockstep._types import Message, Receive, Scope, Send
from either import Either
from helpers import accept, answers, body, hello, start
from matrix import Driver


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    """Raises before anything was sent."""
    raise KeyError("boom")


def test_the_exception_of_the_app_is_raised(driver: Driver) -> None:
    """Plain and original, in no group."""
    with pytest.raises(KeyError) as caught:
        driver.client(fails).get("/")
    assert repr(caught.value) == "KeyError('boom')"


class Failures(ExceptionGroup[Exception]):
    """A group with a field of its own; Python's `split()` makes plain groups of it."""

    advice = ""


def test_a_group_that_the_app_raises_is_raised(driver: Driver) -> None:
    """The very group, with its class and its fields."""
    failure = Failures("two", [ValueError(1), KeyError(2)])
    failure.advice = "none"

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise failure

    with pytest.raises(Failures) as caught:
        driver.client(app).get("/")
    assert caught.value is failure


def test_without_raising_it_is_a_500(driver: Driver) -> None:
    """With an empty body, as a server answers."""
    response = driver.client(fails, raise_server_exceptions=False).get("/")
    assert (response.status_code, response.content) == (500, b"Internal Server Error")


@pytest.mark.parametrize("where", ["client", "transport"])
def test_raising_can_be_switched_on_a_client(driver: Driver, where: str) -> None:
    """`client.raise_server_exceptions`, and the private way that public code uses."""
    client = driver.client(fails)
    if where == "client":
        client.raise_server_exceptions = False
    else:
        client._transport.raise_server_exceptions = False
    assert client.get("/").status_code == 500
    assert not client.raise_server_exceptions


async def fails_after_start(scope: Scope, receive: Receive, send: Send) -> None:
    """Raises in the middle of its response."""
    await send(start())
    await send(body(b"half", more=True))
    raise KeyError("boom")


def test_an_exception_after_the_start_is_raised_where_the_rest_is_missing(driver: Driver) -> None:
    """A stream gives what was sent, and then raises; it does not raise again when it is left."""
    with driver.client(fails_after_start).stream("GET", "/") as response:
        chunks = response.iter_raw()
        assert next(chunks) == b"half"
        with pytest.raises(KeyError, match="boom"):
            next(chunks)


def test_an_exception_after_the_start_is_raised_by_leaving(driver: Driver) -> None:
    """If nobody read as far as that."""
    with pytest.raises(KeyError, match="boom"), driver.client(fails_after_start).stream("GET", "/") as response:
        chunks = response.iter_raw()
        assert next(chunks) == b"half"


def test_the_exception_of_the_test_is_not_replaced_by_leaving(driver: Driver) -> None:
    """The app's becomes a note on it."""
    with (
        pytest.raises(ZeroDivisionError) as caught,
        driver.client(fails_after_start).stream("GET", "/x") as response,
    ):
        chunks = response.iter_raw()
        next(chunks)
        raise ZeroDivisionError
    assert caught.value.__notes__ == ["After that, the app failed in GET /x: KeyError('boom')"]


async def fails_afterwards(scope: Scope, receive: Receive, send: Send) -> None:
    """Raises after a complete response, as a background task does."""
    await send(start())
    await send(body(b"all"))
    raise KeyError("background")


def test_an_exception_after_a_complete_response_is_raised(driver: Driver) -> None:
    """The response was fine, and the app was not."""
    with pytest.raises(KeyError, match="background"):
        driver.client(fails_afterwards).get("/")


def test_without_raising_a_complete_response_counts(driver: Driver) -> None:
    """It is returned as it is."""
    response = driver.client(fails_afterwards, raise_server_exceptions=False).get("/")
    assert (response.status_code, response.content) == (200, b"all")


def test_an_app_that_sends_nothing(driver: Driver) -> None:
    """Today's words, and what to do about it."""
    with pytest.raises(AssertionError) as caught:
        driver.client(answers()).get("/x")
    assert isinstance(caught.value, NoResponse)
    assert str(caught.value) == (
        "TestClient did not receive any response. The app returned from GET /x without sending "
        '"http.response.start": await a response on every path through it.'
    )


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([start(), start()], 'Received multiple "http.response.start" messages.'),
        ([body()], 'Received "http.response.body" without "http.response.start".'),
        ([start(), body(), body()], 'Received "http.response.body" after response completed.'),
        (
            [start(), {"type": "http.response.trailers"}],
            'Received "http.response.trailers" without declaring trailers.',
        ),
        (
            [start(), {"type": "http.response.early_hint"}],
            'Received "http.response.early_hint", but scope["extensions"] does not offer it.',
        ),
    ],
)
def test_messages_out_of_order_are_raised_in_the_app(driver: Driver, messages: list[Message], words: str) -> None:
    """Out of `send()`, so that the app's own handling runs as on a server; the test sees it if nobody does."""
    *before, last = messages
    caught: list[ProtocolViolation] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in before:
            await send(message)
        try:
            await send(last)
        except ProtocolViolation as violation:
            caught.append(violation)
            raise

    with pytest.raises(AssertionError) as raised:
        driver.client(app, extensions=["http.response.trailers"]).get("/")
    assert raised.value is caught[0]
    assert str(raised.value).startswith(words)


def test_an_app_may_handle_its_own_violation(driver: Driver) -> None:
    """What was refused was not sent: the response goes on."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(201))
        with pytest.raises(ProtocolViolation):
            await send(start(500))
        await send(body(b"fine"))

    response = driver.client(app).get("/")
    assert (response.status_code, response.text) == (201, "fine")


def test_the_client_goes_on_after_a_failure(driver: Driver) -> None:
    """A failed request leaves nothing behind that the next one would see."""
    failures = [KeyError("once")]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if failures:
            raise failures.pop()
        await hello(scope, receive, send)

    with driver.client(app, lifespan="off") as client:
        with pytest.raises(KeyError):
            client.get("/")
        assert client.get("/").text == "GET /"


def test_system_exit_ends_the_test_run(sync_driver: Driver) -> None:
    """It is raised as what it is, and not turned into a response."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit, match="3"):
        sync_driver.client(app, raise_server_exceptions=True).get("/")


def test_an_exception_reaches_the_test_as_it_is(driver: Driver) -> None:
    """The `match=` of pytest sees notes, too: there is none, whatever the app was called for."""
    failure = ValueError("broken")

    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/late":
            await send(start())
            await send(body(b"one", more=True))
        elif scope["path"] == "/chat":
            await accept(receive, send)
        raise failure

    client = driver.client(fails)
    with pytest.raises(ValueError, match=r"\Abroken\Z"):
        client.get("/now")
    with pytest.raises(ValueError, match=r"\Abroken\Z"), client.stream("GET", "/late") as response:
        response.read()
    with pytest.raises(ValueError, match=r"\Abroken\Z"), client.stream("GET", "/late"):
        pass
    with pytest.raises(ValueError, match=r"\Abroken\Z"), client.websocket_connect("/"):
        pytest.fail("the block must not be entered")
    with pytest.raises(ValueError, match=r"\Abroken\Z"), client.websocket_connect("/chat") as session:
        session.receive_text()
    with pytest.raises(ValueError, match=r"\Abroken\Z"), client.websocket_connect("/chat"):
        pass
    assert not hasattr(failure, "__notes__")


async def works_on(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers, and has more to do behind its response."""
    await send(start())
    await send(body(b"accepted"))
    await anyio.sleep_forever()


def test_the_line_that_has_sent_a_request(sync_driver: Driver) -> None:
    """Of a stream it is the one that opens it."""
    frame = inspect.currentframe()
    assert frame is not None
    client = sync_driver.client(works_on, background="detach", on_disconnect="cancel")
    with client.stream("GET", "/late") as response:
        line = frame.f_lineno - 1
        response.read()
    assert [work.sent_at for work in client.background] == [f"{__file__}:{line}"]


async def test_the_line_of_an_async_test(anyio_backend: Any) -> None:
    """The frame that awaits is the one that counts."""
    frame = inspect.currentframe()
    assert frame is not None
    async with AsyncTestClient(works_on, lifespan="off", background="detach", on_disconnect="cancel") as client:
        await client.get("/now")
        line = frame.f_lineno - 1
        assert [work.sent_at for work in client.background] == [f"{__file__}:{line}"]


def test_the_line_of_the_test_where_others_wrap_the_client(either: Either) -> None:
    """A mock, or a library that traces what is sent, stands between."""
    seen: list[str] = []

    async def get(client: Any) -> None:
        await client.get("/now")
        seen.extend(work.sent_at for work in client.background)

    client = AsyncTestClient if either.is_async else TestClient
    with mock.patch.object(client, "send", autospec=True, side_effect=client.send):
        either.run(works_on, get, background="detach", on_disconnect="cancel")
    assert seen == [f"{__file__}:{get.__code__.co_firstlineno + 1}"]
