"""The rules of `rule_names.OTHERWISE`: what the client does instead, on purpose."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_lockstep import ProtocolViolation
from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import Listener, answers, body, start
from matrix import Driver

pytestmark = pytest.mark.client_decides

TRAILERS: Message = {"type": "http.response.trailers", "headers": [(b"x-sum", b"1")]}
OFFERED: dict[str, Any] = {"extensions": ["http.response.trailers"]}


def outcomes_behind(driver: Driver, complete: list[Message], late: Message) -> list[str]:
    """What `send()` makes of a message behind a complete response: by default, and with every rule off."""

    async def goes_on(scope: Scope, receive: Receive, send: Send) -> None:
        for message in complete:
            await send(message)
        try:
            await send(late)
        except ProtocolViolation:
            app.events.append("raised")
        else:
            app.events.append("ignored")

    app = Listener(http=goes_on)
    for options in ({}, {"rules": "off"}):
        response = driver.client(app, **OFFERED, **options).get("/")
        assert (response.content, response.extensions.get("http.response.trailers", [])) == (
            b"whole",
            [pair for message in complete if message is TRAILERS for pair in message["headers"]],
        )
    return app.events


def test_a_message_behind_a_response(driver: Driver) -> None:
    """HO-04, otherwise: send() raises for a message behind a complete response, and ignores it with rules="off"."""
    assert outcomes_behind(driver, [start(), body(b"whole")], body(b"more")) == ["raised", "ignored"]


def test_a_message_behind_trailers(driver: Driver) -> None:
    """EX-TR-04, otherwise: send() raises for a message behind the last trailers, and ignores it with rules="off"."""
    complete = [start(trailers=True), body(b"whole"), TRAILERS]
    assert outcomes_behind(driver, complete, body(b"more")) == ["raised", "ignored"]


def test_trailers_that_were_not_asked_for(driver: Driver) -> None:
    """EX-TR-06, otherwise: a test sees the trailers of the app, whether its request has TE or not."""
    client = driver.client(answers(start(trailers=True), body(), TRAILERS), **OFFERED)
    for headers in ({}, {"te": "trailers"}):
        response = client.get("/", headers=headers)
        assert response.extensions["http.response.trailers"] == [(b"x-sum", b"1")]
