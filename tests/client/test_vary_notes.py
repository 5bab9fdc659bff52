"""What comes out of the calls of a client that varies says how it comes again; and what the test asks for stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio
import httpx2
import pytest

from asgi_lockstep import (
    AsyncTestClient,
    BackgroundFailed,
    Deadlock,
    IncompleteResponse,
    LifespanFailed,
    NoResponse,
    ProtocolViolation,
    RequestCutOff,
    ResponseCutOff,
    TestClient,
    UnknownOption,
    Variation,
    WebSocketDisconnect,
)
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, answers, body, hello, simple_lifespan, start
from matrix import Driver

pytestmark = pytest.mark.client_decides

FIRST = "vary=7 repeats this. "
IN_REQUEST = f"{FIRST}What varied in GET /x (exchange 0 of the client):"
IN_WEBSOCKET = f"{FIRST}What varied in WEBSOCKET /x (exchange 0 of the client):"
IN_LIFESPAN = f"{FIRST}What varied in the lifespan (exchange 0 of the client):"


def first_line(exception: BaseException) -> str:
    """The first line of the one note that there is."""
    (note,) = exception.__notes__
    return note.splitlines()[0]


def gets(client: Any) -> None:
    """A plain request."""
    client.get("/x")


def streams(client: Any) -> None:
    """A response that is read as it comes."""
    with client.stream("GET", "/x") as response:
        response.read()


def by_hand(client: Any) -> None:
    """A request whose body the test sends."""
    with client.open("GET", "/x") as exchange:
        exchange.end()
        exchange.response.read()


def connects(client: Any) -> None:
    """A websocket."""
    with client.websocket_connect("/x") as session:
        session.receive_text()


async def _fails(scope: Scope, receive: Receive, send: Send) -> None:
    raise KeyError("x")


async def _fails_in_its_body(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    await send(body(b"a", more=True))
    raise KeyError("x")


async def _waits(scope: Scope, receive: Receive, send: Send) -> None:
    await anyio.Event().wait()


async def _closes(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 1011})


@pytest.mark.parametrize(
    ("app", "call", "kind", "line"),
    [
        (_fails, gets, KeyError, IN_REQUEST),
        (_fails, streams, KeyError, IN_REQUEST),
        (_fails, by_hand, KeyError, IN_REQUEST),
        (_fails, connects, KeyError, IN_WEBSOCKET),
        (_fails_in_its_body, gets, KeyError, IN_REQUEST),
        (_fails_in_its_body, streams, KeyError, IN_REQUEST),
        (answers(), gets, NoResponse, IN_REQUEST),
        (answers(), by_hand, NoResponse, IN_REQUEST),
        (answers(start()), gets, IncompleteResponse, IN_REQUEST),
        (answers(start(), body(b"a", more=True)), streams, IncompleteResponse, IN_REQUEST),
        (answers(start(), body(b"a", more=True)), by_hand, IncompleteResponse, IN_REQUEST),
        (answers(body()), gets, ProtocolViolation, IN_REQUEST),
        (answers(), connects, ProtocolViolation, IN_WEBSOCKET),
        (_closes, connects, WebSocketDisconnect, IN_WEBSOCKET),
    ],
)
def test_what_comes_out_is_explained(
    driver: Driver, app: Any, call: Callable[[Any], None], kind: type[Exception], line: str
) -> None:
    """Whatever it is, and whoever has raised it: once, with what varied in its exchange."""
    with pytest.raises(kind) as caught:
        call(driver.client(app, vary=7))
    assert first_line(caught.value) == line


@pytest.mark.parametrize("app", [_fails, answers()])
def test_without_variation_there_is_no_note(driver: Driver, app: Any) -> None:
    """What comes out is as it was."""
    for vary in (None, False):
        with pytest.raises((KeyError, NoResponse)) as caught:
            driver.client(app, vary=vary).get("/x")
        assert not hasattr(caught.value, "__notes__")


@pytest.mark.parametrize("call", [gets, streams, connects])
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_wait_without_end_is_explained(backend: Any, call: Callable[[Any], None]) -> None:
    """A server may have done what the app waits for."""
    with pytest.raises(Deadlock) as caught, TestClient(_waits, vary=7, backend=backend, lifespan="off") as client:
        call(client)
    assert first_line(caught.value) == (IN_WEBSOCKET if call is connects else IN_REQUEST)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_wait_of_the_async_client_is_explained(backend: str) -> None:
    """The same on the loop of the test."""

    async def test() -> None:
        await AsyncTestClient(_waits, vary=7).get("/x")

    with pytest.raises(Deadlock) as caught:
        anyio.run(test, backend=backend)
    assert first_line(caught.value) == IN_REQUEST


def test_a_lifespan_that_fails_is_explained(driver: Driver) -> None:
    """Its own exchange is the first one of an entered client."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(LifespanFailed) as caught, driver.client(app, vary=7):
        pytest.fail("the block must not be entered")
    assert first_line(caught.value) in (
        IN_LIFESPAN,
        f"{FIRST}Nothing varied in the lifespan (exchange 0 of the client).",
    )


def test_an_exchange_has_its_own_note(driver: Driver) -> None:
    """Of two, the one that fails is told, by its number and with what varied in it alone."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/x":
            raise KeyError("x")
        await hello(scope, receive, send)

    client = driver.client(app, vary=7)
    client.get("/y")
    with pytest.raises(KeyError) as caught:
        client.get("/x")
    assert first_line(caught.value) == f"{FIRST}What varied in GET /x (exchange 1 of the client):"


def test_an_exception_of_httpx_is_explained(driver: Driver) -> None:
    """It is about no one exchange: the seed is all there is to say."""
    client = driver.client(answers(start(302, (b"location", b"/x")), body()), vary=7)
    with pytest.raises(httpx2.TooManyRedirects) as caught:
        client.get("/x")
    assert caught.value.__notes__ == ["vary=7 repeats this."]


def test_background_work_that_fails_is_explained(driver: Driver) -> None:
    """What the app has raised has the note; what tells of it, the seed."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await hello(scope, receive, send)
        raise KeyError("x")

    client = driver.client(app, vary=7, background="detach")
    client.get("/x")
    with pytest.raises(BackgroundFailed) as caught:
        client.settle()
    assert caught.value.__notes__ == ["vary=7 repeats this."]
    assert caught.value.__cause__ is not None
    assert first_line(caught.value.__cause__) == IN_REQUEST


def test_a_client_that_goes_away(driver: Driver) -> None:
    """On request: what comes out is what `disconnect_after` has, and the note says who has asked."""

    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await hello(scope, receive, send)

    caught: list[httpx2.NetworkError] = []
    for seed in range(30):
        client = driver.client(reads, vary=Variation(seed, also=["disconnect"]))
        try:
            client.post("/x", content=b"hello")
        except httpx2.NetworkError as exc:
            caught.append(exc)
    assert {type(exc) for exc in caught} == {RequestCutOff, ResponseCutOff}
    assert all("the client goes away after" in exc.__notes__[0] for exc in caught)


# What a client shows, and what stays as it is.


def test_the_repr_shows_the_seed(driver: Driver) -> None:
    """Also one that was chosen at random: then it can be written down."""
    client = driver.client(hello, vary=True)
    assert repr(client).rstrip(">").endswith(f", not entered, vary={client.vary.seed}")
    assert driver.client(hello).vary is None
    assert "vary" not in repr(driver.client(hello))


def test_a_second_user_goes_on_with_the_numbers(driver: Driver) -> None:
    """The exchanges of one app are numbered together: what `derive()` makes has the same variation."""
    client = driver.client(_fails, vary=7)
    with pytest.raises(KeyError):
        client.get("/x")
    with pytest.raises(KeyError) as caught:
        client.derive().get("/x")
    assert "(exchange 1 of the client)" in first_line(caught.value)


def test_what_a_test_asks_for_by_name_stays(driver: Driver) -> None:
    """Extensions, the address of the client, keys of the scope, the version, and how a body is cut."""

    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await hello(scope, receive, send)

    asked = {"scope": {"raw_path": b"/other"}, "spec_version": "2.4", "body_chunks": 3}
    for seed in range(20):
        app = Listener(http=reads)
        options: dict[str, Any] = {"client": ("10.0.0.1", 1), "extensions": ["http.response.push"]}
        client = driver.client(app, vary=Variation(seed, without=["empty-end"]), **options)
        client.post("/x", content=b"hello", extensions={"asgi": asked})
        (scope,) = app.scopes
        assert scope["client"] == ("10.0.0.1", 1)
        assert "http.response.push" in scope["extensions"]
        assert scope["raw_path"] == b"/other"
        assert scope["asgi"]["spec_version"] == "2.4"
        assert [message["body"] for message in app.received] == [b"hel", b"lo"]


def test_the_state_of_a_lifespan_stays(driver: Driver) -> None:
    """It was offered one, and a server that does so passes it on, whatever the app has put there."""
    for seed in range(20):
        app = Listener(http=hello, lifespan=simple_lifespan)
        with driver.client(app, vary=Variation(seed, without=["unknown-key"])) as client:
            client.get("/x")
        assert [scope["state"] for scope in app.scopes] == [{}, {}]


@pytest.mark.parametrize("kind", [TestClient, AsyncTestClient])
def test_what_makes_no_sense_is_refused_by_the_constructor(kind: Any) -> None:
    """The text says what to give."""
    with pytest.raises(UnknownOption, match=r"^Variation without='x' does not exist; known are 'no-scheme', "):
        kind(hello, vary=Variation(7, without=["x"]))
    with pytest.raises(RuntimeError, match=r"^vary=0\.5 makes no sense: give an int, True for a random one, a Varia"):
        kind(hello, vary=0.5)
