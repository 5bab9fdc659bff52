"""The headers of a response."""

from __future__ import annotations

from typing import Any, Final

from conformance.case import Case, Request, body, sends, start

_HEADERS: Final = "www.rst: Response Start, headers"
_LENGTH: Final = (b"content-length", b"2")


def _with(headers: Any) -> Any:
    """An app whose `headers` are as they are given."""
    return sends({"type": "http.response.start", "status": 200, "headers": headers}, body())


#: One header that is wrong, beside a right content-length.
_WRONG: Final[dict[str, Any]] = {
    "name-blank": (b"x a", b"1"),
    "name-trailing-blank": (b"x-a ", b"1"),
    "name-leading-blank": (b" x-a", b"1"),
    "name-colon": (b"x:a", b"1"),
    "name-nothing": (b"", b"1"),
    "name-latin1": (b"x-\xe9", b"1"),
    "name-utf8": ("x-é".encode(), b"1"),
    "name-upper": (b"X-Upper", b"1"),
    "name-crlf": (b"x-a\r\nx-b", b"1"),
    "name-nul": (b"x-\x00", b"1"),
    "name-slash": (b"x/a", b"1"),
    "name-parentheses": (b"x(a)", b"1"),
    "name-pseudo": (b":status", b"200"),
    "name-pseudo-other": (b":path", b"/"),
    "name-str": ("x-a", b"1"),
    "name-bytearray": (bytearray(b"x-a"), b"1"),
    "name-memoryview": (memoryview(b"x-a"), b"1"),
    "name-none": (None, b"1"),
    "value-crlf": (b"x-a", b"1\r\nx-b: 2"),
    "value-cr": (b"x-a", b"1\r2"),
    "value-lf": (b"x-a", b"1\n2"),
    "value-fold": (b"x-a", b"1\r\n 2"),
    "value-nul": (b"x-a", b"1\x002"),
    "value-bell": (b"x-a", b"1\x072"),
    "value-delete": (b"x-a", b"1\x7f2"),
    "value-leading-blank": (b"x-a", b" 1"),
    "value-trailing-blank": (b"x-a", b"1 "),
    "value-outer-tabs": (b"x-a", b"\t1\t"),
    "value-only-blanks": (b"x-a", b"  "),
    "value-str": (b"x-a", "1"),
    "value-int": (b"x-a", 1),
    "value-none": (b"x-a", None),
    "value-bytearray": (b"x-a", bytearray(b"1")),
    "value-memoryview": (b"x-a", memoryview(b"1")),
    "value-list": (b"x-a", [b"1"]),
    "both-str": ("x-a", "1"),
    "3-tuple": (b"x-a", b"1", b"2"),
    "1-tuple": (b"x-a",),
    "bytes": b"x-a: 1",
}

#: One header that is right.
_RIGHT: Final[dict[str, Any]] = {
    "value-empty": (b"x-a", b""),
    "value-inner-tab": (b"x-a", b"1\t2"),
    "value-latin1": (b"x-a", b"caf\xe9"),
    "value-utf8": (b"x-a", "café".encode()),
    "value-long": (b"x-a", b"1" * 8000),
    "value-quotes": (b"x-a", b'"1, 2"; q="\\""'),
    "name-every-character": (b"x-!#$%&'*+.^_`|~9", b"1"),
    "list-of-lists": [b"x-a", b"1"],
}

#: All headers in another form.
_WRONG_LISTS: Final[dict[str, Any]] = {
    "dict": {b"x-a": b"1"},
    "dict-of-str": {"x-a": "1"},
    "none": None,
    "str": "x-a: 1",
    "int": 5,
    "list-of-none": [None],
}

_RIGHT_LISTS: Final[dict[str, Any]] = {
    "empty": [],
    "tuple": ((b"x-a", b"1"), (b"x-b", b"2")),
    "tuple-of-lists": ([b"x-a", b"1"], [b"x-b", b"2"]),
    "dict-items": {b"x-a": b"1", b"x-b": b"2"}.items(),
}


async def _generator(scope: Any, receive: Any, send: Any, note: Any) -> None:
    """Headers that can be read once."""
    await send({"type": "http.response.start", "status": 200, "headers": ((name, b"1") for name in (b"x-a", b"x-b"))})
    await send(body())


_ORDER: Final = ((b"x-b", b"1"), (b"set-cookie", b"a=1"), (b"x-a", b"2"), (b"set-cookie", b"b=2"), (b"x-b", b"3"))

CASES: Final = (
    *(
        Case(f"header.{name}", sends(start(200, _LENGTH, value), body()), False, rule=_HEADERS)
        for name, value in _WRONG.items()
    ),
    *(
        Case(f"header.{name}", sends(start(200, _LENGTH, value), body()), rule=_HEADERS)
        for name, value in _RIGHT.items()
    ),
    *(Case(f"headers.{name}", _with(value), False, rule=_HEADERS) for name, value in _WRONG_LISTS.items()),
    *(Case(f"headers.{name}", _with(value), rule=_HEADERS) for name, value in _RIGHT_LISTS.items()),
    Case("headers.missing", sends({"type": "http.response.start", "status": 200}, body()), rule=_HEADERS),
    Case("headers.generator", _generator, rule=_HEADERS),
    Case("headers.order", sends(start(200, *_ORDER), body()), script=Request(shows=("set-cookie",)), rule=_HEADERS),
    Case(
        "headers.hundred", sends(start(200, *((b"x-%d" % number, b"1") for number in range(90))), body()), rule=_HEADERS
    ),
    Case(
        "headers.content-encoding",
        sends(start(200, (b"content-encoding", b"identity")), body()),
        script=Request(shows=("content-encoding",)),
    ),
    Case("headers.server", sends(start(200, (b"server", b"ours")), body()), script=Request(shows=("server",))),
    Case("headers.connection-close", sends(start(200, (b"connection", b"close")), body())),
    Case("headers.location", sends(start(302, (b"location", b"/a b")), body(b"")), script=Request(shows=("location",))),
    Case(
        "headers.content-type",
        sends(start(200, (b"content-type", b"text/plain")), body()),
        script=Request(shows=("content-type",)),
    ),
)
