"""The cookies of a client are asked for of its jar once, and again as soon as it could say something else."""

from __future__ import annotations

from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import pytest

from asgi_lockstep import TestClient
from asgi_lockstep._httpx import httpx
from asgi_lockstep._types import Receive, Scope, Send
from helpers import body, start


async def shows_cookies(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the cookies that it was sent."""
    await send(start())
    await send(body(dict(scope["headers"]).get(b"cookie", b"none")))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The URLs for which a jar was asked."""
    urls: list[str] = []
    original = httpx.Cookies.set_cookie_header

    def set_cookie_header(self: httpx.Cookies, request: httpx.Request) -> None:
        urls.append(str(request.url))
        original(self, request)

    monkeypatch.setattr(httpx.Cookies, "set_cookie_header", set_cookie_header)
    return urls


def test_a_jar_that_stands_as_before_is_not_asked_again(asked: list[str]) -> None:
    """For the same URL and the same headers."""
    client = TestClient(shows_cookies, cookies={"a": "1"})
    assert [client.get("/").text for _ in range(3)] == ["a=1"] * 3
    first = len(asked)
    assert client.get("/").text == "a=1"
    assert len(asked) == first
    assert client.get("/other").text == "a=1"
    assert client.get("/", headers={"x": "y"}).text == "a=1"
    assert len(asked) > first


CHANGES: dict[str, tuple[Callable[[Any], object], str]] = {
    "another value": (lambda cookies: cookies.set("a", "2"), "a=2"),
    "another cookie": (lambda cookies: cookies.set("b", "2"), "a=1; b=2"),
    "a cookie of its own": (lambda cookies: setattr(next(iter(cookies.jar)), "value", "3"), "a=3"),
    "none": (lambda cookies: cookies.clear(), "none"),
    "another policy": (lambda cookies: cookies.jar.set_policy(DefaultCookiePolicy(blocked_domains=[""])), "none"),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_a_jar_that_was_changed_is_asked_again(change: Callable[[Any], object], expected: str) -> None:
    """Whoever has changed it, and what of it."""
    client = TestClient(shows_cookies, cookies={"a": "1"})
    assert [client.get("/").text for _ in range(2)] == ["a=1"] * 2
    change(client.cookies)
    assert [client.get("/").text for _ in range(2)] == [expected] * 2


class Counting(CookieJar):
    """A jar of the user's."""


class Policy(DefaultCookiePolicy):
    """A policy of the user's."""


def expiring() -> CookieJar:
    """A jar with a cookie that ends some time."""
    cookies = httpx.Cookies({"a": "1"})
    next(iter(cookies.jar)).expires = 2**33
    return cookies.jar


def of_the_user() -> CookieJar:
    """A jar of another class."""
    jar = Counting()
    jar.set_cookie(next(iter(httpx.Cookies({"a": "1"}).jar)))
    return jar


def with_a_policy() -> CookieJar:
    """A jar with another policy."""
    jar = httpx.Cookies({"a": "1"}).jar
    jar.set_policy(Policy())
    return jar


@pytest.mark.parametrize("make", [expiring, of_the_user, with_a_policy])
def test_a_jar_is_asked_each_time_where_more_than_its_cookies_decides(
    make: Callable[[], CookieJar], asked: list[str]
) -> None:
    """The time, or code of the user's."""
    client = TestClient(shows_cookies, cookies=make())
    client.get("/")
    asked.clear()
    assert [client.get("/").text for _ in range(2)] == ["a=1"] * 2
    assert asked == ["http://testserver/"] * 2


def test_two_clients_do_not_share_their_cookies() -> None:
    """But for them they say the same."""
    clients = [TestClient(shows_cookies, cookies={"a": value}) for value in "12"]
    assert [client.get("/").text for client in clients * 2] == ["a=1", "a=2"] * 2
