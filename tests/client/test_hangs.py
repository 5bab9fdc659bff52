"""Requests and lifespans that can never end: each is an error at once, with both sides of the wait and what to do.

Where the driver can prove it, that is `Deadlock`; async uvloop shows nothing, and there the time limit ends the wait.
"""

from __future__ import annotations

import re
from typing import Any

import anyio
import pytest

from asgi_lockstep import AppTimeout, Deadlock, LifespanFailed, TestClient
from asgi_lockstep._types import Receive, Scope, Send
from either import Either, line, only_on
from helpers import body, hello, start

HTTP_DISCONNECT = (
    "The app has read the whole request and waits in receive() for http.disconnect, which comes when the client "
    "goes away; and the client waits for the response. Send the rest of the response without waiting, or, in the "
    "test, use client.stream() and leave its block."
)
HAS_NO_END = (
    "The response has begun (200, 1 chunks), and a plain request waits for its end: read a response without an end "
    "with client.stream()."
)


async def get(client: Any) -> None:
    """Ask for a page."""
    await client.get("/x")


async def read(client: Any) -> None:
    """Read a page."""
    async with client.stream("GET", "/x") as response:
        await response.aread()


async def enter(client: Any) -> None:
    """Start and stop the app."""
    async with client:
        pass


async def waits_before(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers nothing."""
    await anyio.Event().wait()


async def waits_after_start(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with a status."""
    await send(start())
    await anyio.Event().wait()


async def waits_for_disconnect(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers half."""
    await receive()
    await send(start())
    await send(body(b"half", more=True))
    await receive()  # the disconnect


async def only_receives(scope: Scope, receive: Receive, send: Send) -> None:
    """Waits for the end of the client before it answers."""
    while (await receive())["type"] != "http.disconnect":
        pass


def test_an_app_that_waits_before_it_answers(either: Either) -> None:
    """The line at which it stands is named, and the line of the test that waits."""
    assert either.hang(waits_before, get) == either.text(
        "the app to finish GET /x",
        f"  the test waits at {line(get, 'client.get')}",
        "  <GET /x: no response yet; no request body; response body: 0 bytes taken, "
        "0 chunks waiting; app running, has received nothing and sent nothing last>",
        f"  GET /x, stands at {line(waits_before, 'wait()')}",
    )


def test_an_app_that_waits_before_a_stream(either: Either) -> None:
    """What is missing is the start of the response; the line is that of the `with`."""
    assert either.hang(waits_before, read) == either.text(
        "the response to GET /x to start",
        f"  the test waits at {line(read, 'client.stream')}",
        "  <GET /x: no response yet; no request body; response body: 0 bytes taken, "
        "0 chunks waiting; app running, has received nothing and sent nothing last>",
        f"  GET /x, stands at {line(waits_before, 'wait()')}",
    )


def test_an_app_that_waits_in_code_without_lines(either: Either) -> None:
    """As Cython makes it: the line that has called it is named."""

    async def wait() -> None:
        await anyio.Event().wait()

    wait.__code__ = wait.__code__.replace(co_linetable=b"", co_filename="src/library.pyx")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await wait()

    assert either.hang(app, get) == either.text(
        "the app to finish GET /x",
        f"  the test waits at {line(get, 'client.get')}",
        "  <GET /x: no response yet; no request body; response body: 0 bytes taken, "
        "0 chunks waiting; app running, has received nothing and sent nothing last>",
        f"  GET /x, stands at {line(app, 'wait()')}",
    )


def test_an_app_that_waits_after_its_start(either: Either) -> None:
    """What is missing is a piece of the body."""
    assert either.hang(waits_after_start, read) == either.text(
        "the next piece of the response to GET /x",
        f"  the test waits at {line(read, 'aread')}",
        "  <GET /x: response started; no request body; response body: 0 bytes taken, "
        "0 chunks waiting; app running, has received nothing and sent http.response.start last>",
        f"  GET /x, stands at {line(waits_after_start, 'wait()')}",
    )


def test_a_plain_request_to_an_app_that_waits_after_its_start(either: Either) -> None:
    """It has no body to wait for, but the end of the app."""
    assert either.hang(waits_after_start, get) == either.text(
        "the app to finish GET /x",
        f"  the test waits at {line(get, 'client.get')}",
        "  <GET /x: response started; no request body; response body: 0 bytes taken, "
        "0 chunks waiting; app running, has received nothing and sent http.response.start last>",
        f"  GET /x, stands at {line(waits_after_start, 'wait()')}",
    )


def test_an_app_that_waits_for_the_disconnect_of_its_reader(either: Either) -> None:
    """Both wait for each other: the advice says so."""
    assert either.hang(waits_for_disconnect, read) == either.text(
        "the next piece of the response to GET /x",
        f"  the test waits at {line(read, 'aread')}",
        "  <GET /x: response started; no request body; response body: 4 bytes taken, 0 chunks waiting; "
        "app running in receive(), has received http.request and sent http.response.body last>",
        f"  GET /x, stands at {line(waits_for_disconnect, '# the disconnect')}",
        advice=HTTP_DISCONNECT,
    )


def test_an_app_that_waits_for_a_disconnect_before_it_answers(either: Either) -> None:
    """The same advice, with nothing sent."""
    assert either.hang(only_receives, get) == either.text(
        "the app to finish GET /x",
        f"  the test waits at {line(get, 'client.get')}",
        "  <GET /x: no response yet; no request body; response body: 0 bytes taken, 0 chunks waiting; "
        "app running in receive(), has received http.request and sent nothing last>",
        f"  GET /x, stands at {line(only_receives, 'await receive()')}",
        advice=HTTP_DISCONNECT,
    )


def test_a_plain_request_to_an_app_that_waits_in_its_body(either: Either) -> None:
    """A response without an end has to be read as it comes: the advice says so."""
    assert either.hang(waits_for_disconnect, get) == either.text(
        "the app to finish GET /x",
        f"  the test waits at {line(get, 'client.get')}",
        "  <GET /x: response started; no request body; response body: 0 bytes taken, 1 chunks waiting; "
        "app running in receive(), has received http.request and sent http.response.body last>",
        f"  GET /x, stands at {line(waits_for_disconnect, '# the disconnect')}",
        advice=HAS_NO_END,
    )


async def endless(scope: Scope, receive: Receive, send: Send) -> None:
    """Has always more to say; from time to time, `send()` lets others run."""
    await send(start())
    while True:
        await send(body(b"more", more=True))  # others


async def ticks(scope: Scope, receive: Receive, send: Send) -> None:
    """Has more to say now and then."""
    await send(start())
    while True:
        await send(body(b"more", more=True))
        await anyio.sleep(0.005)  # others


@pytest.mark.parametrize("app", [endless, ticks])
def test_a_plain_request_to_an_app_that_never_stops(either: Either, app: Any) -> None:
    """It is never idle, and still no longer waited for than the limit; `stream()` is what reads such a thing."""
    with pytest.raises(AppTimeout) as caught:
        either.run(app, get, timeout=0.05)
    assert re.sub(r"\b\d+ (chunks)|[\d.]+ k?M?B\b", r"N \1", str(caught.value)).splitlines()[:4] == [
        "GET /x has no end in sight: 200 started, N chunks, N , the app is still sending: use client.stream().",
        f"  the test waits at {line(get, 'client.get')}",
        "  <GET /x: response started; no request body; response body: 0 bytes taken, "
        "N chunks waiting; app running, has received nothing and sent http.response.body last>",
        f"  GET /x, stands at {line(app, '# others')}{', and a timer is pending for it' if app is ticks else ''}",
    ]


async def never_starts(scope: Scope, receive: Receive, send: Send) -> None:
    """Is asked to start, and waits."""
    await receive()
    await anyio.Event().wait()


async def never_stops(scope: Scope, receive: Receive, send: Send) -> None:
    """Is asked to stop, and waits."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await anyio.Event().wait()


@pytest.mark.parametrize(
    ("app", "phase", "state", "last"),
    [
        (never_starts, "startup", "starting", "received lifespan.startup and sent nothing last"),
        (never_stops, "shutdown", "stopping", "received lifespan.shutdown and sent lifespan.startup.complete last"),
    ],
    ids=["startup", "shutdown"],
)
def test_a_lifespan_without_an_answer(either: Either, app: Any, phase: str, state: str, last: str) -> None:
    """What the app has to send is said, word by word."""
    assert either.hang(app, enter) == either.text(
        f"the lifespan {phase} of the app",
        f"  the test waits at {line(enter, 'async with')}",
        f"  <lifespan: {state}; app running, has {last}>",
        f"  the lifespan, stands at {line(app, 'wait()')}",
        advice=f'The app has to send "lifespan.{phase}.complete" (or "lifespan.{phase}.failed") when it has received '
        f'"lifespan.{phase}": where a framework does that, its function for the lifespan has to come to its '
        f"{'yield' if phase == 'startup' else 'end'}.",
    )


async def fails_to_start(scope: Scope, receive: Receive, send: Send) -> None:
    """Says that it cannot start, and returns."""
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})


def test_a_failed_startup_and_a_return(either: Either) -> None:
    """The block is not entered, and there is nothing to stop."""
    with pytest.raises(LifespanFailed) as caught:
        either.run(fails_to_start, enter)
    assert str(caught.value) == "lifespan startup failed: no database"


@only_on("asyncio")
def test_a_thread_that_trio_keeps_does_not_matter(either: Either) -> None:
    """Trio keeps an idle thread for 10 seconds, which has nothing to do with a loop of asyncio."""
    error = Deadlock if either.proves else AppTimeout
    assert TestClient(hello, backend="trio", lifespan="off").get("/x").text == "GET /x"
    with pytest.raises(error):
        either.run(waits_before, get, timeout=either.limit)
