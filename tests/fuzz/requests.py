"""Clients, requests and answers by the thousand: mostly usual ones, and whatever else httpx takes."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from asgi_lockstep._httpx import httpx
from fuzz.sights import Answer, Visit

_words = st.sampled_from(["", "a", "b c", "ä", "1", "x=y&z", "%41", "a/b", "\n", "🙂"])
_values = st.one_of(_words, st.integers(-2, 10), st.booleans(), st.none(), st.floats(allow_nan=False, width=16))
_params = st.one_of(
    st.none(),
    st.dictionaries(_words, _values, max_size=3),
    st.dictionaries(_words, st.one_of(_values, st.lists(_values, max_size=2)), max_size=2),
    st.lists(st.tuples(_words, _words), max_size=2),
    st.sampled_from(["", "q=1", "a=%20&b"]),
)
_WHOLE = "Host Cookie Content-Type Content-Length Transfer-Encoding Authorization"
_names = st.sampled_from(f"X-One x-one X-Two Accept accept-encoding User-Agent Connection {_WHOLE}".split())
_header_values = st.sampled_from(["", "1", "a b", "text/plain", "application/json; charset=latin-1", "a=b; c=d", "ä"])
_header_pairs = st.lists(st.tuples(_names, _header_values), max_size=3)
_headers = st.one_of(
    st.none(),
    _header_pairs.map(dict),
    _header_pairs,
    _header_pairs.map(lambda pairs: [(name.encode(), value.encode()) for name, value in pairs]),
    _header_pairs.map(lambda pairs: httpx.Headers([(name.encode(), value.encode()) for name, value in pairs])),
    st.just({"x-broken": "a\r\nb"}),
)
_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=3)),
    lambda children: st.one_of(
        st.lists(children, max_size=3), st.dictionaries(st.text(max_size=3), children, max_size=3)
    ),
    max_leaves=5,
)
_bodies = st.one_of(
    st.just({}),
    st.just({}),
    _json.map(lambda value: {"json": value}),
    st.one_of(st.binary(max_size=5), st.text(max_size=5)).map(lambda value: {"content": value}),
    st.dictionaries(_words, st.one_of(_values, st.lists(_values, max_size=2)), max_size=3).map(lambda v: {"data": v}),
    st.just({"data": b"raw"}),
    st.just({"json": {1}}),
    st.just({"content": b"a", "json": 1}),
    st.just({"data": {"a": "b"}, "json": 1}),
    st.just({"data": {}, "json": 1}),
    st.just({"files": {"file": b"content"}, "headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
)
_auths = st.sampled_from(
    [None, ("ann", "secret"), ("ä", ""), httpx.BasicAuth("bob", b"secret"), lambda request: request]
)
_timeouts = st.sampled_from([None, 5.0, 7, httpx.Timeout(3.0, read=9), (1.0, 2.0, 3.0, 4.0)])
_asgi = st.sampled_from(
    [
        {"http_version": "2", "client": None},
        {"target": b"/raw%20?q"},
        {"unknown": 1},
        {"raise_server_exceptions": False},
        {"disconnect_after": 2},
        {"background": "detach"},
    ]
)
_extensions = st.one_of(
    st.sampled_from([None, {}, {"x": 1}, {"timeout": {"read": 2.0}}]), _asgi.map(lambda options: {"asgi": options})
)
_urls = st.one_of(
    st.sampled_from(["/", "", "/a b", "/a?x=1", "a#f", "//", "/ä", "?q", "/%41%2F", "/a?x=1&x=2", "."]),
    st.sampled_from(["http://other/x", "https://testserver:444/p", "http://ann:pw@testserver/", "ftp://x/", "ws://x/"]),
    st.sampled_from(["/a", "http://testserver/b?c"]).map(httpx.URL),
)
_cookies = st.one_of(st.none(), st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["1", "ä"]), max_size=2))
_methods = st.sampled_from(["GET", "get", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY", "LOCK"])


@st.composite
def asks(draw: st.DrawFn) -> tuple[str, Any, Mapping[str, Any]]:
    """One request: mostly with a few things said."""
    said: dict[str, Any] = {"headers": draw(_headers), **draw(_bodies)}
    for name, of in {
        "params": _params,
        "auth": _auths,
        "timeout": _timeouts,
        "extensions": _extensions,
        "cookies": _cookies,
        "follow_redirects": st.booleans(),
    }.items():
        if draw(st.integers(0, 3)) == 0:
            said[name] = draw(of)
    return draw(_methods), draw(_urls), said


def _line(name: bytes, *values: bytes) -> st.SearchStrategy[tuple[bytes, bytes]]:
    """A header of an answer."""
    return st.sampled_from([(name, value) for value in values])


_answer_headers = st.lists(
    st.one_of(
        _line(b"Content-Type", b"text/plain", b"text/html; charset=latin-1", b"text/plain; charset=none", b"a/json"),
        _line(b"set-cookie", b"a=1", b"b=2; Path=/x", b"a=; Max-Age=0", b"c=3; Domain=other"),
        _line(b"location", b"/next", b"http://other/", b"https://testserver/", b"", b"//", b"http://[", b"?q#f"),
        _line(b"content-encoding", b"gzip", b"identity", b"br", b"nonsense"),
        _line(b"link", b'</a>; rel="next"'),
        _line(b"X-\xe4", b"\xe4"),
    ),
    max_size=3,
)
_pieces = st.lists(
    st.sampled_from([b"", b"hello", "ä".encode(), b"\xe4", b'{"a": 1}', gzip.compress(b"packed", mtime=0)]), max_size=3
)
_failures = st.sampled_from([None, None, None, None, ValueError("no"), httpx.ReadError("no")])

answers = st.builds(
    Answer,
    st.sampled_from([200, 200, 200, 201, 204, 301, 302, 303, 307, 308, 304, 404, 500, 599]),
    _answer_headers,
    _pieces,
    _failures,
)


@st.composite
def _options(draw: st.DrawFn) -> Mapping[str, Any]:
    """Those of a client: mostly few."""
    possible: dict[str, st.SearchStrategy[Any]] = {
        "base_url": st.sampled_from(["http://testserver/base", "https://testserver:8443", "http://ann:pw@testserver"]),
        "headers": _header_pairs.map(lambda pairs: [(name, value.encode()) for name, value in pairs]),
        "cookies": _cookies,
        "params": _params,
        "auth": _auths,
        "follow_redirects": st.booleans(),
        "timeout": st.sampled_from([5.0, httpx.Timeout(3.0, read=9)]),
        "max_redirects": st.integers(0, 2),
        "default_encoding": st.sampled_from(["latin-1", "utf-8", lambda content: "latin-1" if content else None]),
        "event_hooks": st.just({"request": [lambda request: request.headers.update({"x-hook": "1"})]}),
        "raise_server_exceptions": st.booleans(),
        "root_path": st.just("/root"),
        "extensions": st.just(["http.response.early_hint"]),
    }
    return {name: draw(of) for name, of in possible.items() if draw(st.integers(0, 5)) == 0}


def _readable(answer: Answer) -> Answer:
    """Without an encoding if the app fails: the second of two failures comes out of a generator thrown away."""
    if answer.failure is None:
        return answer
    return replace(answer, headers=[line for line in answer.headers if line[0] != b"content-encoding"])


visits = st.builds(
    Visit,
    _options(),
    st.lists(asks(), min_size=1, max_size=4).map(lambda found: [*found, *found[:1]]),
    st.lists(answers.map(_readable), min_size=1, max_size=3),
    st.sampled_from([False, False, False, True]),
)
