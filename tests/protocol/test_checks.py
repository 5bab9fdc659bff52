"""Whether a message may be sent, and what it carries: decided without changing anything."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from asgi_lockstep._protocol.checks import allowed_types, check, extension_of
from asgi_lockstep._protocol.consequences import fails_quietly
from asgi_lockstep._protocol.exchange import Exchange
from asgi_lockstep._protocol.rules import Broken as BrokenMessage
from asgi_lockstep._protocol.shapes import SHAPES
from asgi_lockstep._protocol.tables import (
    HTTP,
    LIFESPAN,
    WEBSOCKET,
    HTTPState,
    LifespanState,
    State,
    Table,
    WebSocketState,
)
from asgi_lockstep._types import Message
from helpers import start
from protocol.breaking import Broken
from protocol.broken import BROKEN
from protocol.exchanges import DENIAL, EXTENSIONS, http, lifespan, refusal, websocket
from protocol.messages import MESSAGES

#: The extensions that may be sent before the response and in it.
HINTS = ("http.response.early_hint", "http.response.push")

#: What can be, or complete, the body.
BODIES = ("http.response.body", "http.response.zerocopysend", "http.response.pathsend")


def offering(message_type: str) -> Exchange:
    """An exchange of the protocol of a message, which offers every extension."""
    protocol = message_type.split(".")[0]
    if protocol == "http":
        return http(b"", extensions=EXTENSIONS)
    return websocket() if protocol == "websocket" else lifespan()


def snapshot(exchange: Exchange) -> dict[str, Any]:
    """Everything that an exchange knows of the conversation, as it is now."""
    return deepcopy({name: value for name, value in vars(exchange).items() if name not in ("rule_book", "server")})


ALLOWED = [
    pytest.param(event, state, after, id=f"{state.name}-{event}")
    for table in (HTTP, WEBSOCKET, LIFESPAN)
    for state, row in table.items()
    for event, after in row.items()
]


@pytest.mark.parametrize(("event", "state", "after"), ALLOWED)
def test_a_message_that_may_be_sent_comes_to_all_keys_of_its_shape(event: str, state: State, after: State) -> None:
    """Whoever takes it finds each key, whether the app has sent it or not; and the state that the table says."""
    message = MESSAGES[event]
    exchange = offering(event)
    exchange.state = state
    checked = check(message, exchange)
    if isinstance(checked, BrokenMessage):  # which servers take all the same
        assert checked.checked is not None
        checked = checked.checked
    message_type, content, leads_to = checked
    keys = [key.name for key in SHAPES[message["type"]].keys]
    assert (message_type, list(content), leads_to) == (message["type"], keys, after)


@pytest.mark.parametrize(("event", "state", "after"), ALLOWED)
def test_a_check_of_a_message_changes_nothing(event: str, state: State, after: State) -> None:
    """Asked twice, it says the same; neither the exchange nor the message is another one."""
    exchange = offering(event)
    exchange.state = state
    message = dict(MESSAGES[event])
    before = (snapshot(exchange), dict(message))
    assert check(message, exchange) == check(message, exchange)
    assert (snapshot(exchange), message) == before


@pytest.mark.parametrize(
    "broken", [pytest.param(row, id=name) for name, row in BROKEN.items() if not fails_quietly(name)]
)
def test_a_check_of_a_message_that_breaks_a_rule_changes_nothing(broken: Broken) -> None:
    """Asked twice, it finds the same; and an app that may not send it has not sent it."""
    exchange = broken.exchange()
    before = snapshot(exchange)
    found = check(broken.message, exchange)
    assert isinstance(found, BrokenMessage)
    assert check(broken.message, exchange) == found
    refusal(exchange, broken.message)
    assert snapshot(exchange) == before


@pytest.mark.parametrize("name", BROKEN)
def test_the_rule_that_is_found_is_the_one_that_is_broken(name: str) -> None:
    """By its name, which tells rules apart where sentences are alike."""
    found = check(BROKEN[name].message, BROKEN[name].exchange())
    assert isinstance(found, BrokenMessage)
    assert found.findings[0].rule.id == name


@pytest.mark.parametrize(
    ("exchange", "message", "rule"),
    [
        (lambda: http(b"", start()), start("200"), "start-twice"),  # type: ignore[arg-type]
        (lambda: http(b""), start("200", 5), "wrong-kind"),  # type: ignore[arg-type]
        (lambda: http(b""), {"type": "http.response.push", "path": 5}, "not-offered"),
        (websocket, {"type": "http.response.push", "path": 5}, "other-protocol"),
        (
            lambda: websocket({"type": "websocket.accept"}),
            {"type": "websocket.send", "text": 5, "bytes": b"a"},
            "wrong-kind",
        ),
    ],
    ids=["order-before-kind", "keys-in-order", "offer-before-kind", "protocol-before-offer", "kind-before-one-of-two"],
)
def test_the_first_rule_counts(exchange: Callable[[], Exchange], message: Message, rule: str) -> None:
    """What may not be sent at all is not read, and what cannot be read says nothing."""
    found = check(message, exchange())
    assert isinstance(found, BrokenMessage)
    assert found.findings[0].rule.id == rule


OPEN = WebSocketState.OPEN


class Text(str):
    """Text that is not quite the usual."""

    __slots__ = ()


@pytest.mark.parametrize("more", [{}, {"bytes": None}, {"x": 1}, {"bytes": None, "x": 1}], ids=repr)
@pytest.mark.parametrize("text", ["", "a", "\u20ac"], ids=ascii)
def test_the_usual_frame_is_read_as_any_other(text: str, more: Message) -> None:
    """The usual frame has a short way of its own, which comes to the same."""
    exchange = websocket({"type": "websocket.accept"})
    frame = {"type": "websocket.send", "text": text, **more}
    closer = {**frame, "text": Text(text)}
    assert check(frame, exchange) == check(closer, exchange) == ("websocket.send", {"text": text, "bytes": None}, OPEN)


def test_an_iterator_of_headers_is_read_once() -> None:
    """www.rst, Response Start: an iterable is enough; what it gave is in the content."""
    checked = check({**start(), "headers": iter([(b"x-a", b"1")])}, http(b""))
    assert not isinstance(checked, BrokenMessage)
    assert checked[1] == {"status": 200, "headers": [(b"x-a", b"1")]}


def test_the_reason_of_a_close_is_what_the_app_sent_where_nobody_looks_at_it() -> None:
    """www.rst, Close: before the accept, any value is taken; afterwards only text."""
    message = {"type": "websocket.close", "reason": [{"loc": ["query"]}]}
    checked = check(message, websocket())
    found = check(message, websocket({"type": "websocket.accept"}))
    assert checked == ("websocket.close", {"code": 1000, "reason": message["reason"]}, WebSocketState.CLOSED)
    assert isinstance(found, BrokenMessage)
    assert found.findings[0].rule.id == "wrong-kind"


@pytest.mark.parametrize("more", [{}, {"more_body": False}, {"trailers": True}], ids=repr)
def test_nothing_more_is_announced_by_default(more: dict[str, object]) -> None:
    """www.rst, Response Body: a missing `more_body` is False; servers take None for it as well."""
    checked = check({"type": "http.response.body", **more}, http(b"", start()))
    assert checked == ("http.response.body", {"body": b""}, HTTPState.COMPLETE)


@pytest.mark.parametrize(
    ("more", "state"),
    [(1, HTTPState.STARTED), ("yes", HTTPState.STARTED), (0, HTTPState.COMPLETE), (None, HTTPState.COMPLETE)],
    ids=repr,
)
def test_a_flag_that_is_no_bool_is_one_by_its_truth(more: object, state: HTTPState) -> None:
    """www.rst, Response Body: servers ask for no more than that it is true."""
    found = check({"type": "http.response.body", "more_body": more}, http(b"", start()))
    assert isinstance(found, BrokenMessage)
    assert [finding.rule.id for finding in found.findings] == ["flag-not-bool"]
    assert found.checked == ("http.response.body", {"body": b""}, state)


def test_a_type_without_such_a_key_is_its_own_event() -> None:
    """The content of most messages has no meaning for the order."""
    checked = check({"type": "websocket.send", "text": "a", "more_body": True}, websocket({"type": "websocket.accept"}))
    assert checked == ("websocket.send", {"text": "a", "bytes": None}, WebSocketState.OPEN)


@pytest.mark.parametrize(
    ("table", "allowed"),
    [
        (
            HTTP,
            {
                HTTPState.REQUESTED: (*HINTS, "http.response.debug", "http.response.start"),
                HTTPState.STARTED: ("http.response.debug", *HINTS, *BODIES),
                HTTPState.STARTED_TRAILERS: ("http.response.debug", *HINTS, *BODIES),
                HTTPState.TRAILERS: ("http.response.trailers",),
                HTTPState.COMPLETE: (),
            },
        ),
        (
            WEBSOCKET,
            {
                WebSocketState.CONNECTING: ("websocket.accept", "websocket.close", "websocket.http.response.start"),
                WebSocketState.OPEN: ("websocket.send", "websocket.close"),
                WebSocketState.DENYING: ("websocket.http.response.body",),
                WebSocketState.CLOSED: (),
            },
        ),
        (
            LIFESPAN,
            {
                LifespanState.STARTING: ("lifespan.startup.complete", "lifespan.startup.failed"),
                LifespanState.RUNNING: ("lifespan.shutdown.complete", "lifespan.shutdown.failed"),
                LifespanState.STOPPING: ("lifespan.shutdown.complete", "lifespan.shutdown.failed"),
                LifespanState.FAILED: (),
                LifespanState.STOPPED: (),
            },
        ),
    ],
    ids=["http", "websocket", "lifespan"],
)
def test_the_allowed_types_of_each_state_are_in_the_order_of_the_table(
    table: Table, allowed: dict[State, tuple[str, ...]]
) -> None:
    """Each type is named once, however many events it makes, and in the order in which people read about it."""
    assert {state: allowed_types(table, state, {*EXTENSIONS, DENIAL}) for state in table} == allowed


def test_a_type_of_an_extension_is_allowed_only_where_the_scope_offers_it() -> None:
    """asgi.rst, Extensions: what a text suggests must not be the next mistake."""
    offers: list[tuple[str, ...]] = [(), ("http.response.push", "tls"), ("http.response.debug",)]
    assert [allowed_types(HTTP, HTTPState.REQUESTED, offered) for offered in offers] == [
        ("http.response.start",),
        ("http.response.push", "http.response.start"),
        ("http.response.debug", "http.response.start"),
    ]


def test_a_denial_response_is_allowed_only_where_the_scope_offers_it() -> None:
    """extensions.rst, Websocket Denial Response: its messages are named otherwise, and the rule is the same."""
    offers: list[tuple[str, ...]] = [(), ("websocket.http.response",)]
    assert [allowed_types(WEBSOCKET, WebSocketState.CONNECTING, offered) for offered in offers] == [
        ("websocket.accept", "websocket.close"),
        ("websocket.accept", "websocket.close", "websocket.http.response.start"),
    ]


@pytest.mark.parametrize(
    ("message_type", "extension"),
    [
        ("http.response.push", "http.response.push"),
        ("http.response.trailers", "http.response.trailers"),
        ("websocket.http.response.start", "websocket.http.response"),
        ("websocket.http.response.body", "websocket.http.response"),
        ("http.response.start", None),
        ("websocket.http.responses", None),
    ],
)
def test_each_message_belongs_to_one_extension_or_none(message_type: str, extension: str | None) -> None:
    """asgi.rst, Extensions: the name of an extension is that of its message, or the beginning of their names."""
    assert extension_of(message_type) == extension
