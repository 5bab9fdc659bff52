"""Clients that go away in the middle: after so many bytes, or when the test says so."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from asgi_lockstep import RequestCutOff, ResponseCutOff, UnknownOption
from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import Listener, body, hello, start
from matrix import Driver

GONE = {"type": "http.disconnect"}


def piece(data: bytes, *, more: bool = False) -> Message:
    """A piece of the request body, as the app receives it."""
    return {"type": "http.request", "body": data, "more_body": more}


def after(count: Any) -> dict[str, Any]:
    """The extensions of a request whose client goes away."""
    return {"asgi": {"disconnect_after": count}}


async def upload(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads as long as something comes, and then answers with three chunks of six bytes."""
    while (message := await receive())["type"] == "http.request" and message["more_body"]:
        pass
    await send(start())
    for chunk in (b"abcdef", b"ghijkl", b"mnopqr"):
        await send(body(chunk, more=True))
    await send(body())
    await receive()


@pytest.mark.parametrize(
    ("count", "received"),
    [
        (0, [GONE, GONE]),
        (4, [piece(b"0123", more=True), GONE, GONE]),
        (10, [piece(b"0123456789"), GONE]),
    ],
)
def test_an_upload_is_cut_off(driver: Driver, count: int, received: list[Message]) -> None:
    """The app reads just so many bytes, and then finds `http.disconnect`; the client has no response."""
    app = Listener(http=upload)
    with pytest.raises(RequestCutOff) as caught:
        driver.client(app).post("/files", content=b"0123456789", extensions=after({"upload": count}))
    assert app.received == received
    assert isinstance(caught.value, httpx2.WriteError)
    assert str(caught.value) == (
        f"The client of POST /files went away after {count} bytes of the request body, as disconnect_after asked, "
        "before its response had started"
    )


def test_an_upload_in_pieces_is_cut_off(driver: Driver) -> None:
    """The piece in which the limit lies is shortened."""
    app = Listener(http=upload)
    extensions = {"asgi": {"disconnect_after": 5, "body_chunks": 2}}
    with pytest.raises(RequestCutOff):
        driver.client(app).post("/files", content=b"0123456789", extensions=extensions)
    assert app.received == [piece(b"01", more=True), piece(b"23", more=True), piece(b"4", more=True), GONE, GONE]


@pytest.mark.parametrize("count", [0, 6, 7, 17, 18])
@pytest.mark.parametrize("streamed", [False, True], ids=["at once", "streamed"])
def test_a_download_is_cut_off(driver: Driver, count: int, streamed: bool) -> None:
    """The client gets just so many bytes, and then an error that has them; the app finds `http.disconnect`."""
    app = Listener(http=upload)
    client = driver.client(app)
    got = b""
    with pytest.raises(ResponseCutOff) as caught:
        if streamed:
            with client.stream("GET", "/", extensions=after({"download": count})) as response:
                for chunk in response.iter_raw():
                    got += chunk
        else:
            client.get("/", extensions=after({"download": count}))
    assert caught.value.received == b"abcdefghijklmnopqr"[:count]
    assert not streamed or got == caught.value.received
    assert isinstance(caught.value, httpx2.ReadError)
    assert str(caught.value) == (
        f"The client of GET / went away after {count} bytes of the response body, as disconnect_after asked"
    )
    assert app.received == [piece(b""), GONE]


def test_a_limit_that_is_not_reached_changes_nothing(driver: Driver) -> None:
    """Neither side has so many bytes; a plain number holds for both."""
    app = Listener(http=upload)
    response = driver.client(app).post("/", content=b"0123456789", extensions=after(19))
    assert response.content == b"abcdefghijklmnopqr"


def test_a_response_that_ends_at_the_limit_is_complete(driver: Driver) -> None:
    """A client that has everything has no reason to complain."""
    response = driver.client(hello).get("/", extensions=after({"download": len(b"GET /")}))
    assert response.content == b"GET /"


def test_what_the_app_raises_because_of_it_is_raised(driver: Driver) -> None:
    """It is what the log of a server would show."""

    async def fails(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        assert (await receive()) == GONE
        raise ValueError("half a file")

    with pytest.raises(ValueError, match="half a file"):
        driver.client(fails).post("/", content=b"0123456789", extensions=after(4))
    with pytest.raises(RequestCutOff):
        driver.client(fails, raise_server_exceptions=False).post("/", content=b"0123456789", extensions=after(4))


def test_send_raises_from_spec_version_two_four_on(driver: Driver) -> None:
    """OSError, as under uvicorn where that version is announced; no harm to the test."""
    events: list[str] = []

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        try:
            while True:
                await send(body(b"tick", more=True))
                events.append("sent")
        except OSError:
            events.append("OSError")
            raise

    extensions = {"asgi": {"disconnect_after": 6, "spec_version": "2.4"}}
    with pytest.raises(ResponseCutOff):
        driver.client(Listener(http=http)).get("/", extensions=extensions)
    assert events == ["sent", "sent", "OSError"]


def test_the_test_goes_away(driver: Driver) -> None:
    """`response.disconnect()`: the app has been told, and rests, when it returns; reading on is an error."""
    app = Listener(http=upload)
    with driver.client(app).stream("GET", "/") as response:
        chunks = response.iter_raw()
        assert next(chunks) == b"abcdef"
        response.disconnect()
        assert app.received == [piece(b""), GONE]
        with pytest.raises(ResponseCutOff, match=r"^The client of GET / has disconnected: disconnect\(\) was called"):
            next(chunks)


def test_going_away_after_a_complete_response_changes_nothing(driver: Driver) -> None:
    """There is no connection any more."""
    response = driver.client(hello).get("/")
    response.disconnect()
    assert response.text == "GET /"


def test_a_side_that_does_not_exist(driver: Driver) -> None:
    """The text names those that do."""
    with pytest.raises(UnknownOption) as caught:
        driver.client(hello).get("/", extensions=after({"sideways": 1}))
    assert str(caught.value) == "disconnect_after key='sideways' does not exist; known are 'upload', 'download'."
