"""What servers may do differently, kind by kind: whole scopes, bodies and event lists."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Any

import pytest

from asgi_lockstep._protocol.scope import connection_scope, connection_template, lifespan_scope
from asgi_lockstep._protocol.variation import KINDS, ExchangeVariation, Variation
from asgi_lockstep._protocol.variation_kinds import Kind
from asgi_lockstep._protocol.varied_messages import OF_BODIES, OF_ENDS_OF_BODIES, OF_MESSAGES
from asgi_lockstep._protocol.varied_scopes import OF_SCOPES
from asgi_lockstep._types import Message, Scope

BY_NAME: dict[str, Kind[Any]] = {kind.name: kind for kind in KINDS}
NAMES = tuple(BY_NAME)

#: What stands for a key that is missing, and for None where both are legal.
MISSING = "missing"
BOTH = (MISSING, None)

HEADERS = [(b"host", b"testserver"), (b"x-a", b"1"), (b"x-b", b"2"), (b"x-a", b"3")]


def scope_of(protocol: str, **says: Any) -> Scope:
    """A scope as the client makes it, of a request without a query, with what it says instead."""
    template = connection_template(
        kind=protocol,
        method="POST",
        scheme={"http": "http", "websocket": "ws"}[protocol],
        host="testserver",
        port=None,
        path="/items",
        raw_path=b"/items",
        query_string=b"",
        root_path="",
        client=("testclient", 50000),
    )
    return {**connection_scope(template, HEADERS, {}), **says}


def changes(before: Scope, after: Scope) -> dict[str, Any]:
    """What is different, by key."""
    return {key: after.get(key, MISSING) for key in before if key not in after or after[key] != before[key]}


def outcomes(name: str, value: Any) -> list[Any]:
    """What a kind makes of a value, with each of twenty chances; without repetitions."""
    found: list[Any] = []
    for seed in range(20):
        varied = BY_NAME[name].vary(value, Random(seed))
        result = None if varied is None else varied[0]
        if result not in found:
            found.append(result)
    return found


@pytest.mark.parametrize(
    ("name", "key", "protocols", "becomes"),
    [
        ("no-scheme", "scheme", ("http", "websocket"), (MISSING,)),
        ("no-raw-path", "raw_path", ("http", "websocket"), BOTH),
        ("no-root-path", "root_path", ("http", "websocket"), (MISSING,)),
        ("no-client", "client", ("http", "websocket"), BOTH),
        ("no-server", "server", ("http", "websocket"), BOTH),
        ("no-extensions", "extensions", ("http", "websocket"), (MISSING,)),
        ("no-state", "state", ("http", "websocket"), (MISSING,)),
        ("no-http-version", "http_version", ("websocket",), (MISSING,)),
        ("no-subprotocols", "subprotocols", ("websocket",), (MISSING,)),
        ("no-query-string", "query_string", ("websocket",), BOTH),
    ],
)
@pytest.mark.parametrize("protocol", ["http", "websocket"])
def test_a_key_is_left_out(
    protocol: str, name: str, key: str, protocols: tuple[str, ...], becomes: tuple[Any, ...]
) -> None:
    """That one key, in scopes of the protocols in which it is optional; None where that is its default."""
    scope = scope_of(protocol)
    found = [None if after is None else changes(scope, after) for after in outcomes(name, scope)]
    expected = [{key: value} for value in becomes] if protocol in protocols else [None]
    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize(
    ("name", "protocol", "says"),
    [
        ("no-scheme", "http", {"scheme": "https"}),
        ("no-scheme", "websocket", {"scheme": "wss"}),
        ("no-root-path", "http", {"root_path": "/api"}),
        ("no-state", "http", {"state": {"database": 1}}),
        ("no-http-version", "websocket", {"http_version": "2"}),
        ("no-subprotocols", "websocket", {"subprotocols": ["chat"]}),
        ("no-query-string", "websocket", {"query_string": b"a=1"}),
        ("no-spec-version", "http", {"asgi": {"version": "3.0"}}),
        ("header-order", "http", {"headers": [(b"x-a", b"1"), (b"x-a", b"2")]}),
        ("header-order", "http", {"http_version": "2"}),
        ("header-case", "http", {"http_version": "2"}),
        ("header-lists", "http", {"headers": []}),
    ],
)
def test_a_scope_says_what_nothing_else_means(name: str, protocol: str, says: dict[str, Any]) -> None:
    """A key stays whose missing would mean something else, and headers of which nothing can be changed."""
    assert outcomes(name, scope_of(protocol, **says)) == [None]


def test_a_scope_without_the_version_of_its_protocol() -> None:
    """The version of ASGI has to stay (asgi.rst: Applications)."""
    scope = lifespan_scope({})
    assert outcomes("no-spec-version", scope) == [{**scope, "asgi": {"version": "3.0"}}]


def test_headers_in_another_order() -> None:
    """The values of one name stay in their order (www.rst: HTTP Connection Scope)."""
    orders = [after["headers"] for after in outcomes("header-order", scope_of("http"))]
    assert [(b"x-a", b"1"), (b"host", b"testserver"), (b"x-a", b"3"), (b"x-b", b"2")] in orders
    assert {tuple(sorted(order)) for order in orders} == {tuple(sorted(HEADERS))}
    assert {tuple(value for name, value in order if name == b"x-a") for order in orders} == {(b"1", b"3")}


def test_headers_that_are_lists() -> None:
    """Any iterable of two byte strings is a header."""
    expected = [[b"host", b"testserver"], [b"x-a", b"1"], [b"x-b", b"2"], [b"x-a", b"3"]]
    assert [after["headers"] for after in outcomes("header-lists", scope_of("http"))] == [expected]


def test_header_names_with_capitals() -> None:
    """As HTTP/1.1 clients send them: that they are in lower case is no must."""
    expected = [(b"Host", b"testserver"), (b"X-A", b"1"), (b"X-B", b"2"), (b"X-A", b"3")]
    assert [after["headers"] for after in outcomes("header-case", scope_of("http"))] == [expected]


def test_a_body_that_is_cut() -> None:
    """At one to three places, wherever these are."""
    found = outcomes("cut-body", [b"hello"])
    assert [b"he", b"llo"] in found
    assert {b"".join(pieces) for pieces in found} == {b"hello"}
    assert {len(pieces) for pieces in found} == {2, 3, 4}


@pytest.mark.parametrize("body", [b"", b"x"])
def test_a_body_that_cannot_be_cut(body: bytes) -> None:
    """Of fewer than two bytes."""
    assert outcomes("cut-body", [body]) == [None]


def test_empty_pieces_of_a_body() -> None:
    """One or two, anywhere before its last piece."""
    assert sorted(outcomes("empty-pieces", [b"a", b"b"])) == [
        [b"", b"", b"a", b"b"],
        [b"", b"a", b"", b"b"],
        [b"", b"a", b"b"],
        [b"a", b"", b"", b"b"],
        [b"a", b"", b"b"],
    ]


def test_an_empty_end_of_a_body() -> None:
    """As hypercorn and granian have it."""
    assert outcomes("empty-end", [b"a"]) == [[b"a", b""]]


def request(body: bytes, more: bool) -> Message:
    """`http.request`."""
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize(
    ("name", "message", "becomes"),
    [
        ("no-more-body", request(b"a", False), [{"type": "http.request", "body": b"a"}]),
        ("no-more-body", request(b"a", True), [None]),
        ("no-body", request(b"", True), [{"type": "http.request", "more_body": True}]),
        ("no-body", request(b"a", True), [None]),
        ("no-body", {"type": "http.disconnect"}, [None]),
        (
            "no-reason",
            {"type": "websocket.disconnect", "code": 1000, "reason": ""},
            [
                {"type": "websocket.disconnect", "code": 1000},
                {"type": "websocket.disconnect", "code": 1000, "reason": None},
            ],
        ),
        ("no-reason", {"type": "websocket.disconnect", "code": 1000, "reason": "bye"}, [None]),
        (
            "other-key",
            {"type": "websocket.receive", "text": "a"},
            [{"type": "websocket.receive", "text": "a", "bytes": None}],
        ),
        (
            "other-key",
            {"type": "websocket.receive", "bytes": b"a", "text": None},
            [{"type": "websocket.receive", "bytes": b"a"}],
        ),
        ("other-key", {"type": "websocket.receive", "bytes": b"a", "text": "a"}, [None]),
        ("other-key", {"type": "websocket.connect"}, [None]),
        (
            "unknown-key",
            {"type": "lifespan.startup"},
            [{"type": "lifespan.startup", "asgi_lockstep.unknown": 1}],
        ),
    ],
)
def test_a_message_that_says_the_same(name: str, message: Message, becomes: list[Message | None]) -> None:
    """In other keys; None where there is no other way to say it."""
    assert sorted(outcomes(name, message), key=str) == sorted(becomes, key=str)


def test_a_client_that_goes_away() -> None:
    """After some bytes of either body, or instead of one of its messages over a websocket."""
    found = outcomes("disconnect", {"upload": 2})
    assert {next(iter(limits)) for limits in found} == {"upload", "download"}
    assert all(limits["upload"] <= 2 for limits in found if "upload" in limits)
    assert all(limits["download"] <= 64 for limits in found if "download" in limits)
    assert all(0 <= limits["messages"] < 5 for limits in outcomes("disconnect", {}))


@pytest.mark.parametrize("kind", KINDS, ids=NAMES)
def test_a_kind_changes_nothing_that_it_is_given(kind: Kind[Any]) -> None:
    """It is pure: what varies is a copy."""
    if kind in OF_SCOPES:
        values: list[Any] = [scope_of("http"), scope_of("websocket"), lifespan_scope({})]
    elif kind in (*OF_BODIES, *OF_ENDS_OF_BODIES):
        values = [[b"hello", b"world"]]
    elif kind in OF_MESSAGES:
        values = [request(b"", False), {"type": "websocket.receive", "text": "a"}]
    else:
        values = [{"upload": 5}]
    before = repr(values)
    for value in values:
        kind.vary(value, Random(0))
    assert repr(values) == before


def varied(variation: Variation, number: int = 0) -> list[Message]:
    """What an app receives of a request, message by message."""
    exchange = ExchangeVariation(variation, number)
    pieces = exchange.body([b"hello world"])
    return [exchange.message(request(piece, index < len(pieces) - 1)) for index, piece in enumerate(pieces)]


def test_the_same_seed_gives_the_same_variation() -> None:
    """Of the same exchange; another seed, and another exchange, have others."""
    all_seeds = [varied(Variation(seed)) for seed in range(20)]
    assert all_seeds == [varied(Variation(seed)) for seed in range(20)]
    assert len({repr(events) for events in all_seeds}) > 10
    assert len({repr(varied(Variation(0), number)) for number in range(20)}) > 10


def test_a_seed_means_the_same_when_other_kinds_are_left_out() -> None:
    """Each kind has a chance of its own, so that the others can be left out to find the one."""
    others = [name for name in NAMES if name != "cut-body"]
    for seed in range(20):
        whole, alone = ExchangeVariation(Variation(seed), 0), ExchangeVariation(Variation(seed, without=others), 0)
        pieces = [piece for piece in whole.body([b"hello world"]) if piece]
        assert pieces == alone.body([b"hello world"])


def test_kinds_that_happen_on_request_alone() -> None:
    """Those that few frameworks stand, and the one for which a test has to be made."""
    on_request = {kind.name for kind in KINDS if kind.asked_for}
    assert on_request == {"no-query-string", "header-case", "disconnect"}
    assert {kind.name for kind in KINDS if Variation(0).has(kind)} == {*NAMES} - on_request
    assert all(Variation(0, also=[*on_request]).has(kind) for kind in KINDS)


def test_the_docs_list_every_kind() -> None:
    """Those on request in a table of their own, which comes last."""
    page = (Path(__file__).parents[2] / "docs" / "variation.md").read_text(encoding="utf-8")
    always, on_request = page.split("Some happen only on request:")
    listed = [re.findall(r"^\| `([a-z-]+)` \|", part, re.MULTILINE) for part in (always, on_request)]
    assert [sorted(names) for names in listed] == [
        sorted(kind.name for kind in KINDS if kind.asked_for is asked) for asked in (False, True)
    ]


def test_every_kind_has_a_name_of_its_own() -> None:
    """By which it is left out."""
    assert len(NAMES) == len({*NAMES}) == len(KINDS)
