"""What is remembered of a URL is what httpx makes of it, also where two that differ look alike."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest

from asgi_lockstep import TestClient
from asgi_lockstep._httpx import httpx
from asgi_lockstep._types import Receive, Scope, Send
from helpers import body, start


class Name(str, Enum):  # noqa: UP042 - `str()` of a StrEnum is its value
    """A text that is equal to another one, and says something else."""

    X = "x"


#: Arguments that are equal as keys, or might be taken for the same, and that httpx may tell apart.
ALIKE: dict[str, list[dict[str, Any]]] = {
    "none and no parameters": [{}, {"params": {}}, {"params": None}, {"params": []}],
    "numbers": [{"params": {"x": 1}}, {"params": {"x": True}}, {"params": {"x": 1.0}}, {"params": {"x": "1"}}],
    "names of numbers": [{"params": {1: "x"}}, {"params": {True: "x"}}, {"params": {"1": "x"}}],
    "names that are equal": [{"params": {"x": "1"}}, {"params": {Name.X: "1"}}],
    "values that are equal": [{"params": {"x": "x"}}, {"params": {"x": Name.X}}],
    "orders": [{"params": {"x": "1", "y": "2"}}, {"params": {"y": "2", "x": "1"}}],
    "names of headers": [{"headers": {"x": "1"}}, {"headers": {Name.X: "1"}}, {"headers": {"X": "1"}}],
    "values of headers": [{"headers": {"x": "x"}}, {"headers": {"x": Name.X}}],
}


async def shows(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the query and the headers that it was sent."""
    await send(start())
    await send(body(repr((scope["query_string"], scope["headers"])).encode()))


#: Parameters of clients, of which some say nothing by themselves.
OF_CLIENTS: list[Any] = [None, {}, {"": []}, {"x": [], "y": "1"}, {"y": "1"}, {"y": "1", "x": []}, "y=1"]

URLS = pytest.mark.parametrize(
    "url", ["/path?c", httpx.URL("/path?c"), httpx.URL("http://testserver/path?c")], ids=repr
)


def assert_as_httpx(client: TestClient, url: Any, said: dict[str, Any]) -> None:
    """The app sees the query and the headers of the request that httpx builds."""
    request = client.build_request("GET", url, **said)
    lines = [(name.lower(), value) for name, value in request.headers.raw]
    assert client.get(url, **said).text == repr((request.url.query, lines))


@URLS
@pytest.mark.parametrize("alike", ALIKE.values(), ids=ALIKE)
def test_what_looks_alike_is_told_apart(url: Any, alike: list[dict[str, Any]]) -> None:
    """By each client, of which each remembers what the first one has made of them."""
    for said in alike:
        assert_as_httpx(TestClient(shows), url, said)


@URLS
@pytest.mark.parametrize("said", [{}, {"params": {}}, {"params": {"x": "2"}}], ids=repr)
def test_clients_that_look_alike_are_told_apart(url: Any, said: dict[str, Any]) -> None:
    """By what their parameters make of those of a request."""
    for params in OF_CLIENTS:
        assert_as_httpx(TestClient(shows, params=params), url, said)
