"""What servers may leave out of a scope, or write in another way: a row for each kind (www.rst, asgi.rst)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from random import Random
from typing import Final

from .._types import Scope
from .variation_kinds import Kind, Varied


def _is_optional(_scope: Scope, _key: str) -> bool:
    """Whether a key may be missing, whatever it says."""
    return True


def _is_empty(scope: Scope, key: str) -> bool:
    return not scope[key]


def _is_1_1(scope: Scope, key: str) -> bool:
    return bool(scope[key] == "1.1")


def _scheme_is_default(scope: Scope, key: str) -> bool:
    return bool(scope[key] == {"http": "http", "websocket": "ws"}[scope["type"]])


def _without(
    key: str,
    may: Callable[[Scope, str], bool],
    *,
    none: bool = False,
    protocols: tuple[str, ...] = ("http", "websocket"),
) -> Callable[[Scope, Random], Varied[Scope]]:
    """A key of the scope that is missing.

    Args:
        may: asked whether it may be.
        none: whether it may be None as well.
        protocols: whose scopes it may be missing from.
    """

    def vary(scope: Scope, random: Random) -> Varied[Scope]:
        if scope["type"] not in protocols or key not in scope or not may(scope, key):
            return None
        if none and random.random() < 0.5:
            return {**scope, key: None}, f"scope[{key!r}] is None"
        return {name: value for name, value in scope.items() if name != key}, f"scope[{key!r}] is missing"

    return vary


def without_spec_version(scope: Scope, _: Random) -> Varied[Scope]:
    """A server that says nothing of the version of the protocol: it means the first one."""
    if "spec_version" not in scope["asgi"]:
        return None
    asgi = {name: value for name, value in scope["asgi"].items() if name != "spec_version"}
    return {**scope, "asgi": asgi}, 'scope["asgi"] has no "spec_version"'


def _is_http_1(scope: Scope) -> bool:
    return str(scope.get("http_version", "1.1")).startswith("1")


def headers_in_other_order(scope: Scope, random: Random) -> Varied[Scope]:
    """Names in another order; the values of one name stay in theirs. Of HTTP/2, `host` has to be the first one."""
    if not _is_http_1(scope):
        return None
    values: dict[bytes, list[tuple[bytes, bytes]]] = defaultdict(list)
    for pair in scope.get("headers", ()):
        values[pair[0].lower()].append(pair)
    if len(values) < 2:
        return None
    names = [name for name, pairs in values.items() for _ in pairs]
    random.shuffle(names)
    return {**scope, "headers": [values[name].pop(0) for name in names]}, "the headers come in another order"


def headers_as_lists(scope: Scope, _: Random) -> Varied[Scope]:
    """Pairs that are lists: any iterable of two is one."""
    if not scope.get("headers"):
        return None
    return {**scope, "headers": [[*pair] for pair in scope["headers"]]}, "each header is a list"


def header_names_as_sent(scope: Scope, _: Random) -> Varied[Scope]:
    """Names with the capitals that clients of HTTP/1.1 send."""
    if not scope.get("headers") or not _is_http_1(scope):
        return None
    pairs = [(b"-".join(part.capitalize() for part in name.split(b"-")), value) for name, value in scope["headers"]]
    return {**scope, "headers": pairs}, "the names of the headers have capitals"


#: What both scopes leave open, and what that of websockets does.
_SCOPE, _WEBSOCKET_SCOPE = "www.rst: Connection Scope", "www.rst: Websocket Connection Scope"

OF_SCOPES: Final[tuple[Kind[Scope], ...]] = (
    Kind("no-scheme", _SCOPE, _without("scheme", _scheme_is_default), "scheme"),
    Kind("no-raw-path", _SCOPE, _without("raw_path", _is_optional, none=True), "raw_path"),
    Kind("no-root-path", _SCOPE, _without("root_path", _is_empty), "root_path"),
    Kind("no-client", _SCOPE, _without("client", _is_optional, none=True), "client"),
    Kind("no-server", _SCOPE, _without("server", _is_optional, none=True), "server"),
    Kind("no-extensions", "asgi.rst: Extensions", _without("extensions", _is_optional), "extensions"),
    # Where a lifespan was offered one, it is kept; see `Variations.begin_lifespan()`.
    Kind("no-state", "lifespan.rst: Lifespan State", _without("state", _is_empty), "state"),
    Kind("no-spec-version", "asgi.rst: Applications", without_spec_version, "spec_version"),
    Kind(
        "no-http-version",
        _WEBSOCKET_SCOPE,
        _without("http_version", _is_1_1, protocols=("websocket",)),
        "http_version",
    ),
    Kind(
        "no-subprotocols",
        _WEBSOCKET_SCOPE,
        _without("subprotocols", _is_empty, protocols=("websocket",)),
        "subprotocols",
    ),
    Kind(
        "no-query-string",
        _WEBSOCKET_SCOPE,
        _without("query_string", _is_empty, none=True, protocols=("websocket",)),
        "query_string",
        asked_for=True,
    ),
    Kind("header-order", _SCOPE, headers_in_other_order, "headers"),
    Kind("header-lists", _SCOPE, headers_as_lists, "headers"),
    Kind("header-case", _SCOPE, header_names_as_sent, "headers", asked_for=True),
)
