"""What can be passed as an app, and what the client says about the rest."""

from __future__ import annotations

import functools
import types
from typing import Any

import anyio
import pytest

from asgi_lockstep import AsyncTestClient, NotAnASGIApp, TestClient, WrongColour
from asgi_lockstep._client.app_kinds import is_asgi3
from asgi_lockstep._types import Receive, Scope, Send
from helpers import hello
from matrix import Driver

module = types.ModuleType("shop")


def wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """An application of the older kind."""
    return []


class Callable3:
    """An object that is an ASGI 3 app."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say hello."""
        await hello(scope, receive, send)


class Class2:
    """A class that is an ASGI 2 app: making one is the first call."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, receive: Receive, send: Send) -> None:
        """Say hello."""
        await hello(self.scope, receive, send)


@pytest.mark.parametrize(
    ("app", "text"),
    [
        (module, "app is the module 'shop'. Pass the application in it, for example TestClient(shop.app)."),
        ("main:app", "app is the string 'main:app'. Import the application and pass the object itself."),
        (5, "app is 5, which cannot be called. Pass an application: async def app(scope, receive, send)."),
        (
            wsgi,
            "wsgi takes (environ, start_response): it is a WSGI application. Wrap it first, for example "
            "a2wsgi.WSGIMiddleware(app), or test it with httpx2.WSGITransport.",
        ),
    ],
    ids=["module", "string", "number", "wsgi"],
)
def test_what_cannot_be_an_app(app: Any, text: str) -> None:
    """The text says what it is, and what to pass instead; where the client is made."""
    with pytest.raises(NotAnASGIApp) as caught:
        TestClient(app)
    assert str(caught.value) == text
    assert caught.value.app is app


def test_a_coroutine_is_not_an_app() -> None:
    """The function was called; nobody hears that it "was never awaited" on top of that."""
    called: Any = hello({}, None, None)  # type: ignore[arg-type]
    with pytest.raises(NotAnASGIApp) as caught:
        TestClient(called)
    assert str(caught.value) == (
        "app is a coroutine object: hello() was called. Pass the function itself: TestClient(hello)."
    )


class Factory3:
    """A class of ASGI 3 apps; with one argument, as of a middleware, it is not one of ASGI 2."""

    def __init__(self, app: object = None) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say hello."""
        await hello(scope, receive, send)


class Nothing:
    """A class that has nothing to do with ASGI."""


def make_app() -> object:
    """Makes an app."""
    return Callable3()


async def make_app_slowly(config: object = None) -> object:
    """The same, to be awaited."""
    return Callable3()


FIRST = "If calling it makes the application, call it first: TestClient({})."
TAKES_NOTHING = "does not take scope, receive and send."


@pytest.mark.parametrize(
    ("app", "text"),
    [
        (Callable3, f"Callable3 is a class, and what it makes is the application. {FIRST.format('Callable3()')}"),
        (Factory3, f"Factory3 is a class, and what it makes is the application. {FIRST.format('Factory3()')}"),
        (Nothing, f"Nothing {TAKES_NOTHING} {FIRST.format('Nothing()')}"),
        (make_app, f"make_app {TAKES_NOTHING} {FIRST.format('make_app()')}"),
        (make_app_slowly, f"make_app_slowly {TAKES_NOTHING} {FIRST.format('await make_app_slowly()')}"),
    ],
    ids=["class", "class-of-middleware", "any-class", "factory", "async-factory"],
)
@pytest.mark.parametrize("kind", [TestClient, AsyncTestClient])
def test_what_makes_an_app_is_none(kind: Any, app: Any, text: str) -> None:
    """It has to be called first; said where the client is made."""
    with pytest.raises(NotAnASGIApp) as caught:
        kind(app)
    assert str(caught.value) == text


@pytest.mark.parametrize("made", [Callable3(), None, hello], ids=["app", "nothing", "function"])
def test_a_factory_that_could_be_an_app_of_asgi2(driver: Driver, made: Any) -> None:
    """It takes one argument, as such an app does; what it returns shows that it is none."""

    def factory(config: object = None) -> Any:
        return made

    with pytest.raises(NotAnASGIApp) as caught:
        driver.client(factory).get("/")
    assert str(caught.value) == (
        f"factory returned {made!r} for a scope, which does not take receive and send. {FIRST.format('factory()')}"
    )


@pytest.mark.parametrize(
    "app", [hello, lambda scope, receive, send: hello(scope, receive, send)], ids=["def", "lambda"]
)
def test_a_function_of_three_arguments_is_an_app(driver: Driver, app: Any) -> None:
    """Whether it says that it is async or not: what it returns is awaited."""
    assert driver.client(app).get("/x").text == "GET /x"


@pytest.mark.parametrize("app", [hello, Callable3(), functools.partial(hello)], ids=["function", "object", "partial"])
def test_asgi3_apps(app: Any) -> None:
    """Whatever returns a coroutine for scope, receive and send."""
    assert is_asgi3(app)
    assert TestClient(app).get("/x").text == "GET /x"


def test_a_class_of_asgi2() -> None:
    """asgi.rst, Legacy Applications."""
    assert not is_asgi3(Class2)
    assert TestClient(Class2).get("/x").text == "GET /x"


def test_async_with_on_the_sync_client() -> None:
    """The text says which client, and what to write."""

    async def enter(manager: Any) -> None:
        async with manager:
            pytest.fail("the block must not be entered")

    client = TestClient(hello)
    with pytest.raises(WrongColour) as caught:
        anyio.run(enter, client)
    assert str(caught.value) == (
        "`async with` does not work on TestClient. Write `with`, or use AsyncTestClient in async tests."
    )
    with pytest.raises(WrongColour, match=r"^`async with` does not work on a session of TestClient\. Write `with`"):
        anyio.run(enter, client.websocket_connect("/"))


def test_with_on_the_async_client() -> None:
    """The reverse."""
    client: Any = AsyncTestClient(hello)
    with pytest.raises(WrongColour) as caught, client:
        pytest.fail("the block must not be entered")
    assert str(caught.value) == (
        "`with` does not work on AsyncTestClient. Write `async with`, or use TestClient in sync tests."
    )
    with pytest.raises(WrongColour, match=r"^`with` does not work on a session of"), client.websocket_connect("/"):
        pytest.fail("the block must not be entered")


def test_closing_a_client_in_the_wrong_way() -> None:
    """Each has one of the two methods."""
    with pytest.raises(WrongColour, match=r"^`aclose\(\)` does not work on TestClient\. Write `client\.close\(\)`"):
        TestClient(hello).aclose()
    with pytest.raises(WrongColour, match=r"^`close\(\)` does not work on AsyncTestClient\. Write `await client\."):
        AsyncTestClient(hello).close()
