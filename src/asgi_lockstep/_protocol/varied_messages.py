"""How servers may say the same in other messages, and when a client may go away: a row for each kind (www.rst)."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Final

from .._types import Message
from .variation_kinds import Kind, Varied

#: A key that no version of the specification knows (asgi.rst: Error Handling).
UNKNOWN_KEY: Final = "asgi_lockstep.unknown"

#: How many places a piece of a body is cut at, and how many empty pieces come in between, at most.
_CUTS, _EMPTY_PIECES = 3, 2

#: After how many bytes of a response, or messages over a websocket, a client goes away at the latest.
_BYTES_OF_RESPONSE, _MESSAGES = 64, 5


# Request bodies, as the pieces that the app receives.


def cut(pieces: list[bytes], random: Random) -> Varied[list[bytes]]:
    """Pieces cut where nothing in them says so."""
    found: list[bytes] = []
    for piece in pieces:
        places = _places(len(piece), random)
        found += [piece[begin:end] for begin, end in zip([0, *places], [*places, len(piece)], strict=True)]
    return (found, f"the request body is cut into pieces of {_sizes(found)} bytes") if found != pieces else None


def _places(size: int, random: Random) -> list[int]:
    """Where a piece of so many bytes is cut; nowhere, where it has fewer than two."""
    between = range(1, size)
    return sorted(random.sample(between, min(random.randint(1, _CUTS), len(between))))


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
