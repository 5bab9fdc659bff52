"""Which messages an app can send, and what each carries: a row for each type, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from types import NoneType
from typing import Any, Final

from .rules import NOT_ONE_LINE, NOT_PAIRS, NOT_TWO_BYTE_STRINGS, WRONG_KIND, Finding
from .tables import State, WebSocketState

#: Nothing can change a value of these types, so it is taken as it is.
_UNCHANGING = frozenset((bytes, int, str, NoneType))

#: What no header can have, neither in its name nor in its value.
BREAKS_A_LINE: Final = re.compile(rb"[\r\n\0]")


class Kind:
    """What the value of a key may be.

    Args:
        types: its types. A bool is an int for Python, and not for ASGI.
        plain: makes a value what the exchanges work with, and a copy of what the app may still change.
    """

    def __init__(self, *types: type, plain: Callable[[Any], Any] | None = None) -> None:
        self.types = types
        self._plain = plain

    @property
    def words(self) -> str:
        """The types in words, as texts name them."""
        return " or ".join(kind.__name__ for kind in self.types)

    def read(self, message_type: str, key: str, value: Any) -> Any:
        """The value made plain, or the finding that it is of another kind."""
        if not isinstance(value, self.types) or (isinstance(value, bool) and int in self.types):
            return Finding(WRONG_KIND, message_type, {"key": key, "value": value, "kind": self.words})
        return value if self._plain is None or value is None else self._plain(value)


def header_of_more_lines(headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, bytes] | None:
    """The first of `headers` that would not be one line, or None (RFC 9110 section 5.5)."""
    if BREAKS_A_LINE.search(b"".join(chain.from_iterable(headers))) is None:
        return None
    return next(header for header in headers if BREAKS_A_LINE.search(b"".join(header)))


class _Pairs(Kind):
    """Pairs of byte strings, each one line, kept byte for byte. Any empty value, None among them, is no pair at all."""

    def read(self, message_type: str, key: str, value: Any) -> list[tuple[bytes, bytes]] | Finding:
        """The pairs as a list, because an iterator can be read only once; or what is wrong with them."""
        pairs: list[tuple[bytes, bytes]] = []
        if not value:
            return pairs
        if type(value) is not list and not isinstance(value, Iterable):  # an abstract class is slow to ask
            return Finding(NOT_PAIRS, message_type, {"key": key, "value": value})
        for pair in value:
            try:
                name, content = pair
            except (TypeError, ValueError):
                name = content = None
            if not isinstance(name, bytes) or not isinstance(content, bytes):
                return Finding(NOT_TWO_BYTE_STRINGS, message_type, {"value": pair})
            pairs.append((name, content))
        if BREAKS_A_LINE.search(b"".join(chain.from_iterable(pairs))) is None:
            return pairs
        return Finding(NOT_ONE_LINE, message_type, {"header": header_of_more_lines(pairs)})


_INT = Kind(int, plain=int)
_INT_OR_NONE = Kind(int, NoneType, plain=int)
_TEXT = Kind(str)
_TEXT_OR_NONE = Kind(str, NoneType)
#: The app may use a buffer again as soon as `send()` has returned.
_BYTES = Kind(bytes, bytearray, memoryview, plain=bytes)
_BYTES_OR_NONE = Kind(bytes, bytearray, memoryview, NoneType, plain=bytes)
_DICT = Kind(dict, plain=dict)
_LIST = Kind(list, tuple, plain=list)
_PAIRS = _Pairs(Iterable)
_ANYTHING = Kind(object)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a message.

    Args:
        name: the key.
        kind: what its value may be.
        default: what a missing key means; None, where None is not of the kind, says that the key must be there.
        only_in: the one state in which anybody looks at the kind; None for every state.
    """

    name: str
    kind: Kind
    default: Any = None
    only_in: State | None = None
    #: The types of the values that need not be read.
    as_they_are: frozenset[type] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "as_they_are", _UNCHANGING.intersection(self.kind.types))


@dataclass(frozen=True, slots=True)
class Flag:
    """A key whose true value makes another event of a message. Any value is true or false, and a missing one false.

    Args:
        name: the key.
        word: what the tables add to the type of the message.
    """

    name: str
    word: str


@dataclass(frozen=True, slots=True)
class Shape:
    """What the messages of one type carry; other keys than these do not matter (asgi.rst: Error Handling).

    Args:
        type: their type.
        section: where the specification describes them.
        keys: their keys, in the order in which they are read.
        flag: the key that tells two events apart.
        extension: what `scope["extensions"]` must have, or they may not be sent (asgi.rst: Extensions).
        one_of: two keys of which one must be there, that is not None, and the other not; the first is a text.
    """

    type: str
    section: str
    keys: tuple[Key, ...] = ()
    flag: Flag | None = None
    extension: str | None = None
    one_of: tuple[str, str] | None = None


def _of_extension(name: str, section: str, *keys: Key, flag: Flag | None = None) -> Shape:
    """A message that has the name of its extension."""
    return Shape(name, f"extensions.rst: {section}", keys, flag, name)


#: The one extension whose messages have names of their own.
_DENIAL = "websocket.http.response"
_DENIAL_SECTION = "extensions.rst: Websocket Denial Response"

_MORE_BODY = Flag("more_body", "more")
_HEADERS = Key("headers", _PAIRS, ())
_START = (Key("status", _INT), _HEADERS)
_BODY = (Key("body", _BYTES, b""),)
#: Before the accept no client ever sees the reason, so no server looks at what it is; FastAPI sends a list.
_REASON = Key("reason", _TEXT_OR_NONE, only_in=WebSocketState.OPEN)

_ROWS = (
    Shape("http.response.start", "www.rst: Response Start", _START, Flag("trailers", "trailers")),
    Shape("http.response.body", "www.rst: Response Body", _BODY, _MORE_BODY),
    _of_extension("http.response.trailers", "HTTP Trailers", _HEADERS, flag=Flag("more_trailers", "more")),
    _of_extension("http.response.debug", "Debug", Key("info", _DICT)),
    _of_extension("http.response.early_hint", "Early Hints", Key("links", _LIST, ())),
    _of_extension("http.response.push", "HTTP/2 Server Push", Key("path", _TEXT), _HEADERS),
    _of_extension("http.response.pathsend", "Path Send", Key("path", _TEXT)),
    _of_extension(
        "http.response.zerocopysend",
        "Zero Copy Send",
        Key("file", _ANYTHING),
        Key("offset", _INT_OR_NONE),
        Key("count", _INT_OR_NONE),
        flag=_MORE_BODY,
    ),
    Shape("websocket.accept", "www.rst: Accept", (Key("subprotocol", _TEXT_OR_NONE), _HEADERS)),
    Shape(
        "websocket.send",
        "www.rst: Send",
        (Key("text", _TEXT_OR_NONE), Key("bytes", _BYTES_OR_NONE)),
        one_of=("text", "bytes"),
    ),
    Shape("websocket.close", "www.rst: Close", (Key("code", _INT, 1000), _REASON)),
    Shape(f"{_DENIAL}.start", _DENIAL_SECTION, _START, extension=_DENIAL),
    Shape(f"{_DENIAL}.body", _DENIAL_SECTION, _BODY, _MORE_BODY, _DENIAL),
    Shape("lifespan.startup.complete", "lifespan.rst: Startup Complete"),
    Shape("lifespan.startup.failed", "lifespan.rst: Startup Failed", (Key("message", _TEXT, ""),)),
    Shape("lifespan.shutdown.complete", "lifespan.rst: Shutdown Complete"),
    Shape("lifespan.shutdown.failed", "lifespan.rst: Shutdown Failed", (Key("message", _TEXT, ""),)),
)

#: The shape of each message type that there is.
SHAPES: Final[Mapping[str, Shape]] = {shape.type: shape for shape in _ROWS}
