"""What `www.rst` asks of the scope of a websocket."""

from __future__ import annotations

import pytest

from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, simple_lifespan
from matrix import Driver
from server_rules.looks import websocket_scope
from websocket_apps import listens

pytestmark = pytest.mark.client_decides


def test_type(driver: Driver) -> None:
    """WS-01: the type of a websocket is "websocket"."""
    assert websocket_scope(driver)["type"] == "websocket"


def test_versions(driver: Driver) -> None:
    """WS-02: a websocket has the version of ASGI, and that of its specification, both str."""
    assert websocket_scope(driver)["asgi"] == {"version": "3.0", "spec_version": "2.3"}


def test_http_version(driver: Driver) -> None:
    """WS-03: the version of HTTP is that of the handshake, a str."""
    assert websocket_scope(driver)["http_version"] == "1.1"


def test_scheme(driver: Driver) -> None:
    """WS-04: the scheme is "ws" or "wss", also where the URL has that of HTTP."""
    urls = ["/", "wss://testserver/", "https://testserver/"]
    assert [websocket_scope(driver, url)["scheme"] for url in urls] == ["ws", "wss", "wss"]


def test_path(driver: Driver) -> None:
    """WS-05: the path of a websocket has no query, and is decoded into characters."""
    assert websocket_scope(driver, "/caf%C3%A9%20ol%C3%A9?x=%20")["path"] == "/café olé"


def test_raw_path(driver: Driver) -> None:
    """WS-06: raw_path of a websocket has no query, and is byte for byte what was sent."""
    assert websocket_scope(driver, "/caf%c3%a9%2Fa+b?x=1")["raw_path"] == b"/caf%c3%a9%2Fa+b"


def test_query_string(driver: Driver) -> None:
    """WS-07: the query of a websocket is bytes, still percent-encoded; empty where there is none."""
    assert [websocket_scope(driver, url)["query_string"] for url in ("/?x=%20&y", "/")] == [b"x=%20&y", b""]


def test_root_path(driver: Driver) -> None:
    """WS-08: root_path of a websocket is where the app is mounted, empty by default."""
    scopes = [websocket_scope(driver), websocket_scope(driver, client={"root_path": "/api"})]
    assert [scope["root_path"] for scope in scopes] == ["", "/api"]


def test_headers(driver: Driver) -> None:
    """WS-09: headers of a handshake are pairs of bytes in their order, in lower case, none joined, none of HTTP/2."""
    headers = websocket_scope(driver, headers=[("X-B", "1"), ("x-a", "2"), ("x-b", "3")])["headers"]
    assert {tuple(type(part) for part in pair) for pair in headers} == {(bytes, bytes)}
    assert [pair for pair in headers if pair[0].startswith(b"x-")] == [(b"x-b", b"1"), (b"x-a", b"2"), (b"x-b", b"3")]
    assert [name for name, _ in headers if name.startswith(b":") or name != name.lower()] == []


def test_addresses(driver: Driver) -> None:
    """WS-10: client and server of a websocket are what they are for a request."""
    scope = websocket_scope(driver, "wss://a.example/", client={"client": ("::1", 5)})
    assert (scope["client"], scope["server"]) == (("::1", 5), ("a.example", 443))


def test_subprotocols(driver: Driver) -> None:
    """WS-11: subprotocols are what the client has offered, in its order; none by default."""
    scopes = [websocket_scope(driver, subprotocols=["v2", "v1"]), websocket_scope(driver)]
    assert [scope["subprotocols"] for scope in scopes] == [["v2", "v1"], []]


def test_state(driver: Driver) -> None:
    """WS-12: each websocket has a copy of the state of the lifespan for itself."""

    async def lifespan(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["database"] = "open"
        await simple_lifespan(scope, receive, send)

    app = Listener(websocket=listens, lifespan=lifespan)
    with driver.client(app) as client:
        for _ in range(2):
            with client.websocket_connect("/"):
                pass
    states = [scope["state"] for scope in app.scopes]
    assert states == [{"database": "open"}] * 3
    assert len({id(state) for state in states}) == 3
