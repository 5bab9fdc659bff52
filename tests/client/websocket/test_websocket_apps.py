"""Apps that refuse, return, raise or clean up: what a websocket session makes of each."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import httpx2
import pytest

from asgi_lockstep import (
    ProtocolViolation,
    WebSocketDenialResponse,
    WebSocketDisconnect,
)
from asgi_lockstep._types import ASGI3App, Receive, Scope, Send
from helpers import accept
from matrix import Driver
from websocket_apps import speaks


def test_a_refused_handshake(driver: Driver) -> None:
    """A close before the accept is raised from entering, with the app's code."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.close", "code": 4003, "reason": "no"})

    with pytest.raises(WebSocketDisconnect) as caught, driver.client(app).websocket_connect("/"):
        pytest.fail("the block must not be entered")
    assert (caught.value.code, caught.value.reason) == (4003, "no")


def test_a_denial_response(driver: Driver) -> None:
    """extensions.rst, Websocket Denial Response: raised, and a response and a disconnect at once."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept_nothing(receive)
        await send({"type": "websocket.http.response.start", "status": 401, "headers": [(b"x-why", b"token")]})
        await send({"type": "websocket.http.response.body", "body": b"not ", "more_body": True})
        await send({"type": "websocket.http.response.body", "body": b"you"})

    with pytest.raises(WebSocketDenialResponse) as caught, driver.client(app).websocket_connect("/"):
        pytest.fail("the block must not be entered")
    denial = caught.value
    assert isinstance(denial, WebSocketDisconnect)
    assert isinstance(denial, httpx2.Response)
    assert (denial.status_code, denial.text, denial.headers["x-why"]) == (401, "not you", "token")
    assert (denial.code, denial.reason) == (1006, "")


async def accept_nothing(receive: Receive) -> None:
    """Take the connect, and leave it unanswered."""
    assert await receive() == {"type": "websocket.connect"}


async def returns_at_once(scope: Scope, receive: Receive, send: Send) -> None:
    """Neither accepts nor closes."""


async def denies_by_half(scope: Scope, receive: Receive, send: Send) -> None:
    """Starts a denial response, and returns."""
    await send({"type": "websocket.http.response.start", "status": 403})


@pytest.mark.parametrize(
    ("app", "text"),
    [
        (
            returns_at_once,
            "The app returned from the handshake without accepting or closing it; a server answers 500 here. The app "
            'broke ASGI in WEBSOCKET /x (handshake not answered): it may send "websocket.accept" or "websocket.close" '
            "now. See https://asgi.readthedocs.io/en/latest/specs/www.html#websocket",
        ),
        (
            denies_by_half,
            "The app returned from the handshake without completing its denial response; a server answers 500 here. "
            'The app broke ASGI in WEBSOCKET /x (denial response started): it may send "websocket.http.response.body" '
            "now. See https://asgi.readthedocs.io/en/latest/specs/www.html#websocket",
        ),
    ],
)
def test_an_app_that_returns_from_the_handshake(driver: Driver, app: ASGI3App, text: str) -> None:
    """Today's client hangs; here the text says what is missing."""
    with pytest.raises(ProtocolViolation) as caught, driver.client(app).websocket_connect("/x"):
        pytest.fail("the block must not be entered")
    assert str(caught.value) == text


def test_an_app_that_raises_in_the_handshake(driver: Driver) -> None:
    """The exception of the app, as it is."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise KeyError("token")

    with pytest.raises(KeyError, match="token"), driver.client(app).websocket_connect("/"):
        pytest.fail("the block must not be entered")


def test_an_app_that_returns_without_closing(driver: Driver) -> None:
    """RFC 6455 section 7.1.5: a connection that ends without a close frame is an end with 1006."""
    with driver.client(speaks(then_listens=False)).websocket_connect("/") as session:
        assert session.receive() == {"type": "websocket.close", "code": 1006, "reason": ""}
        with pytest.raises(WebSocketDisconnect, match=r"1006"):
            session.receive_text()
        assert session.close_code == 1006


def test_an_app_that_raises_while_the_test_receives(driver: Driver) -> None:
    """The exception arrives where the message is missing, and not a second time from the block."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await receive()
        raise KeyError("boom")

    with driver.client(app).websocket_connect("/") as session:
        session.send_text("go")
        with pytest.raises(KeyError, match="boom"):
            session.receive_text()


def test_an_app_that_raises_when_the_block_is_left(driver: Driver) -> None:
    """The exception arrives from the block."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await receive()
        raise KeyError("clean-up")

    with pytest.raises(KeyError, match="clean-up"), driver.client(app).websocket_connect("/"):
        pass


def test_the_exception_of_the_test_is_not_replaced(driver: Driver) -> None:
    """What the app raises after it becomes a note."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await receive()
        raise KeyError("later")

    with pytest.raises(ZeroDivisionError) as caught, driver.client(app).websocket_connect("/x"):
        raise ZeroDivisionError
    assert caught.value.__notes__ == ["After that, the app failed in WEBSOCKET /x: KeyError('later')"]


def test_the_app_may_clean_up_after_the_disconnect(driver: Driver) -> None:
    """Code that awaits after `websocket.disconnect` runs before the block is left."""
    events = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await receive()
        for _ in range(3):
            await anyio.lowlevel.checkpoint()
        events.append("cleaned up")

    with driver.client(app).websocket_connect("/"):
        pass
    assert events == ["cleaned up"]


def test_an_app_that_does_not_react_to_the_disconnect_is_cancelled(driver: Driver) -> None:
    """Only what does not end by itself is cancelled, and its `finally` runs."""
    events = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        try:
            await anyio.sleep_forever()
        finally:
            events.append("cancelled")

    with driver.client(app).websocket_connect("/"):
        pass
    assert events == ["cancelled"]


def test_send_after_the_disconnect_raises_in_the_app(driver: Driver) -> None:
    """www.rst, since 2.4: an OSError, as with uvicorn; it does not fail the test."""
    raised: list[type] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await receive()
        try:
            await send({"type": "websocket.send", "text": "too late"})
        except OSError as exc:
            raised.append(type(exc))
            raise

    with driver.client(app).websocket_connect("/"):
        pass
    assert len(raised) == 1
