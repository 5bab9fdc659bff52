"""What `lifespan.rst` asks of a server: one call around all others, and what they share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import anyio.lowlevel
import pytest

from asgi_lockstep import LifespanFailed
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, body, hello, reads_to_the_disconnect, simple_lifespan, start
from matrix import Driver
from server_rules.looks import one_of_each

pytestmark = pytest.mark.client_decides

#: What the tests call by its name: the loop on which something runs.
LOOP: anyio.lowlevel.RunVar[str] = anyio.lowlevel.RunVar("LOOP")


def lifespan_of(driver: Driver, script: Callable[[Scope, Receive, Send], Any], **options: Any) -> Listener:
    """The app, after a lifespan by `script` with one request in it."""
    app = Listener(http=hello, lifespan=script)
    with driver.client(app, **options) as client:
        client.get("/")
    return app


async def takes_its_time(phase: str, receive: Receive, send: Send, events: list[Any]) -> None:
    """Answers startup or shutdown only after some passes of the loop, and says when it does."""
    assert await receive() == {"type": f"lifespan.{phase}"}
    for _ in range(3):
        await anyio.lowlevel.checkpoint()
    events.append(f"{phase} answered")
    await send({"type": f"lifespan.{phase}.complete"})


def events_of(driver: Driver) -> list[Any]:
    """What happens in which order, with an app that takes its time for startup and shutdown."""
    events: list[Any] = []

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        events.append("called")
        await takes_its_time("startup", receive, send, events)
        await takes_its_time("shutdown", receive, send, events)
        events.append("returns")

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        events.append("request")
        await hello(scope, receive, send)

    with driver.client(Listener(http=http, lifespan=lifespan)) as client:
        events.append("entered")
        client.get("/")
    events.append("left")
    return events


def failing(phase: str) -> Callable[[Scope, Receive, Send], Any]:
    """A lifespan that says of its startup or its shutdown that it has failed."""

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        if phase == "shutdown":
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": f"lifespan.{phase}.failed", "message": "no database"})

    return lifespan


def test_type(driver: Driver) -> None:
    """LS-01: the type of a lifespan is "lifespan"."""
    assert one_of_each(driver).scopes[0]["type"] == "lifespan"


def test_versions(driver: Driver) -> None:
    """LS-02: a lifespan has the version of ASGI, and that of its specification, both str."""
    assert one_of_each(driver).scopes[0]["asgi"] == {"version": "3.0", "spec_version": "2.0"}


def test_state(driver: Driver) -> None:
    """LS-03: a lifespan has a dict for its state, and that is empty when it begins."""

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        states.append(dict(scope["state"]))
        scope["state"]["filled"] = True
        await simple_lifespan(scope, receive, send)

    states: list[dict[str, Any]] = []
    lifespan_of(driver, lifespan)
    assert states == [{}]


def test_copies_of_the_state(driver: Driver) -> None:
    """LS-04: what a request puts into its state is its own; what lies in the state is shared."""

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"].update(count=0, paths=[])
        await simple_lifespan(scope, receive, send)

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["count"] += 1
        scope["state"]["paths"].append(scope["path"])
        await hello(scope, receive, send)

    app = Listener(http=http, lifespan=lifespan)
    with driver.client(app) as client:
        client.get("/a")
        client.get("/b")
    paths = ["/a", "/b"]
    assert [scope["state"] for scope in app.scopes] == [{"count": count, "paths": paths} for count in (0, 1, 1)]


def test_an_app_without_a_lifespan(driver: Driver) -> None:
    """LS-05: where the app raises on a lifespan, or on its startup, requests are served, and it hears no more of it."""

    async def raises(scope: Scope, receive: Receive, send: Send) -> None:
        raise NotImplementedError

    async def raises_on_startup(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise NotImplementedError

    assert lifespan_of(driver, raises).received == []
    # Where a test wants to see exceptions of the app, one that has taken the startup is shown to it.
    app = lifespan_of(driver, raises_on_startup, raise_server_exceptions=False)
    assert app.received == [{"type": "lifespan.startup"}]
    assert [scope["type"] for scope in app.scopes] == ["lifespan", "http"]


def test_the_loop_of_the_lifespan(driver: Driver) -> None:
    """LS-06: there is one lifespan for a loop, and requests run on the same one."""

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        LOOP.set("of the lifespan")
        await simple_lifespan(scope, receive, send)

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        app.events.append(LOOP.get(None))
        await hello(scope, receive, send)

    app = Listener(http=http, lifespan=lifespan)
    with driver.client(app) as client:
        client.get("/")
        client.get("/")
    assert app.events == ["of the lifespan", "of the lifespan"]
    assert [scope["type"] for scope in app.scopes] == ["lifespan", "http", "http"]


def test_how_long_a_lifespan_lasts(driver: Driver) -> None:
    """LS-07: the call for a lifespan goes on from before the first request until the client is left."""
    events = events_of(driver)
    assert [event for event in events if event in ("called", "request", "returns")] == ["called", "request", "returns"]


def test_startup(driver: Driver) -> None:
    """LR-01: the startup comes before any request, and has a type alone."""
    app = one_of_each(driver)
    assert app.received[0] == {"type": "lifespan.startup"}
    assert app.scopes[0]["type"] == "lifespan"


def test_shutdown(driver: Driver) -> None:
    """LR-02: the shutdown has a type alone, and comes when each response that was still open has ended."""

    async def streams(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"one", more=True))
        await reads_to_the_disconnect(scope, receive, send)

    app = Listener(http=streams, lifespan=simple_lifespan)
    with ExitStack() as left_later, driver.client(app) as client:
        left_later.enter_context(client.stream("GET", "/"))
    assert app.received[-2:] == [{"type": "http.disconnect"}, {"type": "lifespan.shutdown"}]


def test_requests_wait_for_the_startup(driver: Driver) -> None:
    """LW-01: no request is served before the app has answered the startup."""
    assert events_of(driver)[:4] == ["called", "startup answered", "entered", "request"]


def test_a_startup_that_failed(driver: Driver) -> None:
    """LW-02: a startup that failed is an end: its message is shown, and no request is served."""
    app = Listener(http=hello, lifespan=failing("startup"))
    with pytest.raises(LifespanFailed, match=r"^lifespan startup failed: no database$"), driver.client(app):
        pytest.fail("the block must not be entered")
    assert [scope["type"] for scope in app.scopes] == ["lifespan"]


def test_the_end_waits_for_the_shutdown(driver: Driver) -> None:
    """LW-03: a client is left only when the app has answered the shutdown."""
    assert events_of(driver)[4:] == ["shutdown answered", "returns", "left"]


def test_a_shutdown_that_failed(driver: Driver) -> None:
    """LW-04: the message of a shutdown that failed is shown, and the client is left all the same."""
    client = driver.client(Listener(http=hello, lifespan=failing("shutdown")))
    with pytest.raises(LifespanFailed, match=r"^lifespan shutdown failed: no database$"), client:
        client.get("/")
    assert client.get("/after").text == "GET /after"
