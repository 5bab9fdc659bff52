"""Entering and leaving a client: startup, shutdown, and what an app may do instead."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from asgi_lockstep import AsyncTestClient, LifespanFailed, TestClient, UnknownOption, UsageError
from asgi_lockstep._types import ASGI3App, Receive, Scope, Send
from helpers import Listener, accept, answers, body, hello, simple_lifespan, start
from matrix import Driver


def only_lifespan(script: Callable[[Scope, Receive, Send], Any]) -> Listener:
    """An app with this lifespan, that answers requests."""
    return Listener(http=hello, lifespan=script)


def test_startup_and_shutdown(driver: Driver) -> None:
    """lifespan.rst: one scope; startup on entering, shutdown on leaving."""
    app = only_lifespan(simple_lifespan)
    with driver.client(app) as client:
        assert app.received == [{"type": "lifespan.startup"}]
        assert client.get("/a").text == "GET /a"
    assert app.received == [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    assert app.scopes[0]["asgi"] == {"version": "3.0", "spec_version": "2.0"}


def test_a_client_that_is_not_entered_runs_no_lifespan(driver: Driver) -> None:
    """Requests work all the same."""
    app = only_lifespan(simple_lifespan)
    assert driver.client(app).get("/").text == "GET /"
    assert [scope["type"] for scope in app.scopes] == ["http"]


def test_a_client_can_be_entered_again(driver: Driver) -> None:
    """Each time runs the lifespan once; before, between and after, requests work without it."""
    app = only_lifespan(simple_lifespan)
    client = driver.client(app)
    for _ in range(2):
        with client:
            client.get("/")
        client.get("/")
    assert [scope["type"] for scope in app.scopes] == ["lifespan", "http", "http"] * 2


@pytest.mark.client_decides
def test_entering_twice_is_an_error(driver: Driver) -> None:
    """The text names the way to a second user."""
    with driver.client(only_lifespan(simple_lifespan)) as client:
        with pytest.raises(UsageError, match=r"^This client is entered already\. .* use client\.derive\(\)"):
            client.__enter__()
        assert client.get("/").text == "GET /"


def test_startup_and_shutdown_run_in_one_task_on_the_loop_of_the_requests(driver: Driver) -> None:
    """Locks and task groups that are made in the lifespan can be used by requests, and closed after them."""
    if driver.backend == "trio":
        pytest.skip("trio has no loop object; the lifespan is one coroutine on every driver")
    seen: list[Any] = []

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((asyncio.get_running_loop(), asyncio.current_task()))
        await simple_lifespan(scope, receive, send)
        seen.append((asyncio.get_running_loop(), asyncio.current_task()))

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((asyncio.get_running_loop(), seen[0][1]))
        await hello(scope, receive, send)

    with driver.client(Listener(http=http, lifespan=lifespan)) as client:
        client.get("/")
    assert seen == [seen[0]] * 3


async def refuses(scope: Scope, receive: Receive, send: Send) -> None:
    """Knows no lifespan, and says so by raising, as Django does."""
    raise ValueError("Django can only handle ASGI/HTTP connections, not lifespan.")


async def answers_anything(scope: Scope, receive: Receive, send: Send) -> None:
    """Does not look at the scope; its message is refused, and so nothing was sent."""
    await send(start())


async def ignores(scope: Scope, receive: Receive, send: Send) -> None:
    """Knows no lifespan, and returns."""


@pytest.mark.client_decides
@pytest.mark.parametrize("script", [refuses, ignores, answers_anything])
def test_auto_goes_on_without_lifespan(driver: Driver, script: Any) -> None:
    """lifespan.rst, Scope: an app that does nothing with the scope does not support it."""
    with driver.client(only_lifespan(script)) as client:
        assert client.get("/").text == "GET /"


@pytest.mark.client_decides
def test_on_insists(driver: Driver) -> None:
    """With `lifespan="on"` the same app cannot be entered."""
    with pytest.raises(ValueError, match=r"^Django can only"), driver.client(only_lifespan(refuses), lifespan="on"):
        pytest.fail("the block must not be entered")
    with pytest.raises(LifespanFailed, match=r"startup failed"), driver.client(only_lifespan(ignores), lifespan="on"):
        pytest.fail("the block must not be entered")


@pytest.mark.client_decides
def test_off_leaves_it_out(driver: Driver) -> None:
    """With `lifespan="off"` the app sees no lifespan scope."""
    app = only_lifespan(simple_lifespan)
    with driver.client(app, lifespan="off") as client:
        client.get("/")
    assert [scope["type"] for scope in app.scopes] == ["http"]


@pytest.mark.client_decides
def test_an_unknown_mode(driver: Driver) -> None:
    """The text names those that exist."""
    with pytest.raises(UnknownOption) as caught:
        driver.client(hello, lifespan="yes")
    assert str(caught.value) == "lifespan='yes' does not exist; known are 'auto', 'on', 'off'."


async def fails_politely(scope: Scope, receive: Receive, send: Send) -> None:
    """Says that the startup failed, and returns."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


@pytest.mark.client_decides
def test_startup_failed_is_raised(driver: Driver) -> None:
    """Today's client enters all the same, and hangs when it is left."""
    with pytest.raises(LifespanFailed) as caught, driver.client(only_lifespan(fails_politely)):
        pytest.fail("the block must not be entered")
    assert str(caught.value) == "lifespan startup failed: no database"
    assert (caught.value.phase, caught.value.message) == ("startup", "no database")


async def fails_and_raises(scope: Scope, receive: Receive, send: Send) -> None:
    """What Starlette's router does: says so, and lets the exception go on."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "traceback of KeyError: 'url'"})
    raise KeyError("url")


def test_an_exception_in_startup(driver: Driver) -> None:
    """After the app has received the event, an exception is an error and not a lack of support."""

    async def script(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), driver.client(only_lifespan(script)):
        pytest.fail("the block must not be entered")


def test_an_app_that_never_answers_startup_and_returns(driver: Driver) -> None:
    """It is told, and not taken for started."""

    async def script(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()

    with pytest.raises(LifespanFailed) as caught, driver.client(only_lifespan(script)):
        pytest.fail("the block must not be entered")
    assert str(caught.value) == ('lifespan startup failed: the app returned without answering "lifespan.startup"')


def test_a_failed_startup_leaves_the_client_usable(driver: Driver) -> None:
    """Never entered by half: the same client can be entered again."""
    scripts = [fails_politely, simple_lifespan]

    async def script(scope: Scope, receive: Receive, send: Send) -> None:
        await scripts.pop(0)(scope, receive, send)

    client = driver.client(only_lifespan(script))
    with pytest.raises(LifespanFailed), client:
        pytest.fail("the block must not be entered")
    with client:
        assert client.get("/").text == "GET /"


async def fails_to_stop(scope: Scope, receive: Receive, send: Send) -> None:
    """Starts, and says that its shutdown failed."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.failed", "message": "still busy"})


def test_shutdown_failed_is_raised(driver: Driver) -> None:
    """By leaving the block."""
    with (
        pytest.raises(LifespanFailed, match=r"^lifespan shutdown failed: still busy$"),
        driver.client(only_lifespan(fails_to_stop)) as client,
    ):
        client.get("/")


def test_a_failed_shutdown_does_not_replace_the_failure_of_the_test(driver: Driver) -> None:
    """It becomes a note on it, in no group."""
    with pytest.raises(AssertionError) as caught, driver.client(only_lifespan(fails_to_stop)):
        raise AssertionError("the test")
    assert caught.value.__notes__ == [
        "After that, leaving the client failed: LifespanFailed('lifespan shutdown failed: still busy')"
    ]


def test_an_exception_while_running_is_raised_by_leaving(driver: Driver) -> None:
    """An app whose lifespan dies after the startup has failed, although the requests went well."""

    async def script(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), driver.client(only_lifespan(script)) as client:
        client.get("/")


@pytest.mark.parametrize("answer", [True, False])
def test_an_app_that_does_not_wait_for_shutdown(driver: Driver, answer: bool) -> None:
    """Servers exit cleanly whether the app answers `lifespan.shutdown`, or returns (or has returned before)."""

    async def script(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        if answer:
            await receive()

    with driver.client(only_lifespan(script)) as client:
        assert client.get("/").text == "GET /"


@pytest.mark.client_decides
def test_a_derived_client_is_another_user(driver: Driver) -> None:
    """Own cookies, headers and address; the same app, state and lifespan."""
    app = Listener(http=answers(start(200, (b"set-cookie", b"who=ada")), body()), lifespan=simple_lifespan)
    with driver.client(app, headers={"x-user": "ada"}, root_path="/r") as ada:
        bob = ada.derive(headers={"x-user": "bob"}, client=("10.0.0.2", 2))
        ada.get("/")
        with bob:
            bob.get("/")
        ada.get("/")
    _, first, second, third = app.scopes
    assert [scope["client"] for scope in (first, second, third)] == [
        ("testclient", 50000),
        ("10.0.0.2", 2),
        ("testclient", 50000),
    ]
    assert [(b"cookie", b"who=ada") in scope["headers"] for scope in (first, second, third)] == [False, False, True]
    assert (b"x-user", b"bob") in second["headers"]
    assert second["root_path"] == "/r"
    assert app.received == [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]


@pytest.mark.client_decides
def test_a_derived_client_has_what_a_subclass_has_set(driver: Driver) -> None:
    """Suites have clients of their own, with a token, and methods that use it."""

    def make(base: Any) -> Any:
        class WithToken(base):  # type: ignore[misc]
            def __init__(self, app: Any, token: str, **options: Any) -> None:
                super().__init__(app, **options)
                self.token = token

            def build_request(self, *args: Any, **kwargs: Any) -> Any:
                request = super().build_request(*args, **kwargs)
                request.headers["x-token"] = self.token
                return request

        return WithToken

    app = only_lifespan(simple_lifespan)
    base = AsyncTestClient if driver.is_async else TestClient
    with driver.client(app, cls=make(base), token="T", headers={"x-own": "1"}) as client:
        twin = client.derive()
        with twin:
            twin.get("/")
        assert (twin.token, getattr(twin, "portal", None)) == ("T", None)
    headers = dict(app.scopes[-1]["headers"])
    assert (headers[b"x-token"], headers.get(b"x-own")) == (b"T", None)


def test_a_derived_client_opens_websockets(driver: Driver) -> None:
    """Several users in one app at once, on one loop."""

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await send({"type": "websocket.send", "text": str(scope["client"][0])})
        await receive()

    with driver.client(Listener(websocket=websocket, lifespan=simple_lifespan)) as client:
        other = client.derive(client=("10.0.0.2", 2))
        with client.websocket_connect("/") as one, other.websocket_connect("/") as two:
            assert (one.receive_text(), two.receive_text()) == ("testclient", "10.0.0.2")


def test_the_attributes_of_an_entered_client(sync_driver: Driver) -> None:
    """`portal`, `task` and `exit_stack`, as public code uses them."""
    left: list[bool] = []

    async def double(number: int) -> int:
        return 2 * number

    client: Any = sync_driver.client(only_lifespan(simple_lifespan))
    portals = [client.portal]
    with client:
        assert client.run(double, 21) == client.portal.call(double, 21) == 42
        assert not client.task.done()
        client.exit_stack.callback(left.append, True)
        assert client.async_backend["backend"] == sync_driver.backend
    assert ([*portals, client.portal], client.task.result(), left) == ([None, None], None, [True])


def test_responses_that_are_open_are_aborted_by_leaving(driver: Driver) -> None:
    """The app sees the client go, and the lifespan ends after that."""
    events: list[str] = []

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(start())
        await send(body(b"x", more=True))
        events.append((await receive())["type"])

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        await simple_lifespan(scope, receive, send)
        events.append("stopped")

    app: ASGI3App = Listener(http=http, lifespan=lifespan)
    with driver.client(app) as client:
        client.send(client.build_request("GET", "/"), stream=True)
    assert events == ["http.disconnect", "stopped"]
