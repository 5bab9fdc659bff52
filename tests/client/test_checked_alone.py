"""`Checked` without a client: what it passes on, in both directions, and what it makes of how an app ends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import anyio
import pytest

from asgi_lockstep import Checked, ProtocolViolation
from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import accept, answers, body, start
from matrix import Driver

SPECS = "https://asgi.readthedocs.io/en/latest/specs"

HTTP: Scope = {"type": "http", "method": "GET", "path": "/"}
CHAT: Scope = {"type": "websocket", "path": "/chat", "subprotocols": []}

CONNECT: Message = {"type": "websocket.connect"}
TEXT: Message = {"type": "websocket.receive", "text": "a"}
LEAVES: Message = {"type": "websocket.disconnect", "code": 1000}


async def _call(checked: Any, scope: Scope, received: Iterable[Message] = ()) -> tuple[list[Message], Any]:
    """What an app has sent that was given these messages, and what it returned."""
    sent: list[Message] = []
    events = iter(received)

    async def receive() -> Message:
        return next(events)

    async def send(message: Message) -> None:
        sent.append(message)

    return sent, await checked(scope, receive, send)


@pytest.mark.parametrize("rules", [{"default": "spec", "wrong-kind": "record", "body-before-start": "record"}, "off"])
def test_what_is_recorded_is_passed_on_as_it_was_sent(rules: Any) -> None:
    """The very object, also where nothing can be made of it."""
    messages = [{"type": "http.response.start", "status": "200"}, body(b"x")]
    checked = Checked(answers(*messages), rules=rules)
    sent, _ = anyio.run(_call, checked, HTTP)
    assert [id(message) for message in sent] == [id(message) for message in messages]
    expected = [] if rules == "off" else ["wrong-kind", "body-before-start"]
    assert [violation.rule for violation in checked.violations] == expected


def test_the_scope_and_what_is_received_are_passed_on() -> None:
    """The very objects, so that middleware may add to them."""
    seen: list[object] = []
    events: list[Message] = [{"type": "http.request"}]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend((scope, await receive()))

    anyio.run(_call, Checked(app), HTTP, events)
    assert [id(one) for one in seen] == [id(HTTP), id(events[0])]


def test_headers_that_can_be_read_once_reach_whoever_comes_next() -> None:
    """The check reads them, and so they are passed on as a list, in a message like the other one."""
    message = {"type": "http.response.start", "status": 204, "headers": iter([(b"x-a", b"1")])}
    sent, _ = anyio.run(_call, Checked(answers(message, body())), HTTP)
    assert sent[0] == {"type": "http.response.start", "status": 204, "headers": [(b"x-a", b"1")]}


def test_a_scope_of_another_protocol_is_not_looked_at() -> None:
    """Nobody knows what may be sent there."""
    sent, _ = anyio.run(_call, Checked(answers({"type": "telnet.say"})), {"type": "telnet"})
    assert sent == [{"type": "telnet.say"}]


# How an app ends.


async def _returns(scope: Scope, receive: Receive, send: Send) -> Any:
    await send(start(204))
    await send(body())
    return 5


def test_an_app_that_returns_a_value_is_named() -> None:
    """Raised out of the call, for the app has no `send()` under way; there is no line to be shown either."""
    with pytest.raises(ProtocolViolation) as caught:
        anyio.run(_call, Checked(_returns, name="five"), HTTP)
    assert str(caught.value) == (
        "The app returned 5, and must return nothing. The app broke ASGI in GET /, in five (response complete): it may "
        f"send nothing more now. See {SPECS}/main.html#applications\n"
        '  The rule is "return-value". uvicorn goes on, and so does hypercorn.'
    )


def test_a_value_that_is_recorded_is_returned() -> None:
    """Whoever runs the app may have something to say about it, too."""
    checked = Checked(_returns, rules={"return-value": "record"})
    assert (anyio.run(_call, checked, HTTP)[1], [one.rule for one in checked.violations]) == (5, ["return-value"])


def test_an_app_that_does_not_close_its_websocket_is_named() -> None:
    """Unless it was told that its client has gone."""
    app = Checked(accept_and_receive, rules={"no-close": "error"})
    with pytest.raises(
        ProtocolViolation, match=r"^The app returned without closing the websocket that it has accepted: "
    ):
        anyio.run(_call, app, CHAT, [CONNECT, TEXT])
    anyio.run(_call, app, CHAT, [CONNECT, LEAVES])
    assert len(app.violations) == 1


async def accept_and_receive(scope: Scope, receive: Receive, send: Send) -> None:
    """A websocket that reads one message."""
    await accept(receive, send)
    await receive()


def test_what_is_sent_to_a_client_that_has_gone_is_not_looked_at() -> None:
    """Servers take no notice of it either; but behind the last message another one is always out of order."""
    gone: list[Message] = [{"type": "http.disconnect"}]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(body(b"x"))

    anyio.run(_call, Checked(app), HTTP, gone)

    async def app_after_its_end(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body())
        await app(scope, receive, send)

    with pytest.raises(ProtocolViolation, match=r'^Received "http\.response\.body" after response completed\.'):
        anyio.run(_call, Checked(app_after_its_end), HTTP, gone)


def test_an_app_that_learns_from_send_that_its_client_has_gone_may_return() -> None:
    """As spec version 2.4 has it: what is raised there is an `OSError`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        with pytest.raises(OSError, match="gone"):
            await send({"type": "websocket.send", "text": "a"})

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        if message["type"] == "websocket.send":
            raise OSError("gone")

    checked = Checked(app)
    anyio.run(checked, CHAT, receive, send)
    assert checked.violations == []


def test_a_message_that_is_refused_further_out_was_not_sent(driver: Driver) -> None:
    """An app that handles it may send its response after all: for us, nothing has been sent."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send(start(200, (b"X-Upper", b"1")))
        except ProtocolViolation:
            await send(start(500))
        await send(body())

    inner = Checked(app, rules={"default": "spec", "upper-case-name": "off"})
    outer = Checked(inner)
    assert driver.client(outer).get("/").status_code == 500
    assert ([one.rule for one in outer.violations], inner.violations) == (["upper-case-name"], [])
