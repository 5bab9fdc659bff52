"""Which messages need a closer look: a screen is a strict beginning of asking each rule."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from asgi_lockstep._protocol.checks import check
from asgi_lockstep._protocol.content_rules import CONTENT_RULES, SCREENS
from asgi_lockstep._protocol.header_pairs import HeaderPairs, read_pairs
from asgi_lockstep._protocol.rules import Broken
from asgi_lockstep._types import Message
from helpers import start
from protocol.exchanges import http, websocket

#: What rules are about, and whatever else.
ODD_NAMES = b"x-a X-A content-length Content-Length transfer-encoding :status sec-websocket-protocol".split()
ODD_VALUES = [b"", b"1", b"5", b" 5", b"5, 5", b"+5", b"chunked", b"a\r\nb", b"a b", b"\x07", b"\xff"]
NAMES = st.sampled_from([*ODD_NAMES, b"x a", b""]) | st.binary(max_size=4)
VALUES = st.sampled_from(ODD_VALUES) | st.binary(max_size=4)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=3)


def found(message_type: str, content: Any, exchange: Any, more: bool) -> list[str]:
    """The names of the rules that a message breaks, of which each is asked."""
    rules = [rule for rule in CONTENT_RULES if message_type in rule.messages]
    return [rule.id for rule in rules if rule.find(content, exchange, more) is not None]


def pairs(headers: list[tuple[bytes, bytes]]) -> HeaderPairs:
    """Headers as they are read."""
    read = read_pairs("http.response.start", headers)
    assert isinstance(read, HeaderPairs)
    return read


@given(st.integers(-1, 1000), HEADERS)
def test_a_head_that_passes_breaks_no_rule(status: int, headers: list[tuple[bytes, bytes]]) -> None:
    """Of a response and of a denial."""
    content = {"status": status, "headers": pairs(headers)}
    for message_type in ("http.response.start", "websocket.http.response.start"):
        if SCREENS[message_type](content, http(b""), False):
            assert found(message_type, content, http(b""), False) == []


@given(HEADERS, st.sampled_from([None, "a", "c", ""]))
def test_an_accept_that_passes_breaks_no_rule(headers: list[tuple[bytes, bytes]], subprotocol: str | None) -> None:
    """Nor does a trailer."""
    content = {"headers": pairs(headers), "subprotocol": subprotocol}
    for message_type in ("websocket.accept", "http.response.trailers"):
        if SCREENS[message_type](content, websocket(), False):
            assert found(message_type, content, websocket(), False) == []


@given(st.sampled_from(["GET", "HEAD"]), st.sampled_from([200, 204, 304]), st.sampled_from([None, 0, 2, 4]), st.data())
def test_a_body_that_passes_breaks_no_rule(method: str, status: int, declared: int | None, data: st.DataObject) -> None:
    """Whatever its response has declared, and whatever was sent before."""
    headers = [] if declared is None else [(b"content-length", b"%d" % declared)]
    exchange = http(b"", start(status, *headers), method=method)
    for _ in range(data.draw(st.integers(1, 3))):
        body, more = data.draw(st.binary(max_size=3)), data.draw(st.booleans())
        if SCREENS["http.response.body"]({"body": body}, exchange, more):
            assert found("http.response.body", {"body": body}, exchange, more) == []
            if more:
                exchange.from_app({"type": "http.response.body", "body": body, "more_body": True})


@given(st.integers(-1, 70000) | st.sampled_from([1000, 1006]), st.sampled_from(["", "x", "x" * 124]))
def test_a_close_that_passes_breaks_no_rule(code: int, reason: str) -> None:
    """The usual one."""
    content = {"code": code, "reason": reason}
    if SCREENS["websocket.close"](content, websocket(), False):
        assert found("websocket.close", content, websocket(), False) == []


def test_each_screen_lets_the_usual_message_pass() -> None:
    """Or it would cost without a use."""
    usual: list[tuple[Any, Message]] = [
        (http(b""), start(200, (b"content-type", b"text/plain"), (b"content-length", b"5"))),
        (http(b"", start(200, (b"content-length", b"5"))), {"type": "http.response.body", "body": b"hello"}),
        (websocket(), {"type": "websocket.accept"}),
        (websocket({"type": "websocket.accept"}), {"type": "websocket.close"}),
    ]
    for exchange, message in usual:
        checked = check(message, exchange)
        assert not isinstance(checked, Broken)
        assert SCREENS[message["type"]](checked[1], exchange, False)
