"""The status of a response, and responses that cannot have a body."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from conformance.case import Case, Request, body, part, sends, start

_START: Final = "www.rst: Response Start"
_HEAD: Final = Request("HEAD")
_LENGTH_2: Final = (b"content-length", b"2")
_LENGTH_5: Final = (b"content-length", b"5")
_LENGTH: Final = Request(shows=("content-length",))

#: What is no status of a final response, or not an `int`.
_WRONG: Final[dict[str, Any]] = {
    "0": 0,
    "minus-1": -1,
    "99": 99,
    "100": 100,
    "101": 101,
    "102": 102,
    "103": 103,
    "199": 199,
    "600": 600,
    "999": 999,
    "1000": 1000,
    "str": "200",
    "str-word": "abc",
    "none": None,
    "float": 200.0,
    "float-fraction": 200.5,
    "true": True,
    "bytes": b"200",
    "tuple": (200, "OK"),
}

#: What is one.
_RIGHT: Final[dict[str, Any]] = {
    "200": 200,
    "299": 299,
    "302": 302,
    "400": 400,
    "418": 418,
    "451": 451,
    "500": 500,
    "503": 503,
    "599": 599,
    "int-enum": HTTPStatus.CREATED,
}

CASES: Final = (
    *(Case(f"status.{name}", sends(start(value), body()), False, rule=_START) for name, value in _WRONG.items()),
    *(Case(f"status.{name}", sends(start(value), body()), rule=_START) for name, value in _RIGHT.items()),
    Case("status.missing", sends({"type": "http.response.start", "headers": []}, body()), False, rule=_START),
    # Without a body.
    Case("bodiless.204", sends(start(204), body(b""))),
    Case("bodiless.204-no-body-key", sends(start(204), {"type": "http.response.body"})),
    Case("bodiless.204-with-body", sends(start(204), body()), False),
    Case("bodiless.204-with-streamed-body", sends(start(204), part(), body()), False),
    Case("bodiless.204-length-0", sends(start(204, (b"content-length", b"0")), body(b"")), False, _LENGTH),
    Case("bodiless.204-length-and-body", sends(start(204, _LENGTH_2), body()), False),
    Case("bodiless.205-with-body", sends(start(205), body()), False),
    Case("bodiless.304", sends(start(304, (b"etag", b'"a"')), body(b"")), script=Request(shows=("etag",))),
    Case("bodiless.304-length", sends(start(304, _LENGTH_5), body(b""))),
    Case("bodiless.304-with-body", sends(start(304), body()), False),
    Case("bodiless.304-length-and-body", sends(start(304, _LENGTH_2), body()), False),
    Case(
        "head.length-and-body",
        sends(start(200, _LENGTH_5), body(b"hello")),
        script=Request("HEAD", shows=("content-length",)),
    ),
    Case(
        "head.length-no-body",
        sends(start(200, _LENGTH_5), body(b"")),
        script=Request("HEAD", shows=("content-length",)),
    ),
    Case("head.no-length-and-body", sends(start(), body(b"hello")), script=_HEAD),
    Case("head.streamed-body", sends(start(), part(b"he"), body(b"llo")), script=_HEAD),
    Case("head.length-too-short", sends(start(200, _LENGTH_2), body(b"hello")), False, _HEAD),
    Case("head.empty", sends(start(), body(b"")), script=_HEAD),
)
