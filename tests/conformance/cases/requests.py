"""What a request becomes in the scope: target, method, headers, and the keys with their types."""

from __future__ import annotations

import ipaddress
from typing import Any, Final

from asgi_lockstep._types import Receive, Scope, Send
from conformance.case import App, Case, Note, Request, answer

_TARGETS: Final[dict[str, str]] = {
    "plain": "/a/b",
    "empty-query": "/a?",
    "escaped-slash": "/a%2Fb",
    "escaped-slash-lower": "/a%2fb",
    "escaped-percent": "/a%252Fb",
    "escaped-blank": "/a%20b",
    "utf8": "/caf%C3%A9",
    "latin1-escape": "/caf%E9",
    "overlong-utf8": "/%C0%AF",
    "surrogate": "/%ED%A0%80",
    "emoji": "/%F0%9F%98%80",
    "nul": "/a%00b",
    "crlf": "/a%0D%0Ab",
    "bad-escape": "/a%zzb",
    "lone-percent": "/a%",
    "half-escape": "/a%2",
    "plus": "/a+b",
    "semicolon": "/a;v=1/b",
    "brackets": "/a[1]",
    "colon": "/a:b",
    "at": "/@a",
    "tilde": "/~a/%7Ea",
    "double-slash": "//a//b",
    "dots": "/a/../b",
    "dot": "/a/./b",
    "escaped-dots": "/a/%2E%2E/b",
    "trailing-slash": "/a/",
    "long": "/" + "a" * 3000,
    "query": "/a?b=1&c=2",
    "query-order": "/a?b=1&a=2&b=3",
    "query-utf8": "/a?b=%C3%A9",
    "query-latin1": "/a?b=%E9",
    "query-question-mark": "/a?b?c",
    "query-plus": "/a?b=1+2",
    "query-blank-escape": "/a?b=1%202",
    "query-bad-escape": "/a?b=%zz",
    "query-slash": "/a?b=/../c",
    "query-brackets": "/a?b[]=1",
    "query-escaped-hash": "/a?b=%23",
    "raw-utf8": "/caf\xc3\xa9",
    "raw-utf8-query": "/a?b=\xc3\xa9",
}

_METHODS: Final = (
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "QUERY",
    "PROPFIND",
    "FOO",
    "get",
    "foo",
)

_FIELDS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "duplicates": (("X-A", "1"), ("X-B", "2"), ("X-A", "3")),
    "case": (("X-MiXeD", "MiXeD"),),
    "outer-blanks": (("x-w", " \t a  b\t "),),
    "inner-tab": (("x-w", "a\tb"),),
    "only-blanks": (("x-w", "  "),),
    "empty": (("x-w", ""),),
    "underscore": (("X_Under", "1"),),
    "latin1": (("x-l", "caf\xe9"),),
    "utf8": (("x-l", "caf\xc3\xa9"),),
    "long": (("x-l", "1" * 8000),),
    "many": tuple((f"x-{number}", "1") for number in range(60)),
    "folded": (("x-f", "a\r\n b"),),
    "cookies": (("cookie", "a=1; b=2"), ("x-c", "1")),
    "two-cookies": (("cookie", "a=1"), ("cookie", "b=2")),
    "accept-lists": (("x-list", "a, b"), ("x-list", "c")),
    "quoted": (("x-q", '"a, b"; c="\\""'),),
}


def plain(value: Any) -> Any:
    """A value of a scope as JSON has it."""
    if isinstance(value, bytes | bytearray):
        return value.decode("latin-1")
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value


def shows(*keys: str) -> App:
    """An app that takes down keys of its scope."""

    async def app(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
        for key in keys:
            note(key, plain(scope.get(key)))
        await answer(send)

    return app


def kind(key: str, value: Any) -> str:
    """The type of a value of a scope; of an address those of its parts."""
    if key == "client":
        return f"{'ip' if _is_ip(value[0]) else type(value[0]).__name__}, {type(value[1]).__name__}"
    return ", ".join(type(part).__name__ for part in value) if key == "server" else type(value).__name__


def _is_ip(host: Any) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


#: The keys of every scope that can be compared by their types.
TYPED: Final = (
    "type",
    "asgi",
    "http_version",
    "scheme",
    "path",
    "raw_path",
    "query_string",
    "root_path",
    "client",
    "server",
    "state",
    "extensions",
)


def describe(scope: Scope, note: Note, *more: str) -> None:
    """Take down the types of the keys of a scope."""
    for key in (*TYPED, *more):
        note(f"type.{key}", kind(key, scope[key]) if key in scope else "missing")
    note("type.headers", sorted({type(item).__name__ for pair in scope["headers"] for item in pair}))
    note("asgi.version", scope["asgi"].get("version"))
    note("asgi.spec_version", "spec_version" in scope["asgi"])
    note("scheme", scope.get("scheme"))
    note("root_path", scope.get("root_path"))


async def _types(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    describe(scope, note, "method")
    await answer(send)


async def _fields(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    fields = [plain(pair) for pair in scope["headers"]]
    note("headers", [pair for pair in fields if pair[0].startswith(("x-", "x_", "cookie"))])
    await answer(send)


async def _host_first(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    note("hosts", sum(pair[0] == b"host" for pair in scope["headers"]))
    note("lower", all(pair[0] == bytes(pair[0]).lower() for pair in scope["headers"]))
    await answer(send)


async def _changes_the_scope(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """Changes what it was given, as frameworks do."""
    scope["path"] = "/other"
    scope["headers"] = []
    scope.setdefault("state", {})["a"] = 1
    await answer(send)


async def _events(scope: Scope, receive: Receive, send: Send, note: Note) -> None:
    """The first event, with its keys."""
    message = await receive()
    note("first", {key: plain(value) for key, value in sorted(message.items())})
    await answer(send)


_PATH: Final = shows("path", "raw_path", "query_string")

CASES: Final = (
    *(Case(f"target.{name}", _PATH, script=Request(target=target)) for name, target in _TARGETS.items()),
    Case("target.star", shows("method", "path", "query_string"), script=Request("OPTIONS", "*")),
    Case("target.absolute", shows("path", "query_string"), script=Request(target="http://testserver/a?b")),
    *(
        Case(f"method.{name}{'-lower' if name.islower() else ''}", shows("method"), script=Request(name))
        for name in _METHODS
    ),
    *(Case(f"field.{name}", _fields, script=Request(headers=headers)) for name, headers in _FIELDS.items()),
    Case("field.host", _host_first, script=Request(headers=(("X-A", "1"),))),
    Case("scope.types", _types),
    Case("scope.http-1.0", shows("http_version"), script=Request(http_version="1.0")),
    Case("scope.http-1.1", shows("http_version")),
    Case("scope.changed", _changes_the_scope),
    Case("scope.first-event", _events),
    Case("scope.first-event-post", _events, script=Request("POST", body=b"hello")),
)
