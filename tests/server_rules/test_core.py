"""What `asgi.rst` asks of every server: calls, scopes, events, and what becomes of mistakes."""

from __future__ import annotations

import httpx2
import pytest

from asgi_lockstep._types import Message, Receive, Scope, Send
from helpers import Listener, accept, body, start
from matrix import Driver
from server_rules.looks import http_scope, one_of_each, raised_by_send, sends_late_and_raises
from websocket_apps import end_of

pytestmark = pytest.mark.client_decides


def keys_of(value: object) -> set[type]:
    """The types of all keys in a scope or an event, however deep."""
    if not isinstance(value, dict):
        return set()
    return {type(key) for key in value}.union(*map(keys_of, value.values()))


def test_one_call_for_each_connection(driver: Driver) -> None:
    """CORE-02: the app is called once for a lifespan, a request, a websocket."""
    assert [scope["type"] for scope in one_of_each(driver).scopes] == ["lifespan", "http", "websocket"]


def test_scopes_are_dicts(driver: Driver) -> None:
    """CORE-03: each scope is a dict."""
    assert [type(scope) for scope in one_of_each(driver).scopes] == [dict, dict, dict]


def test_scopes_have_a_type(driver: Driver) -> None:
    """CORE-04: each scope names its protocol in a str, as its type."""
    assert [type(scope["type"]) for scope in one_of_each(driver).scopes] == [str, str, str]


def test_scopes_have_the_version_of_asgi(driver: Driver) -> None:
    """CORE-05: each scope has the version of ASGI that is spoken."""
    assert [scope["asgi"]["version"] for scope in one_of_each(driver).scopes] == ["3.0", "3.0", "3.0"]


def test_scopes_have_the_version_of_their_protocol(driver: Driver) -> None:
    """CORE-06: each scope may have the version of its own specification, as a str."""
    assert [scope["asgi"]["spec_version"] for scope in one_of_each(driver).scopes] == ["2.0", "2.3", "2.3"]


def test_keys_are_str(driver: Driver) -> None:
    """CORE-07: the keys of scopes and events are str, at every depth."""
    app = one_of_each(driver, extensions=["http.response.push"])
    assert {kind for value in (*app.scopes, *app.received) for kind in keys_of(value)} == {str}


def test_receive_gives_one_dict(driver: Driver) -> None:
    """CORE-08: receive() is awaited without an argument, and gives one event, a dict."""
    kinds: list[type] = []

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        kinds.append(type(await receive()))
        await send(start())
        await send(body())

    driver.client(http).get("/")
    assert kinds == [dict]


def test_invalid_messages_are_raised_out_of_send(driver: Driver) -> None:
    """CORE-14: send() raises for an unknown type, a missing key, a value of the wrong type."""
    wrong: list[Message] = [
        {"type": "http.response.begin"},
        {"type": "http.response.start"},
        {"type": "http.response.start", "status": "200"},
    ]
    assert raised_by_send(driver, *wrong) == [True, True, True]


def test_an_exception_of_the_app_ends_its_connection(driver: Driver) -> None:
    """CORE-17: where the app raises, its connection ends with it: a response is cut off, a websocket lost."""

    async def http(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"half", more=True))
        raise ValueError

    async def websocket(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        raise ValueError

    client = driver.client(Listener(http=http, websocket=websocket), raise_server_exceptions=False)
    with pytest.raises(httpx2.RemoteProtocolError):
        client.get("/")
    with client.websocket_connect("/") as session:
        assert end_of(session.receive_text) == (1006, "")


def test_send_after_the_end_does_nothing(driver: Driver) -> None:
    """CORE-18: a message to a client that has gone is no error, where the announced version names none."""
    app = sends_late_and_raises(start(), body(b"one", more=True))
    with driver.client(app).stream("GET", "/"):
        pass
    assert app.events == ["sent"]


def test_what_send_raises_may_come_out_of_the_app(driver: Driver) -> None:
    """CORE-19: what send() raises because the client has gone does no harm where it comes out of the app."""
    app = sends_late_and_raises(start(), body(b"one", more=True))
    client = driver.client(app)
    with client.stream("GET", "/", extensions={"asgi": {"spec_version": "2.4"}}):
        pass
    with client.websocket_connect("/"):
        pass
    assert app.events == [True, True]


def test_extensions_are_dicts_by_name(driver: Driver) -> None:
    """CORE-20: what a scope says of extensions is a dict from a name to a dict."""
    extensions = http_scope(driver, "https://testserver/", extensions=["tls", "http.response.push"])["extensions"]
    assert (type(extensions), {type(name) for name in extensions}) == (dict, {str})
    assert [type(says) for says in extensions.values()] == [dict, dict, dict]
