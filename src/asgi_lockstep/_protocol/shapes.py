"""Which messages an app can send, and what each carries: a row for each type, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Final

from .header_pairs import HeaderPairs, read_pairs
from .kind_rules import (
    BODY_NOTHING,
    BUFFER,
    CLOSE_CODE_NONE,
    FAILURE_NOT_TEXT,
    NOT_PAIRS,
    STATUS_FLOAT,
    WRONG_KIND,
)
from .rules import Finding
from .tables import State, WebSocketState

#: Nothing can change a value of these types, so it is taken as it is.
_UNCHANGING = frozenset((bytes, int, str, NoneType))


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
            return self._of_another_kind(message_type, key, value)
        return value if self._plain is None or value is None else self._plain(value)

    def _of_another_kind(self, message_type: str, key: str, value: Any) -> Finding:
        return Finding(WRONG_KIND, message_type, {"key": key, "value": value, "kind": self.words})


class _Bytes(Kind):
    """Bytes; a buffer is read, because servers do, and the app may use it again as soon as `send()` has returned."""

    def _of_another_kind(self, message_type: str, key: str, value: Any) -> Finding:
        if isinstance(value, bytearray | memoryview):
            return Finding(BUFFER, message_type, {"key": key, "kind": type(value).__name__}, bytes(value))
        return super()._of_another_kind(message_type, key, value)


class _Body(_Bytes):
    """Bytes; servers look no closer at None and an empty text."""

    def _of_another_kind(self, message_type: str, key: str, value: Any) -> Finding:
        if value is None or value == "":
            return Finding(BODY_NOTHING, message_type, {"key": key, "value": value}, b"")
        return super()._of_another_kind(message_type, key, value)


class _Status(Kind):
    """An int, as which servers read a float that is a whole number."""

    def _of_another_kind(self, message_type: str, key: str, value: Any) -> Finding:
        if isinstance(value, float) and value.is_integer():
            return Finding(STATUS_FLOAT, message_type, {"key": key, "value": value}, int(value))
        return super()._of_another_kind(message_type, key, value)


class _CloseCode(Kind):
    """An int; with None, servers close without a code."""

    def _of_another_kind(self, message_type: str, key: str, value: Any) -> Finding:
        if value is None:
            return Finding(CLOSE_CODE_NONE, message_type, {"key": key}, None)
        return super()._of_another_kind(message_type, key, value)


class _FailureMessage(Kind):
    """A text, which servers write down, whatever it is."""

    def _of_another_kind(self, message_type: str, key: str, value: Any) -> Finding:
        return Finding(FAILURE_NOT_TEXT, message_type, {"key": key, "value": value}, str(value))


class _Pairs(Kind):
    """Pairs of byte strings, kept byte for byte."""

    def read(self, message_type: str, key: str, value: Any) -> HeaderPairs | Finding:
        """The pairs as a list, because an iterator can be read only once; or what is wrong with them."""
        if value == ():
            return HeaderPairs()
        if type(value) is not list and not isinstance(value, Iterable):  # an abstract class is slow to ask
            return Finding(NOT_PAIRS, message_type, {"key": key, "value": value})
        return read_pairs(message_type, value)


_STATUS = _Status(int, plain=int)
_CODE = _CloseCode(int, plain=int)
_INT_OR_NONE = Kind(int, NoneType, plain=int)
_TEXT = Kind(str)
_TEXT_OR_NONE = Kind(str, NoneType)
_BYTES_OR_NONE = _Bytes(bytes, NoneType)
_DICT = Kind(dict, plain=dict)
_LIST = Kind(list, tuple, plain=list)
_MESSAGE = _FailureMessage(str)
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
_START = (Key("status", _STATUS), _HEADERS)
_BODY = (Key("body", _Body(bytes), b""),)
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
    Shape("websocket.close", "www.rst: Close", (Key("code", _CODE, 1000), _REASON)),
    Shape(f"{_DENIAL}.start", _DENIAL_SECTION, _START, extension=_DENIAL),
    Shape(f"{_DENIAL}.body", _DENIAL_SECTION, _BODY, _MORE_BODY, _DENIAL),
    Shape("lifespan.startup.complete", "lifespan.rst: Startup Complete"),
    Shape("lifespan.startup.failed", "lifespan.rst: Startup Failed", (Key("message", _MESSAGE, ""),)),
    Shape("lifespan.shutdown.complete", "lifespan.rst: Shutdown Complete"),
    Shape("lifespan.shutdown.failed", "lifespan.rst: Shutdown Failed", (Key("message", _MESSAGE, ""),)),
)

#: The shape of each message type that there is.
SHAPES: Final[Mapping[str, Shape]] = {shape.type: shape for shape in _ROWS}
