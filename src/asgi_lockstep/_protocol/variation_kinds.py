"""What servers may do differently: a row for each kind of variation, with a small pure function, and nowhere else.

A function is given what the client would hand the app, and a source of chance. It returns what another server may hand
it instead, with a few words about the difference; None where the specification leaves no choice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final, Generic, TypeVar

from .._types import Message, Scope

T = TypeVar("T")

#: Something else that means the same, and the difference in words; None where there is no choice.
Varied = tuple[T, str] | None

#: A key that no version of the specification knows (asgi.rst: Error Handling).
UNKNOWN_KEY: Final = "asgi_lockstep.unknown"

#: How many places a piece of a body is cut at, and how many empty pieces come in between, at most.
_CUTS, _EMPTY_PIECES = 3, 2

#: After how many bytes of a response, or messages over a websocket, a client goes away at the latest.
_BYTES_OF_RESPONSE, _MESSAGES = 64, 5


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """One kind of variation.

    Args:
        name: how it is called in notes, and in `Variation`.
        section: where the specification leaves the choice.
        vary: makes the choice.
        key: the key of the scope that it is about; one that the test has asked for stays as it is.
        asked_for: whether it happens only where `Variation(also=...)` names it.
    """

    name: str
    section: str
    vary: Callable[[T, Random], Varied[T]]
    key: str = ""
    asked_for: bool = False


# Scopes.


def _means_default(*defaults: object) -> Callable[[Scope, str], bool]:
    """Whether a key says what it means to be missing."""
    return lambda scope, key: scope[key] in defaults


def _is_optional(_scope: Scope, _key: str) -> bool:
    """Whether a key may be missing, whatever it says."""
    return True


def _is_empty(scope: Scope, key: str) -> bool:
    return not scope[key]


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


def headers_in_other_order(scope: Scope, random: Random) -> Varied[Scope]:
    """Names in another order; the values of one name stay in theirs."""
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
    if not scope.get("headers") or not str(scope.get("http_version", "1.1")).startswith("1"):
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
    # A lifespan that has filled its state needs the server to pass it on; an empty one says that nobody counts on it.
    Kind("no-state", "lifespan.rst: Lifespan State", _without("state", _is_empty), "state"),
    Kind("no-spec-version", "asgi.rst: Applications", without_spec_version, "spec_version"),
    Kind(
        "no-http-version",
        _WEBSOCKET_SCOPE,
        _without("http_version", _means_default("1.1"), protocols=("websocket",)),
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


# Request bodies, as the pieces that the app receives.


def cut(pieces: list[bytes], random: Random) -> Varied[list[bytes]]:
    """Pieces cut where nothing in them says so."""
    found: list[bytes] = []
    for piece in pieces:
        places = (
            sorted(random.sample(range(1, len(piece)), min(random.randint(1, _CUTS), len(piece) - 1))) if piece else []
        )
        found += [piece[begin:end] for begin, end in zip([0, *places], [*places, len(piece)], strict=True)]
    return (found, f"the request body is cut into pieces of {_sizes(found)} bytes") if found != pieces else None


def empty_pieces(pieces: list[bytes], random: Random) -> Varied[list[bytes]]:
    """Empty pieces before others."""
    found = [*pieces]
    for _ in range(random.randint(1, _EMPTY_PIECES)):
        found.insert(random.randrange(len(found)), b"")
    return found, f"there are {len(found) - len(pieces)} empty pieces in the request body"


def empty_end(pieces: list[bytes], _: Random) -> Varied[list[bytes]]:
    """A last piece that is empty, as hypercorn and granian send it."""
    return [*pieces, b""], "the request body ends with an empty piece"


def _sizes(pieces: list[bytes]) -> str:
    *first, last = map(len, pieces)
    return f"{', '.join(map(str, first))} and {last}"


_REQUEST = "www.rst: Request - receive event"

OF_BODIES: Final[tuple[Kind[list[bytes]], ...]] = (
    Kind("cut-body", _REQUEST, cut),
    Kind("empty-pieces", _REQUEST, empty_pieces),
)

#: The same, for bodies whose end is known when they begin.
OF_ENDS_OF_BODIES: Final[tuple[Kind[list[bytes]], ...]] = (Kind("empty-end", _REQUEST, empty_end),)


# Messages that the app receives.


def without_more_body(message: Message, _: Random) -> Varied[Message]:
    """The end of a body, said by leaving `more_body` out."""
    if message["type"] != "http.request" or message.get("more_body") is not False:
        return None
    return _left_out(message, "more_body")


def without_body(message: Message, _: Random) -> Varied[Message]:
    """An empty piece, said by leaving `body` out."""
    if message["type"] != "http.request" or message.get("body") != b"":
        return None
    return _left_out(message, "body")


def without_reason(message: Message, random: Random) -> Varied[Message]:
    """A close without a reason."""
    if message["type"] != "websocket.disconnect" or message.get("reason") != "":
        return None
    return _none_or_left_out(message, "reason", random)


def other_key(message: Message, _: Random) -> Varied[Message]:
    """The key for frames of the other kind: missing, or None."""
    if message["type"] != "websocket.receive":
        return None
    unused = [key for key in ("text", "bytes") if message.get(key) is None]
    if len(unused) != 1:
        return None  # the test has written it itself, and it is none that a server sends
    key = unused[0]
    return _left_out(message, key) if key in message else _with(message, key, None)


def unknown_key(message: Message, _: Random) -> Varied[Message]:
    """A key of a version to come."""
    return _with(message, UNKNOWN_KEY, 1)


def _left_out(message: Message, key: str) -> Varied[Message]:
    rest = {name: value for name, value in message.items() if name != key}
    return rest, f"{message['type']} has no {key!r}"


def _with(message: Message, key: str, value: object) -> Varied[Message]:
    return {**message, key: value}, f"{message['type']} has {key!r}: {value!r}"


def _none_or_left_out(message: Message, key: str, random: Random) -> Varied[Message]:
    return _with(message, key, None) if random.random() < 0.5 else _left_out(message, key)


OF_MESSAGES: Final[tuple[Kind[Message], ...]] = (
    Kind("no-more-body", _REQUEST, without_more_body),
    Kind("no-body", _REQUEST, without_body),
    Kind("no-reason", "www.rst: Disconnect - receive event", without_reason),
    Kind("other-key", "www.rst: Receive - receive event", other_key),
    Kind("unknown-key", "asgi.rst: Error Handling", unknown_key),
)


# The end of a client.


def goes_away(limits: Mapping[str, int], random: Random) -> Varied[Mapping[str, int]]:
    """A client that goes away at any point.

    Args:
        limits: the size of the request body as far as it is known, by `"upload"`, or nothing for a websocket.
    """
    if "upload" not in limits:
        messages = random.randrange(_MESSAGES)
        return {"messages": messages}, f"the client is lost instead of its message {messages + 1}"
    side = random.choice(("upload", "download"))
    count = random.randint(0, limits["upload"] if side == "upload" else _BYTES_OF_RESPONSE)
    body = "request" if side == "upload" else "response"
    return {side: count}, f"the client goes away after {count} bytes of the {body} body"


DISCONNECT: Final[Kind[Mapping[str, int]]] = Kind(
    "disconnect", "www.rst: Disconnect - receive event", goes_away, asked_for=True
)

ALL: Final[tuple[Kind[Any], ...]] = (*OF_SCOPES, *OF_BODIES, *OF_ENDS_OF_BODIES, *OF_MESSAGES, DISCONNECT)
