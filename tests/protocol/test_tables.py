"""The order rules as data: which orders they allow, and what is made from the same rows."""

from __future__ import annotations

import re
from enum import Enum
from itertools import product

import pytest

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

#: One letter for each event, so that an order is a word and the specification's rule about orders a pattern.
_LETTERS = {
    "http.response.debug": "g",
    "http.response.early_hint": "h",
    "http.response.push": "p",
    "http.response.start": "s",
    "http.response.start trailers": "S",
    "http.response.body more": "m",
    "http.response.body": "b",
    "http.response.zerocopysend more": "z",
    "http.response.zerocopysend": "Z",
    "http.response.pathsend": "q",
    "http.response.trailers more": "t",
    "http.response.trailers": "T",
    "websocket.accept": "a",
    "websocket.send": "n",
    "websocket.close": "c",
    "websocket.http.response.start": "d",
    "websocket.http.response.body more": "e",
    "websocket.http.response.body": "f",
    "lifespan.startup.complete": "u",
    "lifespan.startup.failed": "U",
    "lifespan.shutdown.complete": "v",
    "lifespan.shutdown.failed": "V",
}


def words_that_end(table: Table, begin: State, end: State, length: int) -> set[str]:
    """Every order of at most `length` events with which `table` gets from `begin` to `end`."""
    found = set()
    ways: list[tuple[str, State]] = [("", begin)]
    for _ in range(length):
        ways = [(word + _LETTERS[event], after) for word, at in ways for event, after in table[at].items()]
        found |= {word for word, at in ways if at is end}
    return found


def words_that_match(pattern: str, letters: str, length: int) -> set[str]:
    """Every order of at most `length` of the letters that the pattern describes."""
    words = {"".join(word) for size in range(1, length + 1) for word in product(letters, repeat=size)}
    return {word for word in words if re.fullmatch(pattern, word)}


@pytest.mark.parametrize(
    ("table", "begin", "end", "pattern"),
    [
        # www.rst, Response Start and Response Body; extensions.rst, HTTP Trailers. The other extensions come
        # anywhere until the body is complete: wider than extensions.rst has it, as tables.py explains.
        pytest.param(
            HTTP, HTTPState.REQUESTED, HTTPState.COMPLETE, "[ghp]*(s[ghpmz]*[bZq]|S[ghpmz]*[bZq]t*T)", id="http"
        ),
        # www.rst, Accept, Send and Close; extensions.rst, Websocket Denial Response.
        pytest.param(WEBSOCKET, WebSocketState.CONNECTING, WebSocketState.CLOSED, "c|an*c|de*f", id="websocket"),
        # lifespan.rst, Startup Complete ... Shutdown Failed: each event has one answer.
        pytest.param(LIFESPAN, LifespanState.STARTING, LifespanState.RUNNING, "u", id="lifespan-starts"),
        pytest.param(LIFESPAN, LifespanState.STARTING, LifespanState.FAILED, "U", id="lifespan-cannot-start"),
        pytest.param(LIFESPAN, LifespanState.STOPPING, LifespanState.STOPPED, "[vV]", id="lifespan-stops"),
    ],
)
def test_the_orders_of_a_table_are_those_of_the_specification(
    table: Table, begin: State, end: State, pattern: str
) -> None:
    """Of all orders of up to five messages, just those that the specification describes get to the end."""
    letters = "".join(_LETTERS[event] for row in table.values() for event in row)
    assert words_that_end(table, begin, end, 5) == words_that_match(pattern, "".join(sorted(set(letters))), 5)


@pytest.mark.parametrize(
    ("table", "states"), [(HTTP, HTTPState), (WEBSOCKET, WebSocketState), (LIFESPAN, LifespanState)]
)
def test_each_state_has_a_row_and_leads_to_states_of_its_protocol(table: Table, states: type[Enum]) -> None:
    """A table is closed: no message can lead out of it."""
    assert set(table) == set(states)
    assert {after for row in table.values() for after in row.values()} <= set(states)
