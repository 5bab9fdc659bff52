"""What a client does with a websocket, step by step; the test is the driver, and the app too."""

from __future__ import annotations

import pytest

from asgi_lockstep import Deadlock, Diagnosis
from asgi_lockstep._protocol.steps import leave_websocket, next_message, open_websocket, resumed
from asgi_lockstep._types import Message
from protocol.exchanges import websocket
from protocol.playing import Player

GRACE = 0.25

ACCEPT = {"type": "websocket.accept"}
CLOSE = {"type": "websocket.close", "code": 3001}
DENIAL = {"type": "websocket.http.response.start", "status": 403}

ANSWER = "the app to answer the handshake of WEBSOCKET /chat"
MESSAGE = "a message from WEBSOCKET /chat"
CHAT_END = "WEBSOCKET /chat to end"
REST = "the app to come to rest"


def test_a_websocket_is_open_when_the_handshake_was_accepted() -> None:
    """www.rst, Accept: the session begins, and the app goes on."""
    exchange = websocket()
    client = Player(resumed(open_websocket(exchange, GRACE)))
    steps = [client.at]
    exchange.from_app(ACCEPT)
    steps.append(client.at)
    client.go()
    assert [*steps, client.at] == [(ANSWER, None, False), (ANSWER, None, True), "done"]
    assert exchange.disconnected is False


@pytest.mark.parametrize(
    "messages", [[CLOSE], [DENIAL, {"type": "websocket.http.response.body"}]], ids=["close", "denial"]
)
def test_an_app_that_refuses_the_handshake_is_seen_to_its_end(messages: list[Message]) -> None:
    """A close is the answer, and a denial response once it is complete; nobody gets a session whose block would end."""
    exchange = websocket(*messages[:-1])
    client = Player(resumed(open_websocket(exchange, GRACE)))
    steps = [client.at]
    exchange.from_app(messages[-1])
    steps.append(client.at)
    client.go()
    steps.append(client.at)
    exchange.app_returned()
    client.go()
    assert [*steps, client.at] == [(ANSWER, None, False), (ANSWER, None, True), (CHAT_END, GRACE, False), "done"]
    assert exchange.disconnected is False


def test_opening_ends_with_the_app() -> None:
    """An app that ended without an answer never gives one."""
    exchange = websocket()
    client = Player(resumed(open_websocket(exchange, GRACE)))
    exchange.app_returned()
    at = client.at
    client.go()
    assert [at, client.at] == [(ANSWER, None, True), "done"]


def test_an_opening_that_fails_leaves_before_it_raises() -> None:
    """RFC 6455 section 7.1.5: the app sees an abnormal closure, and may end by itself under the grace."""
    exchange = websocket()
    client = Player(resumed(open_websocket(exchange, GRACE)))
    failure = Deadlock(Diagnosis("x"))
    client.fail(failure)
    events = [client.at, exchange.to_app(), exchange.to_app()]
    exchange.app_returned()
    with pytest.raises(Deadlock) as caught:
        client.go()
    end = {"type": "websocket.disconnect", "code": 1006, "reason": ""}
    assert (events, caught.value) == ([(CHAT_END, GRACE, False), {"type": "websocket.connect"}, end], failure)


def test_an_opening_that_nobody_carries_out_does_nothing() -> None:
    """There is nobody to wait for the app any more."""
    exchange = websocket()
    Player(resumed(open_websocket(exchange, GRACE))).drop()
    assert (exchange.disconnected, exchange.ended) == (False, False)


def test_a_message_that_is_there_takes_no_step() -> None:
    """Nothing has to move for it."""
    assert Player(next_message(websocket(ACCEPT))).results == [True]


def test_the_next_message_is_waited_for() -> None:
    """The app is moved until it has sent one."""
    exchange = websocket(ACCEPT)
    exchange.take()
    client = Player(next_message(exchange))
    steps = [client.at]
    exchange.from_app({"type": "websocket.send", "text": "hi"})
    steps.append(client.at)
    client.go()
    assert (steps, client.results) == ([(MESSAGE, None, False), (MESSAGE, None, True)], [True])


def test_no_message_comes_from_an_app_that_has_ended() -> None:
    """The wait ends with the app."""
    exchange = websocket(ACCEPT)
    exchange.take()
    client = Player(next_message(exchange))
    exchange.app_returned()
    at = client.at
    client.go()
    assert (at, client.results) == ((MESSAGE, None, True), [False])


def test_no_message_comes_for_a_client_that_has_gone() -> None:
    """The app's `send()` raises, so there is nothing to wait for but rest."""
    exchange = websocket(ACCEPT)
    exchange.take()
    exchange.disconnect(1000, "")
    client = Player(next_message(exchange))
    at = client.at
    client.go()
    assert (at, client.results) == ((REST, None, True), [False])


def test_no_message_comes_after_the_apps_close() -> None:
    """www.rst, Close: it is the last one, so nobody waits for the app's clean-up to end."""
    exchange = websocket(ACCEPT, CLOSE)
    exchange.take()
    exchange.take()
    client = Player(next_message(exchange))
    client.go()
    assert (client.at, client.results, exchange.ended) == ("done", [False], False)


def test_leaving_a_websocket_gives_the_app_its_grace() -> None:
    """www.rst, Disconnect: the app hears of the close, and may finish its clean-up."""
    exchange = websocket(ACCEPT)
    exchange.to_app()
    client = Player(leave_websocket(exchange, 1001, "away", GRACE))
    events = [client.at, exchange.to_app()]
    exchange.app_returned()
    events.append(client.at)
    client.go()
    end = {"type": "websocket.disconnect", "code": 1001, "reason": "away"}
    assert [*events, client.at] == [(CHAT_END, GRACE, False), end, (CHAT_END, GRACE, True), "done"]


def test_leaving_a_websocket_whose_app_has_ended_takes_no_step() -> None:
    """There is nobody to wait for."""
    exchange = websocket(ACCEPT)
    exchange.app_returned()
    assert Player(leave_websocket(exchange, 1000, "", GRACE)).at == "done"
