"""Websockets on which both sides wait for each other, or the test for nobody: each is an error at once."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from asgi_lockstep import Deadlock, ProtocolViolation, TimedOut, WebSocketDisconnect
from asgi_lockstep._types import Receive, Scope, Send
from either import Either, Scenario, line
from helpers import accept, answers

BOTH_RECEIVE = (
    "Both sides receive: the app waits for a message of the test, and the test for one of the app. Send something "
    "first, or leave the block to close the websocket."
)
ANSWER = "The app has to answer the handshake: await websocket.accept or websocket.close on every path through it."
END_DENIAL = (
    "The denial response has no end: the app has to send websocket.http.response.body with more_body=False last."
)


async def connect(client: Any) -> None:
    """Connect, and no more."""
    async with client.websocket_connect("/x"):
        pass


async def receive_text(client: Any) -> None:
    """Connect, and wait for text."""
    async with client.websocket_connect("/x") as session:
        await session.receive_text()


async def iterate(client: Any) -> None:
    """Connect, and read to the end."""
    async with client.websocket_connect("/x") as session:
        async for _ in session:
            pass


async def receive_twice(client: Any) -> None:
    """Go on after the close."""
    async with client.websocket_connect("/x") as session:
        assert await session.receive() == {"type": "websocket.close"}
        await session.receive()


async def ignores(scope: Scope, receive: Receive, send: Send) -> None:
    """Sees the handshake, and waits for something else."""
    await receive()
    await anyio.Event().wait()


async def only_receives(scope: Scope, receive: Receive, send: Send) -> None:
    """Sees the handshake, and waits for more."""
    await receive()
    await receive()  # what comes after the handshake


async def denies_without_end(scope: Scope, receive: Receive, send: Send) -> None:
    """Begins to deny the handshake."""
    await receive()
    await send({"type": "websocket.http.response.start", "status": 403})
    await anyio.Event().wait()


async def listens(scope: Scope, receive: Receive, send: Send) -> None:
    """Waits for the first word of its client."""
    await accept(receive, send)
    await receive()


async def is_busy(scope: Scope, receive: Receive, send: Send) -> None:
    """Waits for something else than its client."""
    await accept(receive, send)
    await anyio.Event().wait()


async def says_one_word(scope: Scope, receive: Receive, send: Send) -> None:
    """Has one word to say, and waits for one."""
    await accept(receive, send)
    await send({"type": "websocket.send", "text": "welcome"})
    await receive()


HANDSHAKES: dict[str, tuple[Any, str, str, str, str]] = {
    "no answer": (ignores, "wait()", "handshake not answered; 0", "", ANSWER),
    "no answer, and it receives": (
        only_receives,
        "# what comes",
        "handshake not answered; 0",
        " in receive()",
        ANSWER,
    ),
    "a denial without an end": (denies_without_end, "wait()", "denial response started; 0", "", END_DENIAL),
}


@pytest.mark.parametrize("case", HANDSHAKES)
def test_a_handshake_without_an_end(either: Either, case: str) -> None:
    """What the app has to send is said."""
    app, place, state, waits, advice = HANDSHAKES[case]
    sent, waiting = ("websocket.http.response.start", 1) if app is denies_without_end else ("nothing", 0)
    assert either.hang(app, connect) == either.text(
        "the app to answer the handshake of WEBSOCKET /x",
        f"  the test waits at {line(connect, 'async with')}",
        f"  <WEBSOCKET /x: {state} messages wait for the app, {waiting} for the test; app running{waits}, "
        f"has received websocket.connect and sent {sent} last>",
        f"  WEBSOCKET /x, stands at {line(app, place)}",
        advice=advice,
    )


@pytest.mark.parametrize(("scenario", "place"), [(receive_text, "receive_text()"), (iterate, "async for")])
def test_both_sides_receive(either: Either, scenario: Scenario, place: str) -> None:
    """Whether the test calls a method or iterates: one of both has to begin."""
    assert either.hang(listens, scenario) == either.text(
        "a message from WEBSOCKET /x",
        f"  the test waits at {line(scenario, place)}",
        "  <WEBSOCKET /x: accepted; 0 messages wait for the app, 0 for the test; app running in receive(), has "
        "received websocket.connect and sent websocket.accept last>",
        f"  WEBSOCKET /x, stands at {line(listens, 'await receive()')}",
        advice=BOTH_RECEIVE,
    )


def test_the_app_waits_for_something_else_than_the_test(either: Either) -> None:
    """Where it stands says enough: to send something would not help."""
    assert either.hang(is_busy, receive_text) == either.text(
        "a message from WEBSOCKET /x",
        f"  the test waits at {line(receive_text, 'receive_text()')}",
        "  <WEBSOCKET /x: accepted; 0 messages wait for the app, 0 for the test; app running, has received "
        "websocket.connect and sent websocket.accept last>",
        f"  WEBSOCKET /x, stands at {line(is_busy, 'wait()')}",
    )


def test_the_session_can_be_used_after_a_deadlock(either: Either) -> None:
    """Nothing is broken: the app still listens to what the test has to say."""

    async def scenario(client: Any) -> list[Any]:
        async with client.websocket_connect("/x") as session:
            heard = [await session.receive_text()]
            with pytest.raises(TimedOut if not either.proves else Deadlock):
                await session.receive_text(timeout=either.limit)
            await session.send_text("thanks")
            return [*heard, await session.receive(), session.close_code]

    heard = either.run(says_one_word, scenario)
    assert heard == ["welcome", {"type": "websocket.close", "code": 1006, "reason": ""}, 1006]


ACCEPT = {"type": "websocket.accept"}

#: What hangs elsewhere where the app has ended, or has closed: there is nothing to wait for.
ENDS: dict[str, tuple[Any, Scenario, type[Exception], str]] = {
    "it returns without an answer": (
        answers(),
        connect,
        ProtocolViolation,
        "The app returned from the handshake without accepting or closing it; a server answers 500 here. The app broke "
        'ASGI in WEBSOCKET /x (handshake not answered): it may send "websocket.accept" or "websocket.close" now. '
        "See https://asgi.readthedocs.io/en/latest/specs/www.html#websocket",
    ),
    "it returns in its denial": (
        answers({"type": "websocket.http.response.start", "status": 403}),
        connect,
        ProtocolViolation,
        "The app returned from the handshake without completing its denial response; a server answers 500 here. The "
        'app broke ASGI in WEBSOCKET /x (denial response started): it may send "websocket.http.response.body" now. '
        "See https://asgi.readthedocs.io/en/latest/specs/www.html#websocket",
    ),
    "it returns, and the test receives": (
        answers(ACCEPT),
        receive_text,
        WebSocketDisconnect,
        "the websocket ended without a close (code 1006): the app returned, or the connection was lost",
    ),
    "it closes, and the test receives twice": (
        answers(ACCEPT, {"type": "websocket.close"}),
        receive_twice,
        WebSocketDisconnect,
        "the websocket was closed with code 1000",
    ),
}


@pytest.mark.parametrize("case", ENDS)
def test_an_app_that_has_ended(either: Either, case: str) -> None:
    """No wait at all, on no driver: what is raised is the end, and no time limit."""
    app, scenario, error, text = ENDS[case]
    with pytest.raises(error) as caught:
        either.run(app, scenario)
    assert str(caught.value) == text
