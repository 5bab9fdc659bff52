"""A response that was there at once is, to whoever asks, what httpx makes of it."""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from asgi_lockstep import AsyncLockstepResponse, AsyncTestClient, LockstepResponse, TestClient
from asgi_lockstep._client.http.whole_response import AsyncWholeResponse, WholeResponse
from asgi_lockstep._httpx import CHOICE, httpx
from asgi_lockstep._types import Receive, Scope, Send
from helpers import body, start


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers at once."""
    await send({**start(), "headers": [(b"content-type", b"application/json"), (b"link", b"</a>; rel=next")]})
    await send(body(b'{"a": 1}'))


def whole() -> WholeResponse:
    """Such a response."""
    response = TestClient(app).get("/path?q=1")
    assert isinstance(response, WholeResponse)
    return response


def usual() -> httpx.Response:
    """The same, as httpx has made it."""
    response = whole()
    response.become_usual()
    assert type(response) is LockstepResponse
    return response


def shown(response: httpx.Response, name: str) -> str:
    """What a public name of a response says; of a method, what it returns."""
    found = getattr(response, name)
    try:
        return repr(list(found()) if name.startswith("iter_") else found() if callable(found) else found)
    except Exception as exc:
        return repr(exc)


#: What is another object each time, and has tests of its own.
OBJECTS = {"elapsed", "request", "stream", "raise_for_status", "cookies"}

NAMES = sorted(
    name for name in {*dir(httpx.Response), *vars(usual())} - OBJECTS if not name.startswith(("_", "a", "expect"))
)


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_says_the_same(name: str) -> None:
    """Asked first, and asked again."""
    response = whole()
    assert [shown(response, name), shown(response, name)] == [shown(usual(), name), shown(response, name)]
    assert shown(response, "text") == shown(usual(), "text")


@pytest.mark.parametrize("name", ["read", "iter_bytes", "iter_text", "iter_lines", "num_bytes_downloaded", "stream"])
def test_who_asks_for_more_gets_what_httpx_has_made(name: str) -> None:
    """And nothing of ours is left."""
    response = whole()
    shown(response, name)
    assert type(response) is LockstepResponse
    assert {key for key in vars(response) if not key.startswith("_")} == {
        key for key in vars(usual()) if not key.startswith("_")
    }


@pytest.mark.parametrize(
    "use",
    [
        lambda response: response.status_code,
        lambda response: response.headers["content-type"],
        lambda response: (response.content, response.text, response.json()),
        lambda response: (response.url, response.request, response.is_success, response.reason_phrase),
    ],
)
def test_what_most_tests_ask_for_is_there(use: Callable[[Any], object]) -> None:
    """Without anything being made."""
    response = whole()
    use(response)
    assert type(response) is WholeResponse


def test_a_private_name_of_httpx_is_there_too() -> None:
    """Tests of Starlette look at `_content`; what nobody has is an error of the usual class."""
    response = whole()
    assert vars(usual())["_content"] == response._content
    assert type(response) is LockstepResponse
    with pytest.raises(AttributeError, match=r"^'LockstepResponse' object has no attribute 'nonsense'$"):
        whole().nonsense  # noqa: B018
    assert not hasattr(whole(), "nonsense")


@pytest.mark.parametrize("is_async", [False, True])
def test_where_the_log_is_read_httpx_makes_the_response(is_async: bool, caplog: pytest.LogCaptureFixture) -> None:
    """It says what it has sent, also where the app itself has set the level meanwhile; and the app is called once."""
    called: list[Scope] = []

    async def listens(scope: Scope, receive: Receive, send: Send) -> None:
        called.append(scope)
        caplog.set_level(logging.INFO, CHOICE.name)
        await app(scope, receive, send)

    async def request() -> httpx.Response:
        async with AsyncTestClient(listens, lifespan="off") as client:
            return await client.get("/path?q=1")

    response = asyncio.run(request()) if is_async else TestClient(listens).get("/path?q=1")
    assert type(response) is (AsyncLockstepResponse if is_async else LockstepResponse)
    said = f'HTTP Request: GET {response.url} "HTTP/1.1 200 OK"'
    assert [record.getMessage() for record in caplog.records if record.name == CHOICE.name] == [said]
    assert len(called) == 1


def test_its_request_is_one_object() -> None:
    """Made when somebody looks."""
    response = whole()
    assert response.request is response.request
    assert (response.request.method, str(response.request.url)) == ("GET", "http://testserver/path?q=1")
    assert response.raise_for_status() is response
    request = response.request
    response.read()
    assert response.request is request


def test_what_is_set_stays_set() -> None:
    """On both sides of becoming usual."""
    response = whole()
    response.encoding = "latin-1"
    response.status_code = 418
    response.request = httpx.Request("PUT", "http://other/")
    assert (response.encoding, response.status_code, response.url.host) == ("latin-1", 418, "other")


@pytest.mark.parametrize("again", [copy.copy, lambda response: pickle.loads(pickle.dumps(response))])
def test_it_can_be_copied(again: Callable[[Any], Any]) -> None:
    """What comes out is a usual one."""
    copied = again(whole())
    assert (type(copied), copied.text, copied.is_closed) == (LockstepResponse, '{"a": 1}', True)


def test_an_encoding_that_is_a_function_sees_the_body() -> None:
    """Also one that is set later."""
    seen: list[bytes] = []

    def decide(content: bytes) -> str:
        seen.append(content)
        return "latin-1"

    response = whole()
    response.default_encoding = decide
    assert (response.encoding, seen) == ("latin-1", [b'{"a": 1}'])


def test_it_tells_how_long_it_took() -> None:
    """As soon as it is there."""
    assert 0 < whole().elapsed.total_seconds() < 60


def test_one_of_the_async_client_becomes_an_async_one() -> None:
    """Its stream can be read, and only by awaiting."""

    async def main() -> list[object]:
        response = await AsyncTestClient(app).get("/")
        first, content = type(response), await response.aread()
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        return [first, content, type(response), [piece async for piece in stream]]

    assert asyncio.run(main()) == [AsyncWholeResponse, b'{"a": 1}', AsyncLockstepResponse, [b'{"a": 1}']]
