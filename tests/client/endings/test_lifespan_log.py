"""What the log says when an app fails whose lifespan has not run."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, accept, answers, body, simple_lifespan, start
from matrix import Driver

pytestmark = pytest.mark.client_decides


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the library has logged."""
    return [record.getMessage() for record in caplog.records if record.name == "asgi_lockstep"]


async def needs_its_lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    """Looks for what only a lifespan could have made."""
    if scope["type"] == "websocket":
        await accept(receive, send)
    scope["state"]["pool"].connect()


def fails_with(exception: Exception) -> Any:
    """A script that raises."""

    async def script(scope: Scope, receive: Receive, send: Send) -> None:
        raise exception

    return script


def opening(driver: Driver) -> str:
    """What to write, by the client."""
    return "async with AsyncTestClient(app)" if driver.is_async else "with TestClient(app)"


def not_entered(request: str, kind: str, driver: Driver) -> str:
    """The line about a client that was not entered."""
    return (
        f"{request} failed with {kind}, and the client was not entered: the lifespan of the app has not run. If that "
        f"makes what is missing, write: {opening(driver)} as client: ..."
    )


@pytest.mark.parametrize(
    "failure", [AttributeError("pool"), KeyError("pool"), LookupError("variable"), NameError("pool")], ids=repr
)
def test_a_client_that_was_not_entered(driver: Driver, caplog: pytest.LogCaptureFixture, failure: Exception) -> None:
    """Where the app looks for something, one line, once; its exception is what it was."""
    client = driver.client(Listener(http=fails_with(failure)))
    for _ in range(2):
        with pytest.raises(type(failure)) as caught:
            client.get("/items")
        assert not hasattr(caught.value, "__notes__")
    assert said(caplog) == [not_entered("GET /items", type(failure).__name__, driver)]
    assert [record.levelno for record in caplog.records if record.name == "asgi_lockstep"] == [logging.WARNING]


@pytest.mark.parametrize("how", ["stream", "websocket", "500", "derived"])
def test_whatever_was_asked_of_it(driver: Driver, caplog: pytest.LogCaptureFixture, how: str) -> None:
    """A stream, a websocket, a client to which exceptions are responses, and one that was derived."""
    client = driver.client(Listener(http=needs_its_lifespan, websocket=needs_its_lifespan))
    if how == "stream":
        with pytest.raises(KeyError), client.stream("GET", "/x"):
            pytest.fail("the block must not be entered")
    elif how == "websocket":
        with pytest.raises(KeyError), client.websocket_connect("/x") as session:
            session.receive_text()
    elif how == "500":
        client.raise_server_exceptions = False
        assert client.get("/x").status_code == 500
    else:
        with pytest.raises(KeyError):
            client.derive().get("/x")
    request = "WEBSOCKET /x" if how == "websocket" else "GET /x"
    assert said(caplog) == [not_entered(request, "KeyError", driver)]


def test_nothing_is_said_of_other_failures(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    """A suite that tests what the app raises has no line in its log that nobody asked for."""
    client = driver.client(Listener(http=fails_with(ValueError("no such item"))))
    with pytest.raises(ValueError, match="no such item"):
        client.get("/")
    assert said(caplog) == []


@pytest.mark.parametrize("lifespan", ["auto", "off"])
def test_nothing_is_said_where_the_lifespan_has_run_or_is_not_wanted(
    driver: Driver, caplog: pytest.LogCaptureFixture, lifespan: str
) -> None:
    """Then it is not the reason, or was left out on purpose."""
    client = driver.client(Listener(http=needs_its_lifespan, lifespan=simple_lifespan), lifespan=lifespan)
    if lifespan == "auto":
        with client, pytest.raises(KeyError):
            client.get("/")
    else:
        with pytest.raises(KeyError):
            client.get("/")
    assert said(caplog) == []


def test_an_exception_that_counted_as_no_lifespan(driver: Driver, caplog: pytest.LogCaptureFixture) -> None:
    """The first request that fails tells of it, whatever it fails with: what cannot be built fails twice."""
    failure = TypeError("not a plugin")
    with driver.client(Listener(http=fails_with(failure), lifespan=fails_with(failure))) as client:
        assert said(caplog) == []
        for _ in range(2):
            with pytest.raises(TypeError):
                client.get("/items")
    assert said(caplog) == [
        "GET /items failed. Before that, the app has raised TypeError('not a plugin') on the lifespan scope, which "
        'counts as an app without a lifespan: lifespan="on" raises it when the client is entered.'
    ]


def test_an_app_without_a_lifespan_that_works_is_left_in_peace(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    """As Django, which raises on the lifespan scope."""
    app = Listener(http=answers(start(), body(b"hi")), lifespan=fails_with(ValueError("only HTTP")))
    with driver.client(app) as client:
        assert client.get("/").text == "hi"
    assert said(caplog) == []
