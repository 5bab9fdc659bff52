"""What becomes of a message that breaks a rule: an error, a record, or nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from asgi_lockstep import ProtocolViolation
from asgi_lockstep._protocol.consequences import fails_quietly, most_refuse
from asgi_lockstep._protocol.exchange import Exchange
from asgi_lockstep._protocol.rule_book import KEPT, NO_DUTY, RULES, SETS, RuleBook, verdicts_of
from asgi_lockstep._protocol.tables import HTTPState, WebSocketState
from asgi_lockstep._types import Message
from helpers import body, start
from protocol.breaking import Broken
from protocol.broken import BROKEN
from protocol.exchanges import http, lifespan, websocket

#: The rules that a message breaks of which nobody can make anything.
UNREADABLE = {"wrong-kind", "not-pairs", "not-two-byte-strings", "no-file"}

ACCEPT: Message = {"type": "websocket.accept"}


def judged(exchange: Exchange, message: Message, **verdicts: Any) -> list[str]:
    """The rules that were recorded of a message, where the verdicts are those of servers but for some."""
    names = {name.replace("_", "-"): verdict for name, verdict in verdicts.items()}
    exchange.rule_book = RuleBook({**verdicts_of("servers"), **names})
    exchange.from_app(message)
    return [violation.rule for violation in exchange.rule_book.recorded]


def test_the_sets_of_verdicts() -> None:
    """As most servers have it, each an error, each off; every rule has one in each."""
    of_servers = verdicts_of("servers")
    assert {name: verdict == "error" for name, verdict in of_servers.items()} == {r: most_refuse(r) for r in RULES}
    assert set(of_servers.values()) == {"error", "record"}
    assert {rule for rule, verdict in verdicts_of("spec").items() if verdict != "error"} == NO_DUTY
    assert (set(verdicts_of("spec").values()), set(verdicts_of("off").values())) == ({"error", "record"}, {"off"})
    assert [sorted(verdicts_of(name)) for name in SETS] == [sorted(RULES)] * 3


@pytest.mark.parametrize("name", [name for name in BROKEN if not most_refuse(name)])
def test_what_most_servers_take_is_recorded(name: str) -> None:
    """And the app goes on, as it would there."""
    exchange = BROKEN[name].exchange()
    exchange.rule_book = RuleBook(verdicts_of("servers"))
    exchange.from_app(BROKEN[name].message)
    assert [violation.rule for violation in exchange.rule_book.recorded] == [name]
    assert exchange.refusal is None


@pytest.mark.parametrize("name", [name for name in BROKEN if most_refuse(name)])
def test_what_most_servers_refuse_is_an_error(name: str) -> None:
    """Out of the app's `send()`; or at the test, where most servers do not tell the app. It is recorded, too."""
    exchange = BROKEN[name].exchange()
    exchange.rule_book = RuleBook(verdicts_of("servers"))
    if fails_quietly(name):
        exchange.from_app(BROKEN[name].message)
        violation = exchange.refusal
    else:
        with pytest.raises(ProtocolViolation) as caught:
            exchange.from_app(BROKEN[name].message)
        violation = caught.value
    assert violation is not None
    recorded = [*exchange.rule_book.recorded]
    assert (violation.rule, [str(one) for one in recorded]) == (name, [str(violation)])
    assert [one.__traceback__ for one in recorded] == [None]  # it would hold whatever the app was about


@pytest.mark.parametrize("broken", [pytest.param(row, id=name) for name, row in BROKEN.items()])
def test_without_rules_nothing_is_said(broken: Broken) -> None:
    """But where nothing can be made of a message, as on any server."""
    exchange = broken.exchange()
    exchange.rule_book = RuleBook(verdicts_of("off"))
    with suppress(ProtocolViolation, FileNotFoundError):
        exchange.from_app(broken.message)
    assert {violation.rule for violation in exchange.rule_book.recorded} <= UNREADABLE


@pytest.mark.parametrize(
    ("exchange", "message", "rule", "seen"),
    [
        (http(b""), start(200.0), "status-float", ("status", 200)),  # type: ignore[arg-type]
        (http(b""), start(600), "unknown-status-class", ("status", 600)),
        (http(b""), start(200, (b"X-A", b"1")), "upper-case-name", ("headers", [(b"X-A", b"1")])),
        (http(b""), start(200, (b"x-a", b"\t1 ")), "outer-blanks", ("headers", [(b"x-a", b"1")])),
        (http(b""), start(200, (b"x-a", bytearray(b"1"))), "header-buffer", ("headers", [(b"x-a", b"1")])),  # type: ignore[arg-type]
        (http(b"", start()), body(bytearray(b"x")), "buffer", ("body", b"x")),  # type: ignore[arg-type]
        (http(b"", start()), {"type": "http.response.body", "body": None}, "body-nothing", ("body", b"")),
        (http(b"", start(304)), body(b"x"), "body-not-allowed", ("body", b"")),
        (websocket(), {**ACCEPT, "headers": [("x-a", "1")]}, "header-text-in-accept", ("was_accepted", True)),
        (websocket(ACCEPT), {"type": "websocket.close", "code": None}, "close-code-none", ("close_code", 1005)),
        (websocket(ACCEPT), {"type": "websocket.close", "code": 999}, "reserved-close-code", ("close_code", 999)),
        (lifespan(), {"type": "lifespan.startup.failed", "message": 5}, "failure-not-text", ("failure", "5")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_recorded_is_taken_as_servers_take_it(
    exchange: Exchange, message: Message, rule: str, seen: tuple[str, object]
) -> None:
    """The client sees what the client of a server would."""
    assert (judged(exchange, message), getattr(exchange, seen[0])) == ([rule], seen[1])


def test_of_both_text_and_bytes_the_bytes_are_sent() -> None:
    """As uvicorn and hypercorn do."""
    exchange = websocket(ACCEPT)
    exchange.take()
    assert judged(exchange, {"type": "websocket.send", "text": "a", "bytes": b"b"}) == ["both-of-two"]
    assert exchange.pending == [{"type": "websocket.send", "text": None, "bytes": b"b"}]


def test_what_may_not_be_sent_and_is_no_error_is_dropped() -> None:
    """A second close changes nothing."""
    exchange = websocket(ACCEPT, {"type": "websocket.close", "code": 3001})
    assert judged(exchange, {"type": "websocket.close", "code": 3002}) == ["close-twice"]
    assert (exchange.state, exchange.close_code) == (WebSocketState.CLOSED, 3001)


def test_bytes_beyond_the_declared_length_never_arrive() -> None:
    """Whatever the verdict is."""
    exchange = http(b"", start(200, (b"content-length", b"3")), body(b"ab", more=True), collect=True)
    judged(exchange, body(b"cd"), body_too_long="record")
    assert (exchange.body, exchange.state) == (b"abc", HTTPState.COMPLETE)


def test_all_rules_that_a_message_breaks_are_recorded() -> None:
    """Not the first alone: each is to be mended."""
    rules = judged(http(b""), start(600, (b"X-A", b" 1")))
    assert rules == ["unknown-status-class", "upper-case-name", "outer-blanks"]


def test_an_error_comes_after_the_records_before_it() -> None:
    """In the order in which a message is looked at."""
    exchange = http(b"")
    with pytest.raises(ProtocolViolation) as caught:
        judged(exchange, start(600, (b"x a", b" 1")))
    assert caught.value.rule == "no-header-name"
    assert [violation.rule for violation in exchange.rule_book.recorded] == ["unknown-status-class", "no-header-name"]


def test_the_newest_records_are_kept() -> None:
    """A suite may send the same again and again."""
    book = RuleBook(verdicts_of("servers"))
    for _ in range(KEPT + 1):
        exchange = http(b"")
        exchange.rule_book = book
        exchange.from_app(start(200, (b"X-A", b"1")))
    assert len(book.recorded) == KEPT


def test_other_verdicts_record_in_the_same_place() -> None:
    """Those of one call, in the list of its client."""
    book = RuleBook(verdicts_of("servers"))
    assert book.with_verdicts(verdicts_of("off")).recorded is book.recorded


@pytest.mark.parametrize(
    ("sent", "rule"),
    [([start(204)], "no-last-body"), ([start(200, (b"content-length", b"1")), body(b"x", more=True)], "no-last-body")],
    ids=["no body", "all bytes"],
)
def test_a_response_that_has_all_its_bytes_is_whole(sent: list[Message], rule: str) -> None:
    """Without a last message servers deliver it; it is recorded."""
    exchange = http(b"", *sent)
    exchange.rule_book = RuleBook(verdicts_of("servers"))
    exchange.app_returned()
    assert (exchange.is_delivered, [found.rule for found in exchange.rule_book.recorded]) == (True, [rule])


@pytest.mark.parametrize(
    ("exchange", "value", "rule"),
    [(http(b"", start(), body()), 5, "return-value"), (websocket(ACCEPT), None, "no-close")],
    ids=["value", "no-close"],
)
def test_how_an_app_ends_can_break_a_rule(exchange: Exchange, value: object, rule: str) -> None:
    """Recorded by default; an error at the test, where it is to be one: there is no `send()` any more."""
    exchange.rule_book = RuleBook(dict.fromkeys(RULES, "error"))
    exchange.app_returned(value)
    assert exchange.refusal is not None
    assert exchange.refusal.rule == rule
