"""Plain values in, scope dicts out (www.rst: Connection Scope; lifespan.rst: Scope)."""

from __future__ import annotations

from typing import Any

import pytest

from asgi_lockstep._protocol.scope import connection_scope, connection_template, lifespan_scope, path_of
from asgi_lockstep._types import Scope


def scope_of(kind: str = "http", **values: Any) -> Scope:
    """A scope in which only the given values are special."""
    plain: dict[str, Any] = {
        "method": "GET",
        "scheme": "http" if kind == "http" else "ws",
        "host": "testserver",
        "port": None,
        "raw_path": b"/",
        "query_string": b"",
        "headers": [],
        "root_path": "",
        "client": ("testclient", 50000),
        "state": {},
    }
    values.setdefault("path", path_of(values.get("raw_path", b"/")))
    given = {**plain, **values}
    headers, state = given.pop("headers"), given.pop("state")
    return connection_scope(connection_template(kind=kind, **given), headers, state)


def test_the_http_scope_is_complete() -> None:
    """www.rst, HTTP Connection Scope: each key, with its type."""
    scope = scope_of(
        method="post",
        scheme="https",
        host="example.org",
        port=8443,
        raw_path=b"/a%20b",
        query_string=b"x=%20",
        headers=[(b"host", b"example.org:8443")],
        root_path="/root",
        client=("1.2.3.4", 5),
        state={"db": 1},
    )
    assert scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "query_string": b"x=%20",
        "root_path": "/root",
        "headers": [(b"host", b"example.org:8443")],
        "client": ("1.2.3.4", 5),
        "server": ("example.org", 8443),
        "state": {"db": 1},
        "extensions": {"http.response.debug": {}},
    }


def test_the_websocket_scope_is_complete() -> None:
    """www.rst, Websocket Connection Scope: no method, and the subprotocols instead."""
    scope = scope_of("websocket", headers=[(b"sec-websocket-protocol", b"a, b")], client=None)
    assert scope == {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"sec-websocket-protocol", b"a, b")],
        "client": None,
        "server": ("testserver", 80),
        "subprotocols": ["a", "b"],
        "state": {},
        "extensions": {"websocket.http.response": {}},
    }


def test_the_lifespan_scope_is_complete() -> None:
    """lifespan.rst, Scope: it says which version of the lifespan is spoken."""
    assert lifespan_scope({}) == {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}


@pytest.mark.parametrize(
    ("raw_path", "path"),
    [
        (b"/", "/"),
        (b"", ""),
        (b"/a%2Fb", "/a/b"),
        (b"/a%252Fb", "/a%2Fb"),
        (b"/caf%C3%A9", "/café"),
        (b"/a+b;c", "/a+b;c"),
        (b"/%zz%", "/%zz%"),
        (b"/%E9", "/\ufffd"),
    ],
)
def test_the_path_is_decoded_once(raw_path: bytes, path: str) -> None:
    """www.rst, HTTP Connection Scope: percent-encoded UTF-8 becomes characters; `raw_path` stays as it was sent."""
    scope = scope_of(raw_path=raw_path)
    assert (scope["path"], scope["raw_path"]) == (path, raw_path)


@pytest.mark.parametrize(("scheme", "port"), [("http", 80), ("https", 443), ("ws", 80), ("wss", 443)])
def test_the_port_of_the_server_is_that_of_the_scheme(scheme: str, port: int) -> None:
    """www.rst, HTTP Connection Scope: the port of `server` is an int, also where the URL has none."""
    assert scope_of(scheme=scheme)["server"] == ("testserver", port)


def test_a_port_of_zero_is_a_port() -> None:
    """Only a missing port is replaced."""
    assert scope_of(port=0)["server"] == ("testserver", 0)


def test_the_headers_are_a_list_of_its_own() -> None:
    """www.rst, HTTP Connection Scope: order and duplicates are kept, and values are bytes that nobody reads."""
    headers = [(b"x-b", b"Upper"), (b"x-a", b"\xe9"), (b"x-b", b"2")]
    scope = scope_of(headers=headers)
    assert scope["headers"] == headers
    assert scope["headers"] is not headers


@pytest.mark.parametrize(
    ("lines", "subprotocols"),
    [
        ([], []),
        ([b""], []),
        ([b"a"], ["a"]),
        ([b" a ,b,, c"], ["a", "b", "c"]),
        ([b"b, a", b"c"], ["b", "a", "c"]),
    ],
)
def test_the_subprotocols_are_what_the_client_offers(lines: list[bytes], subprotocols: list[str]) -> None:
    """www.rst, Websocket Connection Scope; RFC 6455 section 11.3.4: the header may come more than once."""
    headers = iter([(b"sec-websocket-protocol", line) for line in lines])
    assert scope_of("websocket", headers=headers)["subprotocols"] == subprotocols


def test_each_request_has_a_shallow_copy_of_the_state() -> None:
    """lifespan.rst, Lifespan State: a new key stays within the request, and what the keys hold is shared."""
    state: dict[str, Any] = {"users": []}
    scope = scope_of(state=state)
    scope["state"]["new"] = 1
    scope["state"]["users"].append("ann")
    assert state == {"users": ["ann"]}


def test_the_lifespan_fills_the_state_itself() -> None:
    """lifespan.rst, Lifespan State: what the app puts there is what requests get copies of."""
    state: dict[str, Any] = {}
    assert lifespan_scope(state)["state"] is state


def test_no_two_scopes_share_what_an_app_may_change() -> None:
    """www.rst, HTTP Connection Scope: one scope for each request; middleware changes its own."""
    first, second = scope_of(), scope_of()
    for key in ("asgi", "extensions", "state"):
        first[key]["changed"] = {}
    first["headers"].append((b"x", b"y"))
    assert second == scope_of()
