"""Plain values in, scope dicts out: one place where each key of each scope is decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from .._types import HeaderPairs, Scope

#: uvicorn's values. An HTTP spec_version of 2.4 or more would switch frameworks to another way of noticing a
#: disconnect (`send()` that raises), which three of the four servers do not have.
ASGI_VERSION = "3.0"
HTTP_SPEC_VERSION = "2.3"
LIFESPAN_SPEC_VERSION = "2.0"
_FIRST_SPEC_VERSION = (2, 0)

_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


def connection_template(
    *,
    kind: str,
    method: str,
    scheme: str,
    host: str,
    port: int | None,
    path: str,
    raw_path: bytes,
    query_string: bytes,
    root_path: str,
    client: tuple[str, int] | None,
) -> dict[str, Any]:
    """What the scopes of requests to one place have in common (www.rst: Connection Scope); no app gets it itself.

    Args:
        kind: `"http"` or `"websocket"`.
        method: the HTTP method; a websocket scope has none.
        path, raw_path: the path as `path_of()` has it, and as it is sent, without the query.
    """
    template: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": ASGI_VERSION, "spec_version": HTTP_SPEC_VERSION},
        "http_version": "1.1",
        "scheme": scheme,
        "path": path,
        "raw_path": raw_path,
        "root_path": root_path,
        "query_string": query_string,
        "headers": [],
        "client": client,
        "server": (host, _DEFAULT_PORTS[scheme] if port is None else port),
        "state": {},
    }
    # More extensions by default would change what frameworks send; they are opted into.
    if kind == "http":
        template["method"] = method.upper()
        template["extensions"] = {"http.response.debug": {}}
    else:
        template["subprotocols"] = []
        template["extensions"] = {"websocket.http.response": {}}
    return template


def connection_scope(template: dict[str, Any], headers: HeaderPairs, state: Mapping[str, Any]) -> Scope:
    """The scope of one request or websocket, which shares nothing with others that an app may change.

    Args:
        template: what `connection_template()` has made.
        headers: name and value pairs with lower-cased names; order and duplicates are kept, in a list of its own.
        state: the lifespan state; the scope gets a shallow copy of its own.
    """
    scope = template.copy()
    scope["asgi"] = template["asgi"].copy()
    scope["headers"] = [*headers]
    scope["state"] = dict(state)
    scope["extensions"] = {name: says.copy() for name, says in template["extensions"].items()}
    if scope["type"] == "websocket":
        scope["subprotocols"] = _subprotocols(scope["headers"])
    return scope


def path_of(raw_path: bytes) -> str:
    """The `path` of a scope: the path as it is sent, decoded once."""
    return unquote(raw_path.decode("latin-1"))


def lifespan_scope(state: dict[str, Any]) -> Scope:
    """The lifespan scope; the app fills `state` itself, so it is not copied (lifespan.rst: Lifespan State)."""
    return {
        "type": "lifespan",
        "asgi": {"version": ASGI_VERSION, "spec_version": LIFESPAN_SPEC_VERSION},
        "state": state,
    }


def request_of(scope: Mapping[str, Any]) -> str:
    """What was asked of the app, in a word or two, for texts."""
    match scope["type"]:
        case "http":
            return f"{scope['method']} {scope['path']}"
        case "websocket":
            return f"WEBSOCKET {scope['path']}"
        case "lifespan":
            return "the lifespan"
    return str(scope["type"])


def announced_version(scope: Scope) -> tuple[int, ...]:
    """The version of the specification that the scope announces; the first one where what it says is none.

    A middleware of the app may have written anything there.
    """
    try:
        return tuple(map(int, scope["asgi"]["spec_version"].split(".")))
    except (AttributeError, KeyError, TypeError, ValueError):
        return _FIRST_SPEC_VERSION


def _subprotocols(headers: list[tuple[bytes, bytes]]) -> list[str]:
    """What the client offers: every value of every header line, in order, stripped (RFC 6455 section 11.3.4)."""
    offered = [value.decode("latin-1") for name, value in headers if name == b"sec-websocket-protocol"]
    return [word.strip() for line in offered for word in line.split(",") if word.strip()]
