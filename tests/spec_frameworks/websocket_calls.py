"""One call of each websocket that the application of every framework with websockets has."""

from __future__ import annotations

from typing import Any, Final

import pytest

from asgi_lockstep import WebSocketDenialResponse, WebSocketDisconnect
from spec_frameworks.answers import CODE
from spec_frameworks.calls import HTTP_CALLS, LIFESPAN_CALLS
from spec_frameworks.framework import by_name


def has_messages_echoed(client: Any) -> None:
    """/ws/echo: until the client leaves."""
    with client.websocket_connect("/ws/echo") as session:
        for text in ("one", "zwölf"):
            session.send_text(text)
            assert session.receive_text() == text


def has_bytes_echoed(client: Any) -> None:
    """/ws/bytes: one binary message, and the application closes."""
    with client.websocket_connect("/ws/bytes") as session:
        session.send_bytes(b"\0\xff")
        assert session.receive_bytes() == b"\0\xff"
        with pytest.raises(WebSocketDisconnect) as caught:
            session.receive_bytes()
    assert caught.value.code == 1000


def is_refused(client: Any) -> None:
    """/ws/refuse: the handshake is answered with 403."""
    with pytest.raises(WebSocketDenialResponse) as caught, client.websocket_connect("/ws/refuse"):
        pytest.fail("it was accepted")
    assert caught.value.status_code == 403


def asks_for_a_websocket_that_is_not_there(client: Any) -> None:
    """/ws/nowhere: some close the handshake, and some deny it with a 404."""
    with pytest.raises(WebSocketDenialResponse) as caught, client.websocket_connect("/ws/nowhere"):
        pytest.fail("it was accepted")
    assert caught.value.status_code in (403, 404)


def leaves_a_websocket(client: Any) -> None:
    """/ws/echo: the client closes with a code of its own, while the application waits for more."""
    with client.websocket_connect("/ws/echo") as session:
        session.send_text("one")
        session.close(3000, "enough")


def loses_a_websocket(client: Any) -> None:
    """/ws/echo: the connection is lost."""
    with client.websocket_connect("/ws/echo") as session:
        session.send_text("one")
        session.disconnect()


def is_closed_with_a_code(client: Any) -> None:
    """/ws/close: accepted, a message, closed."""
    with client.websocket_connect("/ws/close") as session:
        assert session.receive_text() == "goodbye"
        with pytest.raises(WebSocketDisconnect) as caught:
            session.receive_text()
    assert caught.value.code == CODE


def agrees_on_a_subprotocol(client: Any) -> None:
    """/ws/chat: the application takes the second that is offered, and adds a header."""
    with client.websocket_connect("/ws/chat", subprotocols=["soap", "chat"]) as session:
        assert session.accepted_subprotocol == "chat"
        assert session.receive_text() == "chat"


def is_left_open(client: Any) -> None:
    """/ws/open: the endpoint returns, and says nothing of an end."""
    with client.websocket_connect("/ws/open") as session:
        assert session.receive_text() == "hello"


#: All of websockets.
WEBSOCKET_CALLS: Final = by_name(
    has_messages_echoed,
    has_bytes_echoed,
    is_refused,
    asks_for_a_websocket_that_is_not_there,
    leaves_a_websocket,
    loses_a_websocket,
    is_closed_with_a_code,
    agrees_on_a_subprotocol,
    is_left_open,
)

#: What is asked of a framework that has all that ASGI has.
ALL_CALLS: Final = {**HTTP_CALLS, **LIFESPAN_CALLS, **WEBSOCKET_CALLS}
