"""What a test sends and no client could, or what it asks of a session that makes no sense: refused at the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from asgi_lockstep import UsageError
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, accept, hello, read_body
from matrix import Driver

LIMIT = "seconds, 0 or more, or None for as long as it takes"


def refusal(call: Callable[[], object]) -> str:
    """The text of the error of a call."""
    __tracebackhide__ = True
    with pytest.raises(UsageError) as caught:
        call()
    return str(caught.value)


async def listens(_scope: Scope, receive: Receive, send: Send) -> None:
    """Receives all there is."""
    await accept(receive, send)
    await send({"type": "websocket.send", "text": "{}"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


CODE = "a number from 1000 to 4999, for example 1000 for a normal end"

#: What a session refuses: a call, and the text.
OF_A_SESSION: dict[str, tuple[Callable[[Any], object], str]] = {
    "receive": (lambda session: session.receive(timeout="3"), f"timeout='3' makes no sense: give {LIMIT}."),
    "receive_text": (lambda session: session.receive_text(timeout=-1), f"timeout=-1 makes no sense: give {LIMIT}."),
    "receive_mode": (
        lambda session: session.receive_json(mode="bytes"),
        "mode='bytes' does not exist; known are 'text', 'binary'.",
    ),
    "send_mode": (
        lambda session: session.send_json(1, mode="bytes"),
        "mode='bytes' does not exist; known are 'text', 'binary'.",
    ),
    "close": (lambda session: session.close("bye"), f"code='bye' makes no sense: give {CODE}."),
    "close_code": (lambda session: session.close(999), f"code=999 makes no sense: give {CODE}."),
    "reason": (lambda session: session.close(1000, b"bye"), "reason=b'bye' makes no sense: give a str, or None."),
    "disconnect": (lambda session: session.disconnect(True), f"code=True makes no sense: give {CODE}."),
    "surrogates": (
        lambda session: session.send_text("a\ud800"),
        "'a\\ud800' has surrogates, which no websocket can carry in a text frame: call send_bytes().",
    ),
}


@pytest.mark.client_decides
@pytest.mark.parametrize(("call", "text"), OF_A_SESSION.values(), ids=OF_A_SESSION)
def test_a_value_given_to_a_session(driver: Driver, call: Callable[[Any], object], text: str) -> None:
    """It can be used as if nothing had been called."""
    app = Listener(websocket=listens)
    with driver.client(app).websocket_connect("/") as session:
        assert (refusal(lambda: call(session)), session.receive_json()) == (text, {})
    assert [message["type"] for message in app.received] == ["websocket.connect", "websocket.disconnect"]


@pytest.mark.client_decides
@pytest.mark.parametrize("message", [None, "hi", {"text": "hi"}, {"type": None}], ids=repr)
def test_what_is_no_message(driver: Driver, message: Any) -> None:
    """The app is not given what it could not understand."""
    app = Listener(websocket=listens)
    with (
        driver.client(app).websocket_connect("/") as session,
        pytest.raises(TypeError) as caught,
    ):
        session.send(message)
    assert str(caught.value) == (
        f"send() takes a message for the app, and was given {message!r}: write, for example, "
        'send({"type": "websocket.receive", "text": "hi"}), or call send_text(), send_bytes() or send_json().'
    )


def enter_with(driver: Driver) -> str:
    """How the block of the driver's sessions begins."""
    return "async with" if driver.is_async else "with"


@pytest.mark.client_decides
def test_a_session_is_entered_once(driver: Driver) -> None:
    """A websocket has one handshake; the app is called once."""
    app = Listener(websocket=listens)
    session = driver.client(app).websocket_connect("/")
    with session:
        pass
    assert refusal(session.__enter__) == (
        "This websocket session was opened before, and a websocket has one handshake. Write: "
        f"{enter_with(driver)} client.websocket_connect(...) as session: ..., for each."
    )
    assert len(app.scopes) == 1


@pytest.mark.client_decides
def test_an_exchange_is_entered_once(driver: Driver) -> None:
    """The same for a request that is sent by hand."""
    app = Listener(http=hello)
    exchange = driver.client(app).open("POST", "/")
    with exchange:
        pass
    assert refusal(exchange.__enter__) == (
        "This exchange was opened before, and a request is sent once. Write: "
        f'{enter_with(driver)} client.open("POST", url) as exchange: ..., for each.'
    )
    assert len(app.scopes) == 1


async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the whole request body, and answers with it."""
    whole = await read_body(receive)
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": whole})


@pytest.mark.client_decides
def test_a_piece_that_is_sent_by_hand_is_made_of_bytes(driver: Driver) -> None:
    """The app is not blamed for it, and the right one can be sent."""
    with driver.client(echo).open("POST", "/") as exchange:
        with pytest.raises(TypeError) as caught:
            exchange.send("a")
        exchange.send(bytearray(b"a"))
        exchange.end()
        assert exchange.receive() == b"a"
    assert str(caught.value) == "A piece of a request body has to be bytes, and this one is 'a': encode it first."


@pytest.mark.client_decides
def test_a_piece_of_a_body_is_made_of_bytes(driver: Driver) -> None:
    """A generator of texts is a mistake of the test."""

    async def texts() -> Any:
        yield "a"

    content = texts() if driver.is_async else iter(["a"])
    with pytest.raises(TypeError, match=r"^A piece of a request body has to be bytes, and this one is 'a': encode"):
        driver.client(echo).post("/", content=content)


@pytest.mark.client_decides
@pytest.mark.parametrize(
    ("name", "value"), [("x-a", "1\r\nx-b: 2"), ("x-a", "1\n2"), ("x-a", "\0"), ("x\r", "1")], ids=repr
)
def test_a_header_of_more_than_one_line(driver: Driver, name: str, value: str) -> None:
    """No client can send it."""
    app = Listener(http=hello)
    text = refusal(lambda: driver.client(app).get("/", headers={name: value}))
    header = (name.encode(), value.encode())
    assert (text, app.scopes) == (
        f"The header {header!r} of the request has CR, LF or NUL in it, which no client can send: leave that out.",
        [],
    )


@pytest.mark.client_decides
def test_subprotocols_are_a_list(driver: Driver) -> None:
    """A text would offer its letters."""
    client = driver.client(Listener(websocket=listens))
    assert refusal(lambda: client.websocket_connect("/", subprotocols="ab")) == (
        "subprotocols='ab' makes no sense: give a list of names, for example ['ab']."
    )


@pytest.mark.client_decides
def test_the_websockets_of_httpx2(driver: Driver) -> None:
    """They need a network; the text names the method that this client has."""
    app = Listener(websocket=listens)
    assert refusal(lambda: driver.client(app).websocket("/")) == (
        "websocket() is httpx2's, and needs a network. Write: client.websocket_connect(url)."
    )


@pytest.mark.client_decides
@pytest.mark.parametrize("scheme", ["ws", "wss"])
@pytest.mark.parametrize("send", ["request", "stream", "open"])
def test_the_url_of_a_websocket_is_not_requested(driver: Driver, send: str, scheme: str) -> None:
    """However the request is sent, no part of ours shows."""
    app, url = Listener(websocket=listens), f"{scheme}://testserver/ws"

    def use() -> None:
        with getattr(driver.client(app), send)("GET", url):
            pass

    assert (refusal(use), app.scopes) == (
        f'{url} is the URL of a websocket, and GET is no way to open one. Write: client.websocket_connect("{url}").',
        [],
    )


@pytest.mark.client_decides
def test_the_url_of_a_websocket_is_connected_to(driver: Driver) -> None:
    """With its scheme, and with what else a request may carry."""
    app = Listener(websocket=listens)
    with driver.client(app).websocket_connect("wss://shop.test/ws", extensions={"asgi": {"grace": 2}}) as session:
        assert (session.receive_text(), app.scopes[0]["scheme"]) == ("{}", "wss")
