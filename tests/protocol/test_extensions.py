"""The messages of extensions: only an app whose scope has the name of one may send them (asgi.rst: Extensions)."""

from __future__ import annotations

import pytest

from asgi_lockstep._protocol.checks import allowed_types
from asgi_lockstep._protocol.tables import HTTP, HTTPState, WebSocketState
from protocol.exchanges import DENIAL, EXTENSIONS, http, refusal, said, websocket


@pytest.mark.parametrize("state", HTTPState, ids=lambda state: state.name)
@pytest.mark.parametrize("message_type", sorted(EXTENSIONS))
@pytest.mark.parametrize(
    "offered", [{}, {"extensions": None}, {"extensions": {"tls": {}}}], ids=["missing", "none", "another"]
)
def test_an_extension_that_is_not_offered_is_refused(
    offered: dict[str, object], message_type: str, state: HTTPState
) -> None:
    """asgi.rst, Extensions: its messages may be sent only if the scope has its name, and no text suggests them else."""
    exchange = http(b"")
    exchange.state = state
    del exchange.scope["extensions"]
    exchange.scope.update(offered)
    error = refusal(exchange, {"type": message_type})
    sentence = f'Received "{message_type}", but scope["extensions"] does not offer it.'
    assert str(error).partition(" The app broke ")[0] == sentence
    assert (error.allowed, set(error.allowed) & EXTENSIONS, exchange.state) == (
        allowed_types(HTTP, state, ()),
        set(),
        state,
    )


@pytest.mark.parametrize(
    ("state", "message_type", "allowed"),
    [
        (WebSocketState.CONNECTING, "websocket.http.response.start", ("websocket.accept", "websocket.close")),
        (WebSocketState.DENYING, "websocket.http.response.body", ()),
    ],
    ids=["start", "body"],
)
def test_a_denial_response_that_is_not_offered_is_refused(
    state: WebSocketState, message_type: str, allowed: tuple[str, ...]
) -> None:
    """extensions.rst, Websocket Denial Response: offered as `websocket.http.response`, and an extension like others."""
    exchange = websocket()
    exchange.state = state
    exchange.scope["extensions"] = {}
    error = refusal(exchange, {"type": message_type, "status": 403})
    sentence = f'Received "{message_type}", but scope["extensions"] does not offer it.'
    assert str(error).partition(" The app broke ")[0] == sentence
    assert (error.allowed, exchange.state) == (allowed, state)


def test_an_extension_of_another_protocol_is_refused_in_words_about_the_scope() -> None:
    """asgi.rst, Protocol Specifications: what the scope offers is not what is wrong there."""
    sentences = [
        said(refusal(websocket(), {"type": "http.response.debug"})).partition(" The app broke ")[0],
        said(refusal(http(b""), {"type": f"{DENIAL}.start"})).partition(" The app broke ")[0],
    ]
    assert sentences == [
        'Received "http.response.debug" on a websocket scope: look at scope["type"] first.',
        'Received "websocket.http.response.start" on a http scope: look at scope["type"] first.',
    ]


def test_an_extension_that_middleware_offers_may_be_used() -> None:
    """asgi.rst, Middleware: what counts is the scope as it is when the message is sent."""
    exchange = http(b"", extensions=())
    exchange.scope["extensions"]["http.response.debug"] = {}
    exchange.from_app({"type": "http.response.debug", "info": {"x": 1}})
    assert exchange.debug == {"x": 1}
