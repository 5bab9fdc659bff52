"""What each message carries, as rows: that they are complete, and what reading a value comes to."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import pytest

from asgi_lockstep._protocol.header_pairs import HeaderPairs
from asgi_lockstep._protocol.kind_rules import WRONG_KIND
from asgi_lockstep._protocol.rules import Finding
from asgi_lockstep._protocol.shapes import SHAPES, Key, Shape
from asgi_lockstep._protocol.tables import HTTP, LIFESPAN, WEBSOCKET, WebSocketState

KEYS = [pytest.param(shape, key, id=f"{shape.type}-{key.name}") for shape in SHAPES.values() for key in shape.keys]


def key_of(message_type: str, name: str) -> Key:
    """The row of one key."""
    return next(key for key in SHAPES[message_type].keys if key.name == name)


class Number(IntEnum):
    """A number that has a name."""

    OK = 200


def test_each_event_of_the_tables_is_one_of_a_shape_and_the_reverse() -> None:
    """No message is allowed that nobody knows how to read, and none is known that may never be sent."""
    in_tables = {event for table in (HTTP, WEBSOCKET, LIFESPAN) for row in table.values() for event in row}
    flagged = {f"{shape.type} {shape.flag.word}" for shape in SHAPES.values() if shape.flag is not None}
    assert {*SHAPES, *flagged} == in_tables


def test_the_flags_that_tell_events_apart() -> None:
    """www.rst, Response Start and Response Body; extensions.rst, HTTP Trailers and Zero Copy Send."""
    assert {shape.type: shape.flag.name for shape in SHAPES.values() if shape.flag is not None} == {
        "http.response.start": "trailers",
        "http.response.body": "more_body",
        "http.response.trailers": "more_trailers",
        "http.response.zerocopysend": "more_body",
        "websocket.http.response.body": "more_body",
    }


def test_each_shape_names_a_section_of_the_file_of_its_protocol() -> None:
    """What an extension adds is in extensions.rst."""
    files = {"http": "www.rst", "websocket": "www.rst", "lifespan": "lifespan.rst"}
    wrong = [
        shape.type
        for shape in SHAPES.values()
        if not shape.section.startswith(
            f"{'extensions.rst' if shape.extension is not None else files[shape.type.split('.')[0]]}: "
        )
    ]
    assert wrong == []


def test_a_key_that_has_no_default_must_be_there() -> None:
    """What has no default in www.rst, Response Start, and extensions.rst; all the rest may be left out."""
    required = [
        (shape.type, key.name)
        for shape in SHAPES.values()
        for key in shape.keys
        if isinstance(key.kind.read(shape.type, key.name, key.default), Finding)
    ]
    assert required == [
        ("http.response.start", "status"),
        ("http.response.debug", "info"),
        ("http.response.push", "path"),
        ("http.response.pathsend", "path"),
        ("websocket.http.response.start", "status"),
    ]


def test_the_keys_that_are_pairs_of_headers() -> None:
    """www.rst, Response Start and Accept; extensions.rst: all of them are called `headers`, and may be empty."""
    pairs = [
        (shape.type, key.name)
        for shape in SHAPES.values()
        for key in shape.keys
        if key.kind.read(shape.type, key.name, iter([(b"a", b"b")])) == [(b"a", b"b")]
    ]
    assert pairs == [(shape.type, "headers") for shape in SHAPES.values() if "headers" in [k.name for k in shape.keys]]
    assert len(pairs) == 5


@pytest.mark.parametrize(("shape", "key"), KEYS)
@pytest.mark.parametrize("value", [b"a", "a", 200, None, True, [], {}, bytearray()], ids=repr)
def test_what_is_taken_as_it_is_would_be_read_as_it_is(shape: Shape, key: Key, value: object) -> None:
    """The first test of a check may leave out the reading of a value only where that changes nothing."""
    read = key.kind.read(shape.type, key.name, value)
    assert type(value) not in key.as_they_are or read is value


@pytest.mark.parametrize(
    ("message_type", "name", "value", "plain"),
    [
        ("http.response.start", "status", Number.OK, 200),
        ("websocket.close", "code", Number.OK, 200),
        ("http.response.zerocopysend", "count", Number.OK, 200),
        ("http.response.early_hint", "links", (b"a", b"b"), [b"a", b"b"]),
        ("http.response.start", "headers", {b"a": b"b"}.items(), [(b"a", b"b")]),
        ("http.response.start", "headers", [[b"a", b"b"]], [(b"a", b"b")]),
    ],
    ids=["status", "code", "count", "links", "items", "lists"],
)
def test_a_value_is_made_plain(message_type: str, name: str, value: object, plain: object) -> None:
    """The exchanges know one kind of each value, and the app may change its own again."""
    read = key_of(message_type, name).kind.read(message_type, name, value)
    assert read == plain
    assert isinstance(read, type(plain))


@pytest.mark.parametrize(
    ("message_type", "name", "value", "plain"),
    [
        ("http.response.body", "body", bytearray(b"abc"), b"abc"),
        ("http.response.body", "body", memoryview(b"a-b-c")[::2], b"abc"),
        ("http.response.body", "body", None, b""),
        ("http.response.start", "status", 200.0, 200),
        ("http.response.start", "headers", [(bytearray(b"a"), memoryview(b"b"))], [(b"a", b"b")]),
        ("websocket.accept", "headers", [("a", b"b")], [(b"a", b"b")]),
        ("websocket.send", "bytes", bytearray(b"abc"), b"abc"),
    ],
    ids=["buffer", "view", "no-body", "float", "header", "accept", "frame"],
)
def test_a_value_that_servers_read_is_a_finding_that_has_it_plain(
    message_type: str, name: str, value: object, plain: object
) -> None:
    """Whoever records the finding goes on with what it has."""
    found = key_of(message_type, name).kind.read(message_type, name, value)
    assert isinstance(found, Finding)
    assert (found.instead, type(found.instead) in (type(plain), HeaderPairs)) == (plain, True)


@pytest.mark.parametrize(
    ("message_type", "name"),
    [("http.response.debug", "info"), ("http.response.early_hint", "links"), ("http.response.start", "headers")],
)
def test_what_the_app_may_still_change_is_copied(message_type: str, name: str) -> None:
    """The value that was read is another one."""
    key = key_of(message_type, name)
    value: Any = {} if name == "info" else []
    read = key.kind.read(message_type, name, value)
    assert read == value
    assert read is not value


@pytest.mark.parametrize(
    ("message_type", "name"),
    [("http.response.start", "status"), ("websocket.close", "code"), ("http.response.zerocopysend", "offset")],
)
def test_a_bool_is_no_number(message_type: str, name: str) -> None:
    """asgi.rst, Events: they are different types, and Python's bool is an int."""
    read = key_of(message_type, name).kind.read(message_type, name, True)
    assert isinstance(read, Finding)
    assert (read.rule, read.message_type, read.fields["value"]) == (WRONG_KIND, message_type, True)


def test_the_reason_of_a_close_is_the_only_key_that_is_not_always_looked_at() -> None:
    """www.rst, Close: before the accept it reaches nobody."""
    sometimes = [
        (shape.type, key.name, key.only_in)
        for shape in SHAPES.values()
        for key in shape.keys
        if key.only_in is not None
    ]
    assert sometimes == [("websocket.close", "reason", WebSocketState.OPEN)]
