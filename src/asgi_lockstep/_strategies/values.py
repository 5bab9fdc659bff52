"""What messages carry: headers, pieces of bodies, close codes, and keys that may be missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from string import ascii_lowercase, digits
from typing import Any, Final, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from .._types import Message

T = TypeVar("T")

Headers = list[tuple[bytes, bytes]]

FLAG: Final = st.booleans()

#: Headers that say how a message is sent: what they say has to agree with the rest of it, so they are left to whoever
#: sends it (RFC 9110 sections 7.2, 7.6 and 8.6, RFC 9112 section 6.1).
OF_FRAMING: Final = frozenset(
    f"{name}".encode()
    for name in (
        *("connection", "content-length", "host", "keep-alive", "proxy-connection", "te", "trailer"),
        *("transfer-encoding", "upgrade"),
    )
)

#: A name is a token, in lower case (RFC 9110 section 5.6.2); a value is what can be seen, with spaces inside of it.
_NAME: Final = "!#$%&'*+-.^_`|~" + digits + ascii_lowercase
_VALUE: Final = bytes([*range(0x21, 0x7F), *range(0x80, 0x100)])
_SPACES: Final = b" \t"

#: What a client's close may tell an app, and with what an app may close (RFC 6455 section 7.4).
CLOSED_BY_CLIENT: Final = (*range(1000, 1004), *range(1005, 1015), 3000, 3999, 4000, 4999)
CLOSED_BY_APP: Final = (*range(1000, 1004), *range(1007, 1015), 3000, 3999, 4000, 4999)

#: How many bytes of UTF-8 the reason of a close may have (RFC 6455 section 5.5).
_REASON: Final = 123


def strategy_of(given: SearchStrategy[T] | Iterable[T]) -> SearchStrategy[T]:
    """A strategy, where one or the values to choose from are given."""
    return given if isinstance(given, SearchStrategy) else st.sampled_from([*given])


@cache
def header_pairs() -> SearchStrategy[tuple[bytes, bytes]]:
    """A header as a pair of bytes, in lower case, and none that says how the message is sent."""
    names = st.text(_NAME, min_size=1, max_size=20).map(str.encode)
    return st.tuples(names.filter(_is_no_framing), _values())


def _is_no_framing(name: bytes) -> bool:
    return name not in OF_FRAMING and not name.startswith(b"sec-websocket-")


def _values() -> SearchStrategy[bytes]:
    """Values of headers: no space at either end, where no server keeps it."""
    inside = st.lists(st.sampled_from([*_VALUE, *_SPACES]), max_size=20).map(bytes)
    return inside.map(lambda value: value.strip(_SPACES))


def pieces_of(bodies: SearchStrategy[bytes], most: int = 4) -> SearchStrategy[list[bytes]]:
    """A body in pieces, some of them empty: one at least, `most` at most."""
    return st.lists(st.one_of(bodies, st.just(b"")), min_size=1, max_size=most)


@cache
def texts() -> SearchStrategy[str]:
    """Unicode text: without surrogates, which UTF-8 does not have."""
    return st.text(st.characters(codec="utf-8"), max_size=40)


@cache
def reasons() -> SearchStrategy[str]:
    """Reasons of a close, as long as a close frame can carry them."""
    return texts().filter(lambda reason: len(reason.encode()) <= _REASON)


def message(message_type: str, carries: Mapping[str, Any], *, missing: Sequence[str] = ()) -> SearchStrategy[Message]:
    """A message.

    Args:
        message_type: its type.
        carries: what it carries by key: a value, or a strategy for one.
        missing: the keys that may be missing, because they say what a missing one means.
    """
    values = {key: value if isinstance(value, SearchStrategy) else st.just(value) for key, value in carries.items()}
    always = {key: value for key, value in values.items() if key not in missing}
    optional = {key: value for key, value in values.items() if key in missing}
    return st.fixed_dictionaries({"type": st.just(message_type), **always}, optional=optional)


def drawn(draw: DrawFn, message_type: str, carries: Mapping[str, Any], *, missing: Mapping[str, Any]) -> Message:
    """A message of known values, in the middle of a strategy: to make one for each message takes much longer.

    Args:
        draw: of the strategy.
        message_type: its type.
        carries: what it carries, by key.
        missing: what a missing key means; one that says that may be missing.
    """
    left_out = {key for key, value in missing.items() if carries[key] == value and draw(FLAG)}
    return {"type": message_type, **{key: value for key, value in carries.items() if key not in left_out}}


@cache
def any_path() -> SearchStrategy[str]:
    """Decoded paths: a few segments of text, none of which is empty or says where in the tree it is."""
    segments = st.lists(texts().filter(_is_segment), max_size=4)
    return st.builds(
        lambda parts, end: f"/{'/'.join(parts)}{end if parts else ''}", segments, st.sampled_from(["", "/"])
    )


def _is_segment(text: str) -> bool:
    return text not in ("", ".", "..") and "/" not in text
