"""What a refused handshake raises: in words, and under the names of those who catch it."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
import starlette.testclient
import starlette.websockets
from starlette.applications import Starlette

import asgi_lockstep
from asgi_lockstep import WebSocketDenialResponse, WebSocketDisconnect
from asgi_lockstep._types import Receive, Scope, Send
from matrix import Driver
from websocket_apps import closes, denial

REFUSED = "the app has refused ws://testserver/chat?room=1 ({}) before it accepted: a server answers 403.{}"


@pytest.mark.client_decides
@pytest.mark.parametrize(
    ("code", "reason", "words", "hint"),
    [
        (1000, "", "code 1000", " Is there a route for it?"),
        (1008, "", "code 1008", ""),
        (4001, "no token", "code 4001, no token", ""),
    ],
)
def test_a_refusal_says_that_nothing_was_accepted(
    driver: Driver, code: int, reason: str, words: str, hint: str
) -> None:
    """With the URL, because its path is mostly the mistake; the code and the reason are those of the app."""

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(closes(code, reason))

    with (
        pytest.raises(WebSocketDisconnect) as caught,
        driver.client(refuse).websocket_connect("/chat", params={"room": "1"}),
    ):
        pytest.fail("the block must not be entered")
    assert str(caught.value) == REFUSED.format(words, hint)
    assert (caught.value.code, caught.value.reason) == (code, reason)
    assert caught.value.refused == "ws://testserver/chat?room=1"


@pytest.mark.client_decides
def test_a_path_that_a_framework_does_not_know(driver: Driver) -> None:
    """Starlette closes with code 1000 before it accepts."""
    with pytest.raises(WebSocketDisconnect) as caught, driver.client(Starlette()).websocket_connect("/wrong"):
        pytest.fail("the block must not be entered")
    assert str(caught.value) == (
        "the app has refused ws://testserver/wrong (code 1000) before it accepted: a server answers 403. "
        "Is there a route for it?"
    )


async def denies(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers the handshake with a response."""
    await receive()
    headers = [(b"x-why", b"token")]
    await send({"type": "websocket.http.response.start", "status": 401, "headers": headers})
    await send(denial(b"no"))


async def closes_at_once(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuses with a close."""
    await receive()
    await send(closes(1008, "no"))


def refusal_of(app: Any, driver: Driver) -> Any:
    """What connecting to `app` raises."""
    with pytest.raises(Exception) as caught, driver.client(app).websocket_connect("/"):  # any of them
        pytest.fail("the block must not be entered")
    return caught.value


@pytest.mark.client_decides
@pytest.mark.parametrize(
    ("app", "classes"),
    [
        (
            denies,
            [
                asgi_lockstep.WebSocketDenialResponse,
                starlette.testclient.WebSocketDenialResponse,
                asgi_lockstep.WebSocketDisconnect,
                starlette.websockets.WebSocketDisconnect,
            ],
        ),
        (closes_at_once, [asgi_lockstep.WebSocketDisconnect, starlette.websockets.WebSocketDisconnect]),
    ],
    ids=["response", "close"],
)
def test_a_refusal_is_caught_under_our_names_and_under_those_of_starlette(
    driver: Driver, app: Any, classes: list[type]
) -> None:
    """Whichever of its imports a suite has changed; and it can be pickled."""
    refusal = refusal_of(app, driver)
    assert [cls for cls in classes if not isinstance(refusal, cls)] == []
    other = pickle.loads(pickle.dumps(refusal))
    assert (type(other), str(other), other.code) == (type(refusal), str(refusal), refusal.code)


@pytest.mark.client_decides
def test_a_denial_response_is_read_as_theirs_is(driver: Driver) -> None:
    """Status, headers and content, through their class."""
    refusal: starlette.testclient.WebSocketDenialResponse = refusal_of(denies, driver)
    assert (refusal.status_code, refusal.headers["x-why"], refusal.content) == (401, "token", b"no")
    assert type(refusal).__name__ == WebSocketDenialResponse.__name__
