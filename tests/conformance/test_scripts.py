"""The scripts of the cases, in process: each kind of them does what it does on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.cases import BY_NAME
from conformance.figures import passes, row
from conformance.in_process import alarm, outcome
from matrix import Driver

RETURNED = {"app.raised": False, "app.end": "returned"}
OPEN: dict[str, Any] = {"result": "101", "subprotocol": None, "headers": [], "messages": [], "close": None}

#: A case for each kind of script, with what client and app see.
EXPECTED: dict[str, dict[str, Any]] = {
    "length.right": {
        **RETURNED,
        "result": "200",
        "body": "ok",
        "headers": [["content-length", "2"]],
        "app.events": [],
    },
    "cut.body": {**RETURNED, "result": "truncated after 200", "app.events": []},
    "upload.echo": {**RETURNED, "result": "200", "body": "onetwothree", "headers": [], "app.events": ["http.request"]},
    "leave.after-first-chunk": {
        **RETURNED,
        "result": "left 200",
        "body": "first",
        "headers": [],
        "app.events": ["http.request", "http.disconnect"],
        "app.then": "http.disconnect",
    },
    "leave.before-answer": {
        **RETURNED,
        "result": "left",
        "app.events": ["http.request", "http.disconnect"],
        "app.left": True,
    },
    "receive.fragments": {
        **RETURNED,
        **OPEN,
        "messages": [["text", "abcdef"]],
        "app.events": ["websocket.connect", "websocket.receive", "websocket.disconnect"],
        "app.got": [["text", 6]],
        "app.end event": "websocket.disconnect",
        "app.code": 1000,
        "app.reason": "",
    },
    "end.messages-before-close": {
        **RETURNED,
        **OPEN,
        "messages": [["text", "a"], ["text", "b"]],
        "close": 3001,
        "app.events": ["websocket.connect"],
    },
    "refuse.close": {**RETURNED, "result": "403", "app.events": ["websocket.connect"]},
    "denial.plain": {**RETURNED, "result": "401", "denial": "denied", "app.events": ["websocket.connect"]},
    "refuse.client-leaves": {},
    "lifespan.plain": {
        **RETURNED,
        "result": "serves",
        "request": "200",
        "exit": "clean",
        "app.events": ["lifespan.startup", "lifespan.shutdown"],
        "app.state": [],
    },
    "lifespan.startup-failed": {
        **RETURNED,
        "result": "exits",
        "request": None,
        "app.events": ["lifespan.startup"],
    },
}


@pytest.mark.client_decides
@pytest.mark.parametrize("name", EXPECTED)
def test_a_script_has_an_outcome(driver: Driver, name: str) -> None:
    """All that the client and the app see, on every kind of client."""
    assert outcome(driver, BY_NAME[name]) == EXPECTED[name]


@pytest.mark.client_decides
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("length.right", ""),
        ("denial.plain", ""),
        ("refuse.close", ""),
        ("end.messages-before-close", ""),
        ("order.body-first", "ProtocolViolation"),
        ("cut.body", "IncompleteResponse"),
        ("cut.raise-first", "RuntimeError"),
        ("refuse.raises", "RuntimeError"),
        ("lifespan.startup-failed", "LifespanFailed"),
    ],
)
def test_a_test_is_told_of_what_is_wrong(driver: Driver, name: str, told: str) -> None:
    """With the options as they are by default; that a websocket is closed or refused is nothing wrong."""
    assert alarm(driver, BY_NAME[name]) == told


@pytest.mark.parametrize(
    ("changed", "passing"),
    [
        ({}, True),
        ({"app.raised": True}, False),
        ({"app.end": "raised"}, False),
        ({"result": "500"}, False),
        ({"close": 1006}, False),
        ({"close": 1000}, True),
    ],
)
def test_a_violating_app_passes_where_nobody_is_told(changed: dict[str, Any], passing: bool) -> None:
    """Neither the app nor the client."""
    assert passes({**RETURNED, "result": "200", **changed}) is passing


def test_a_row_counts_the_differences_by_their_kinds() -> None:
    """The kinds, the conforming apps among them, and the number that it is given."""
    outcomes: dict[str, dict[str, Any]] = {
        "length.right": {"result": "500"},
        "length.none": {"result": "200", "body": "ok"},
        "order.body-first": {"result": "200"},
        "scope.http-1.1": {"result": "200", "app.http_version": "3"},
    }
    assert row("a server", outcomes, 7) == "| a server | 3 of 4 | 1 | 1 | 1 | 0 | 2 | 7 |"
