"""What a traceback shows: the lines of the test and of the app, as Python prints them, and nothing in between."""

from __future__ import annotations

import json
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import httpx2
import pytest

from asgi_lockstep import (
    AppTimeout,
    AsyncTestClient,
    Deadlock,
    NoResponse,
    NotAnASGIApp,
    ProtocolViolation,
    TestClient,
    UnexpectedMessage,
    UsageError,
    WebSocketDisconnect,
)
from asgi_lockstep._types import Receive, Scope, Send
from either import Either
from helpers import accept, body, start
from inner_runs import run
from websocket_apps import says

Use = Callable[[Any], Awaitable[object]]

#: The files that stand between a scenario and the client of a test here.
CLOTHES = "clothed.py"


def shown(exception: BaseException) -> list[str]:
    """The functions that a traceback shows, the outermost first, from where the scenario was called."""
    frames = traceback.extract_tb(exception.__traceback__)
    return [frame.name for frame in frames if not frame.filename.endswith(CLOTHES)]


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    """Fails as its path says, on every scope."""
    if scope["type"] == "websocket":
        await accept(receive, send)
        await send(says("hello"))
    elif scope["path"].startswith("/late"):
        await send(start())
        await send(body(b"one", more=True))
    await what_it_says(scope, send)


async def what_it_says(scope: Scope, send: Send) -> None:
    """Where the app itself fails, or stands."""
    path = scope["path"]
    if path.endswith("raises"):
        raise ValueError(path)
    if path.endswith("library"):
        json.loads("{")
    if path.endswith("violates"):
        await send(
            {"type": "websocket.http.response.body" if scope["type"] == "websocket" else "http.response.trailers"}
        )
    if not path.endswith("returns"):
        await anyio.Event().wait()


def get(path: str) -> Use:
    """A plain request."""

    async def use(client: Any) -> None:
        await client.get(path)

    return use


def stream(path: str, method: str) -> Use:
    """A streamed response, read in one of the ways that there are."""

    async def use(client: Any) -> None:
        async with client.stream("GET", path) as response:
            if method == "aread":
                await response.aread()
            else:
                async for _ in getattr(response, method)():
                    pass

    return use


def session(path: str, method: str) -> Use:
    """A websocket, received from in one of the ways that there are."""

    async def use(client: Any) -> None:
        async with client.websocket_connect(path) as session:
            await session.receive_text()
            if method == "iteration":
                async for _ in session:
                    pass
            else:
                await getattr(session, method)()

    return use


async def sends_by_hand(client: Any) -> None:
    """An exchange whose response never comes."""
    async with client.open("POST", "/stands") as exchange:
        await exchange.response


async def unexpected(client: Any) -> None:
    """A check that fails."""
    async with client.websocket_connect("/stands") as session:
        await session.expect_nothing()


async def derives(client: Any) -> None:
    """Another user of the same app."""
    await client.derive().get("/raises")


APP = ["fails", "what_it_says"]

SHOWN: dict[str, tuple[Use, type[BaseException], list[str]]] = {
    "get raises": (get("/raises"), ValueError, APP),
    "get in a library": (get("/library"), json.JSONDecodeError, [*APP, "loads", "decode", "raw_decode"]),
    "get violates": (get("/violates"), ProtocolViolation, APP),
    "get returns": (get("/returns"), NoResponse, []),
    "derived": (derives, ValueError, APP),
    "no app": (get("ftp://testserver/"), UsageError, []),
    "stream raises": (stream("/raises", "aiter_raw"), ValueError, APP),
    "aiter_raw": (stream("/late/raises", "aiter_raw"), ValueError, APP),
    "aiter_bytes": (stream("/late/raises", "aiter_bytes"), ValueError, APP),
    "aiter_lines": (stream("/late/raises", "aiter_lines"), ValueError, APP),
    "aread": (stream("/late/raises", "aread"), ValueError, APP),
    "aread violates": (stream("/late/violates", "aread"), ProtocolViolation, APP),
    "receive": (session("/raises", "receive"), ValueError, APP),
    "receive_text": (session("/raises", "receive_text"), ValueError, APP),
    "receive_json": (session("/violates", "receive_json"), ProtocolViolation, APP),
    "iteration": (session("/raises", "iteration"), ValueError, APP),
    "websocket returns": (session("/returns", "receive_bytes"), WebSocketDisconnect, []),
    "expect_nothing": (unexpected, UnexpectedMessage, []),
}

#: The same where nobody can move: a proof, or the limit where there is none.
STUCK: dict[str, Use] = {
    "get": get("/stands"),
    "stream": stream("/stands", "aread"),
    "aiter_lines": stream("/late/stands", "aiter_lines"),
    "receive_text": session("/stands", "receive_text"),
    "iteration": session("/stands", "iteration"),
    "by hand": sends_by_hand,
}


def traceback_of(either: Either, use: Use, **options: Any) -> tuple[type[BaseException], list[str]]:
    """The class of what `use()` raises, and what its traceback shows below `use()` itself."""

    async def scenario(client: Any) -> tuple[type[BaseException], list[str]]:
        try:
            await use(client)
        except Exception as exc:
            functions = shown(exc)
            assert functions[:2] == ["scenario", use.__name__]
            return type(exc), functions[2:]
        return type(None), []  # type: ignore[return-value]

    found: tuple[type[BaseException], list[str]] = either.run(fails, scenario, lifespan="off", **options)
    return found


@pytest.mark.parametrize("case", SHOWN)
def test_a_traceback_shows_the_test_and_the_app(either: Either, case: str) -> None:
    """Not httpx2, no event loop, nothing of ours; what the app itself has called stays, whoever wrote it."""
    use, kind, functions = SHOWN[case]
    raised, seen = traceback_of(either, use)
    assert (issubclass(raised, kind), seen) == (True, functions)  # a class may be Starlette's, too


@pytest.mark.parametrize("case", STUCK)
def test_the_traceback_of_a_call_that_never_ends_is_the_line_of_the_test(either: Either, case: str) -> None:
    """Where the app stands is in the text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("asgi_lockstep._drivers.clock.idle_time.real_time", lambda: 0.0)
        kind, functions = traceback_of(either, STUCK[case], timeout=either.limit)
    assert (issubclass(kind, (Deadlock, AppTimeout)), functions) == (True, [])


def test_a_function_on_the_loop_of_the_app_is_shown(sync_driver: Any) -> None:
    """`client.run()`, and `client.portal.call()` with its library: the function, and the line that called."""

    async def fails_here() -> None:
        json.loads("{")

    with sync_driver.client(fails, lifespan="off") as client:
        for call in (client.run, client.portal.call):
            with pytest.raises(json.JSONDecodeError) as caught:
                call(fails_here)
            assert shown(caught.value) == [
                "test_a_function_on_the_loop_of_the_app_is_shown",
                "fails_here",
                *("loads", "decode", "raw_decode"),
            ]


def test_a_mistake_in_the_constructor_shows_the_line_of_the_test() -> None:
    """Both clients."""
    for client in (TestClient, AsyncTestClient):
        with pytest.raises(NotAnASGIApp) as caught:
            client(3)  # type: ignore[arg-type]
        assert shown(caught.value) == ["test_a_mistake_in_the_constructor_shows_the_line_of_the_test"]


class ApiClient(TestClient):
    """A client of a project's own."""

    def request(self, *args: Any, **kwargs: Any) -> Any:
        return super().request(*args, **kwargs)


def test_a_subclass_of_the_client_is_shown() -> None:
    """It was written by those who read the traceback."""
    with pytest.raises(ValueError, match="/raises") as caught:
        ApiClient(fails, lifespan="off").get("/raises")
    assert shown(caught.value) == ["test_a_subclass_of_the_client_is_shown", "request", *APP]


def test_what_neither_we_nor_the_app_have_raised_is_left_alone() -> None:
    """A hook of httpx2 that fails: its reader may need the lines that called it, as those of a mistake of ours."""

    def hook(request: httpx2.Request) -> None:
        raise ZeroDivisionError

    client = TestClient(fails, lifespan="off", event_hooks={"request": [hook]})
    with pytest.raises(ZeroDivisionError) as caught:
        client.get("/")
    assert shown(caught.value)[-1] == "hook"
    assert {"request", "send"} <= {*shown(caught.value)}


def test_an_app_that_tests_another_one_sees_a_traceback_of_its_own(either: Either) -> None:
    """Of the inner app, in the outer one; and from outside both are shown."""
    seen: list[list[str]] = []

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with AsyncTestClient(fails, lifespan="off") as inner:
                await inner.get("/raises")
        except ValueError as exc:
            seen.append(shown(exc))
            raise

    async def scenario(client: Any) -> None:
        with pytest.raises(ValueError, match="/raises") as caught:
            await client.get("/")
        seen.append(shown(caught.value))

    either.run(outer, scenario, lifespan="off")
    assert seen == [["outer", *APP], ["scenario", "outer", *APP]]


STUCK_SUITE = """
    import anyio
    from asgi_lockstep import TestClient

    async def app(scope, receive, send):
        if scope["path"] == "/raises":
            raise ValueError("mine")
        await anyio.Event().wait()

    def test_deadlock():
        TestClient(app).get("/report")

    def test_raises():
        TestClient(app).get("/raises")
"""


def test_pytest_shows_the_line_of_the_test(pytester: pytest.Pytester) -> None:
    """In its long tracebacks, too: two entries, of which the second is the app's, and one for an error of ours."""
    found = run(pytester, "-q", "--tb=short", test_stuck=STUCK_SUITE)
    places = [line for line in found.lines if line.endswith((": in test_deadlock", ": in test_raises", ": in app"))]
    assert [place.partition(": in ")[2] for place in places] == ["test_deadlock", "test_raises", "app"]
    assert [line for line in found.lines if "httpx2" in line or "_client" in line or "_drivers" in line] == []
