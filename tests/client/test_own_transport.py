"""Clients of httpx2 that are not ours, over our transports."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, Literal

import anyio
import httpx
import httpx2
import pytest

from asgi_lockstep import (
    AsyncLockstepTransport,
    IncompleteResponse,
    LockstepTransport,
    ProtocolViolation,
    UsageError,
    WrongColour,
)
from asgi_lockstep._types import ASGIApp, Message, Receive, Scope, Send
from blocking import Blocking
from helpers import answers, body, hello, read_body, simple_lifespan, start
from matrix import Driver

BASE = "http://testserver"


def transport_of(driver: Driver, app: ASGIApp, **options: Any) -> Any:
    """The transport for clients of this driver."""
    if driver.is_async:
        return AsyncLockstepTransport(app, **options)
    transport = LockstepTransport(app, **{**driver.options, **options})
    driver._stack.callback(transport.close)
    return transport


def client_of(driver: Driver, transport: Any, **options: Any) -> Any:
    """A client of httpx2 with it."""
    options = {"transport": transport, "base_url": BASE, **options}
    if driver.portal is not None:
        return Blocking(driver.portal, httpx2.AsyncClient(**options))
    return httpx2.Client(**options)


def test_a_request_comes_to_the_app(driver: Driver) -> None:
    """As the client of httpx2 sends it, from the address of our clients, under the path of the app."""
    scopes: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await send(start(201, (b"x-a", b"1")))
        await send(body(await read_body(receive)))

    transport = transport_of(driver, app, root_path="/api")
    response = client_of(driver, transport, headers={"x-b": "2"}).post("/notes?page=2", content=b"text")
    assert (response.status_code, response.headers["x-a"], response.content) == (201, "1", b"text")
    (scope,) = scopes
    assert scope["client"] == ("testclient", 50000)
    assert (scope["root_path"], scope["path"], scope["query_string"]) == ("/api", "/notes", b"page=2")
    assert (b"x-b", b"2") in scope["headers"]


def test_entering_the_client_runs_the_lifespan(driver: Driver) -> None:
    """httpx2 enters its transport; leaving the client ends the app."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await simple_lifespan(scope, receive, send)
            seen.append("stopped")
            return
        seen.append("request")
        await hello(scope, receive, send)

    transport = transport_of(driver, app)
    with client_of(driver, transport) as client:
        assert client.get("/").status_code == 200
        assert repr(transport) == f"<{type(transport).__name__} of {app!r}, entered>"
        assert seen == ["request"]
    assert seen == ["request", "stopped"]
    assert repr(transport) == f"<{type(transport).__name__} of {app!r}, not entered>"


def test_several_clients_share_one_lifespan(driver: Driver) -> None:
    """It ends with the last client that was entered."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await simple_lifespan(scope, receive, send)
            seen.append("stopped")
            return
        await hello(scope, receive, send)

    transport = transport_of(driver, app)
    with client_of(driver, transport, cookies={"user": "1"}) as one:
        with client_of(driver, transport, cookies={"user": "2"}) as two:
            assert two.get("/").status_code == 200
        assert seen == []
        assert one.get("/").status_code == 200
    assert seen == ["stopped"]


def test_a_stream_gives_each_piece_when_the_app_sends_it(driver: Driver) -> None:
    """`send()` of the app returns when the piece was taken."""
    sent: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        for number in range(3):
            sent.append(number)
            await send(body(str(number).encode(), more=True))
        await send(body())

    with client_of(driver, transport_of(driver, app)).stream("GET", "/") as response:
        pieces = response.iter_raw()
        assert next(pieces) == b"0"
        assert sent == [0, 1]
        assert [*pieces] == [b"1", b"2"]


def test_leaving_a_stream_early_is_a_disconnect(driver: Driver) -> None:
    """The app is told."""
    told: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await read_body(receive)
        await send(start())
        await send(body(b"1", more=True))
        told.append(await receive())

    with client_of(driver, transport_of(driver, app)).stream("GET", "/") as response:
        assert next(response.iter_raw()) == b"1"
        response.close()
    assert told == [{"type": "http.disconnect"}]


def test_an_exception_of_the_app_is_raised(driver: Driver) -> None:
    """Or it is a response of 500, where that was asked for."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match=r"^no$"):
        client_of(driver, transport_of(driver, app)).get("/")
    quiet = transport_of(driver, app, raise_server_exceptions=False)
    assert client_of(driver, quiet).get("/").status_code == 500


def test_a_body_that_is_cut_short_is_raised(driver: Driver) -> None:
    """As httpx2 reads it."""
    client = client_of(driver, transport_of(driver, answers(start(), body(b"1", more=True))))
    with pytest.raises(IncompleteResponse):
        client.get("/")


def test_rules_hold(driver: Driver) -> None:
    """Those of the transport; what was recorded is on its client."""
    app = answers(start(200, (b"X-A", b"1")), body(b"1"))
    with pytest.raises(ProtocolViolation):
        client_of(driver, transport_of(driver, app, rules="spec")).get("/")
    transport = transport_of(driver, app, rules={"upper-case-name": "record"})
    assert client_of(driver, transport).get("/").content == b"1"
    assert [violation.rule for violation in transport.test_client.violations] == ["upper-case-name"]


@pytest.mark.client_decides
def test_websockets_are_refused(driver: Driver) -> None:
    """By their URL, and by what asks for an upgrade; the text says what has them."""
    client = client_of(driver, transport_of(driver, hello))
    for url, headers in (("ws://testserver/chat", {}), ("http://testserver/chat", {"Upgrade": "WebSocket"})):
        with pytest.raises(UsageError) as caught:
            client.get(url, headers=headers)
        assert str(caught.value) == (
            f"{url} is to be a websocket, and a transport of httpx2 has none. Write: "
            'transport.test_client.websocket_connect("/chat").'
        )


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_test_client_has_the_same_app(backend: Literal["asyncio", "trio"]) -> None:
    """Its clock is the app's."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.sleep(60)
        await hello(scope, receive, send)

    transport = LockstepTransport(app, lifespan="off", clock="virtual", backend=backend)
    with httpx2.Client(transport=transport, base_url=BASE) as client:
        assert client.get("/").status_code == 200
        assert transport.test_client.clock.now == 60


def test_the_other_colour_is_refused() -> None:
    """By entering and by requests, with the transport to take instead."""
    wrong: Any = LockstepTransport(hello)

    async def use() -> None:
        async with httpx2.AsyncClient(transport=wrong):
            pass

    async def request() -> None:
        await httpx2.AsyncClient(transport=wrong).get(BASE)

    for function in (use, request):
        with pytest.raises(WrongColour) as caught:
            anyio.run(function)
        assert str(caught.value) == (
            "httpx2.AsyncClient does not work on LockstepTransport. Write "
            "httpx2.AsyncClient(transport=AsyncLockstepTransport(app))."
        )
    wrong = AsyncLockstepTransport(hello)
    for call in (lambda: httpx2.Client(transport=wrong).__enter__(), lambda: httpx2.Client(transport=wrong).get(BASE)):
        with pytest.raises(WrongColour) as caught:
            call()
        assert str(caught.value) == (
            "httpx2.Client does not work on AsyncLockstepTransport. Write "
            "httpx2.Client(transport=LockstepTransport(app))."
        )


def test_a_client_of_the_other_library_is_refused() -> None:
    """With what decides which library it is."""
    transport: Any = LockstepTransport(hello)
    with pytest.raises(UsageError) as caught:
        httpx.Client(transport=transport).get(BASE)
    assert str(caught.value) == (
        "LockstepTransport is a transport for httpx2, because the client of the installed Starlette stands on it, and "
        "the request is one of httpx. Make the client with httpx2, or set ASGI_LOCKSTEP_HTTPX=httpx."
    )


def test_an_option_of_the_other_transport_is_named() -> None:
    """With what it is here; one that nobody has is refused in Python's words."""
    options: dict[str, Any] = {"raise_app_exceptions": False}
    with pytest.raises(TypeError) as caught:
        AsyncLockstepTransport(hello, **options)
    assert str(caught.value) == (
        "AsyncLockstepTransport() got an unexpected keyword argument 'raise_app_exceptions': it is "
        "raise_server_exceptions here"
    )
    options = {"headers": {}}
    with pytest.raises(TypeError) as caught:
        LockstepTransport(hello, **options)
    assert str(caught.value) == "LockstepTransport() got an unexpected keyword argument 'headers'"


def test_the_log_says_how_to_run_the_lifespan(caplog: pytest.LogCaptureFixture) -> None:
    """Where an app looks for what its lifespan makes, and the client of httpx2 was not entered."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["database"]

    with pytest.raises(KeyError):
        httpx2.Client(transport=LockstepTransport(app)).get(BASE)
    assert [record.getMessage() for record in caplog.records] == [
        "GET / failed with KeyError, and the client was not entered: the lifespan of the app has not run. If that "
        "makes what is missing, write: with httpx2.Client(transport=transport) as client: ..."
    ]


#: A client of httpx over the transports, where that is the library that was chosen.
ON_HTTPX = """
import asyncio, httpx
from asgi_lockstep import AsyncLockstepTransport, LockstepTransport

async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"hi"})

with httpx.Client(transport=LockstepTransport(app, lifespan="off"), base_url="http://t") as client:
    assert client.get("/").text == "hi"

async def main():
    transport = AsyncLockstepTransport(app, lifespan="off")
    async with httpx.AsyncClient(transport=transport, base_url="http://t") as client:
        assert (await client.get("/")).text == "hi"

asyncio.run(main())
print("done")
"""


def test_they_serve_clients_of_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process that has chosen it."""
    monkeypatch.setenv("ASGI_LOCKSTEP_HTTPX", "httpx")
    said = subprocess.run([sys.executable, "-c", ON_HTTPX], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, "done\n"), said.stderr
