"""The bodies of requests, as httpx encodes them, and the headers that httpx adds for them.

What those are differs from release to release, and nothing of it is written down here: httpx is asked, once for each
method and kind of body, what it makes of a request, and where it puts it. Where it encodes a value in another way than
we know, it is always asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal
from urllib.parse import quote_plus

from ..._httpx import httpx
from .header_lines import HeaderLines, Pairs
from .remembered import remember

_NEEDS_NO_QUOTES = re.compile(r"[A-Za-z0-9_.~-]*")

#: How many sets of headers are remembered that come of the same ones.
_AT_MOST = 64

Kind = Literal["content", "data", "json"]
Encode = Callable[[Any], bytes]

_PROBE = (b"x-asgi-lockstep", b"probe")
_URL = "http://probe"
_LENGTH = b"content-length"

#: A value of each kind, with whatever could be encoded in more than one way.
_VALUES: Mapping[Kind, Any] = {
    "content": "ä",
    "data": {"a b": "ä&", "list": ["1", 2], "tuple": (True, None), "float": 1.5, "no": False, "empty": ""},
    "json": {"a": ["ä", 1, 1.5, None, True], "b": {}},
}


class Layout:
    """Which headers httpx adds to a request for its body.

    Args:
        before: those in front of the headers that a request has.
        behind: those behind them, where the request has none of their names.
    """

    def __init__(self, before: Pairs, behind: Pairs) -> None:
        self._before = HeaderLines.of(before)
        self._behind = [HeaderLines.of([line]) for line in behind]

    def around(self, lines: HeaderLines, host: bytes, length: int) -> HeaderLines:
        """All lines of a request.

        Args:
            lines: those that the test and the client have asked for.
            host: what takes the place of the host of the request that httpx was asked about.
            length: of the body, in bytes.
        """
        known, key = lines.known, (self, host, length)
        if known is not None and (found := known.get(key)) is not None:
            return found
        before = self._before
        raw = [(b"Host", host), *before.raw, *lines.raw]
        lower = [(b"host", host), *before.lower, *lines.lower]
        for added in self._behind:
            [(name, value)], [(lower_name, _)] = added.raw, added.lower
            if not lines.has(lower_name):
                if lower_name == _LENGTH:
                    value = b"%d" % length
                raw.append((name, value))
                lower.append((lower_name, value))
        whole = HeaderLines(raw, lower)
        if known is not None:
            remember(known, key, whole, _AT_MOST)
        return whole


@cache
def layout_of(method: str, kind: Kind | None) -> Layout:
    """The layout of a request with a body of that kind; None for one without."""
    body: dict[str, Any] = {} if kind is None else {kind: _VALUES[kind]}
    lines = httpx.Request(method, _URL, headers=[_PROBE], **body).headers.raw
    at = lines.index(_PROBE)
    return Layout([line for line in lines[:at] if line[0].lower() != b"host"], lines[at + 1 :])


def _form(fields: Mapping[Any, Any]) -> bytes:
    pairs: list[str] = []
    for name, value in fields.items():
        quoted = _quoted(name)
        values = value if isinstance(value, (list, tuple)) else (value,)
        pairs += [f"{quoted}={_quoted(item)}" for item in values]
    return "&".join(pairs).encode()


def _quoted(value: Any) -> str:
    """A name or a value of a form (WHATWG URL: application/x-www-form-urlencoded)."""
    if type(value) is not str:
        value = "" if value is None else str(value).lower() if value is True or value is False else str(value)
    return value if _NEEDS_NO_QUOTES.fullmatch(value) else quote_plus(value)


def _content(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _as_json(**style: Any) -> Encode:
    encode = json.JSONEncoder(**style).encode  # `json.dumps()` makes one anew in each call
    return lambda value: encode(value).encode()


#: The ways that releases of httpx have had, the newest first.
_WAYS: Mapping[Kind, tuple[Encode, ...]] = {
    "content": (_content,),
    "data": (_form,),
    "json": (_as_json(ensure_ascii=False, separators=(",", ":"), allow_nan=False), _as_json()),
}


@cache
def encoder_of(kind: Kind) -> Encode | None:
    """What encodes bodies of that kind as this httpx does; None where that is not known."""
    return next((way for way in _WAYS[kind] if _does_the_same(way, kind)), None)


def _does_the_same(way: Encode, kind: Kind) -> bool:
    value: Any = _VALUES[kind]
    if kind == "json" and (_outcome(way, float("nan")) != _outcome(_of_httpx(kind), float("nan"))):
        return False
    return way(value) == _of_httpx(kind)(value)


def _outcome(encode: Encode, value: Any) -> bytes | None:
    try:
        return encode(value)
    except ValueError:
        return None


def _of_httpx(kind: Kind) -> Encode:
    return lambda value: httpx.Request("POST", _URL, **{kind: value}).read()
