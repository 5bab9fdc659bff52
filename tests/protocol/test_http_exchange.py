"""One HTTP request and its response: what the app receives, and what the client gets (www.rst: HTTP).

What the app may not send is in test_http_mistakes.py.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from asgi_lockstep._protocol.exchange import Hold
from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._types import Message
from helpers import body, start
from protocol.exchanges import EXTENSIONS, answered, counting, http, received

DISCONNECT = {"type": "http.disconnect"}


def request(piece: bytes, *, more: bool = False) -> Message:
    """`http.request`."""
    return {"type": "http.request", "body": piece, "more_body": more}


def taken(exchange: HTTPExchange) -> list[bytes]:
    """The pieces of the response that are there for the client."""
    chunks = []
    while exchange.has_chunk:
        chunks.append(exchange.take_chunk())
    return chunks


@pytest.mark.parametrize("data", [b"", b"tea"])
def test_a_whole_body_is_one_request_event(data: bytes) -> None:
    """www.rst, Request: the event without `more_body` ends the body, and an empty body has one too."""
    exchange = http(data)
    assert (received(exchange), exchange.wants_body) == ([request(data), None], False)


def test_a_body_in_pieces_is_one_event_for_each_piece() -> None:
    """www.rst, Request: successive bodies are concatenated, and only the last says that nothing follows."""
    exchange = http(None)
    events = received(exchange)
    for piece in (b"te", b"a", None):
        exchange.feed(piece)
        events += received(exchange)
    assert events == [None, request(b"te", more=True), None, request(b"a", more=True), None, request(b""), None]


def test_pieces_that_wait_do_not_end_the_body_before_the_last() -> None:
    """www.rst, Request: `more_body` is about what is yet to be delivered, not about what is yet to be fed."""
    exchange = http(None)
    for piece in (b"te", b"a", None):
        exchange.feed(piece)
    assert received(exchange) == [request(b"te", more=True), request(b"a", more=True), request(b""), None]


def test_a_piece_is_wanted_from_the_apps_asking_until_it_is_fed() -> None:
    """The client hands over a piece when the app waits for it, and not before; each is told of the other once."""
    exchange = http(None)
    told = counting(exchange)
    wanted = [exchange.wants_body]
    exchange.to_app()
    exchange.to_app()
    wanted.append(exchange.wants_body)
    assert told == ["client"]
    exchange.feed(b"x")
    wanted.append(exchange.wants_body)
    assert (wanted, told) == ([False, True, False], ["client", "receive"])


def test_nothing_is_wanted_after_the_end_of_the_body() -> None:
    """An app that reads on after the last piece waits for the disconnect only."""
    exchange = http(None)
    exchange.feed(None)
    assert (received(exchange), exchange.wants_body) == ([request(b""), None], False)


def test_what_the_app_has_read_is_counted() -> None:
    """The size of the upload is what the app has taken, not what was fed."""
    exchange = http(None)
    exchange.feed(b"four")
    before = exchange.bytes_uploaded
    exchange.to_app()
    assert (before, exchange.bytes_uploaded) == (0, 4)


@pytest.mark.parametrize("collect", [True, False])
def test_after_a_complete_response_the_app_is_told_of_the_end_for_ever(collect: bool) -> None:
    """www.rst, Disconnect: delivered if `receive()` is called after the response was sent, read request or not."""
    exchange = answered(http(b"unread", collect=collect), start(), body())
    taken(exchange)
    assert received(exchange) + received(exchange) == [DISCONNECT, DISCONNECT]


def test_the_end_comes_after_the_client_has_taken_the_last_piece() -> None:
    """www.rst, Disconnect: a response that a streaming client has not read is not yet sent."""
    exchange = answered(http(b""), start(), body(b"x"))
    events = received(exchange)
    exchange.take_chunk()
    assert events + received(exchange) == [request(b""), None, DISCONNECT]


def test_trailers_that_are_outstanding_keep_the_response_open() -> None:
    """extensions.rst, HTTP Trailers: the response is complete with the message that announces no more trailers."""
    exchange = answered(http(b""), start(trailers=True), body())
    exchange.take_chunk()
    events, complete = received(exchange), [exchange.complete]
    answered(exchange, {"type": "http.response.trailers"})
    complete.append(exchange.complete)
    assert (events + received(exchange), complete) == ([request(b""), None, DISCONNECT], [False, True])


def test_a_client_that_leaves_is_the_next_thing_that_the_app_receives() -> None:
    """www.rst, Disconnect: delivered once the connection is closed, whatever of the request was not read."""
    exchange = http(b"unread")
    told = counting(exchange)
    exchange.disconnect()
    assert (received(exchange), exchange.disconnected, told) == ([DISCONNECT], True, ["client", "receive", "send"])


def test_the_start_gives_status_and_headers() -> None:
    """www.rst, Response Start: the client knows status and headers from it, and nothing before."""
    exchange = http(b"")
    before = (exchange.started, exchange.status, exchange.headers)
    answered(exchange, start(418, (b"x-b", b"1"), (b"X-A", b"\xff"), (b"x-b", b"2")))
    assert before == (False, 0, [])
    assert (exchange.started, exchange.status, exchange.headers, exchange.complete) == (
        True,
        418,
        [(b"x-b", b"1"), (b"X-A", b"\xff"), (b"x-b", b"2")],
        False,
    )


def test_an_http_status_becomes_a_plain_number() -> None:
    """www.rst, Response Start: `status` is an int, and an IntEnum is one."""
    status = answered(http(b""), start(HTTPStatus.CREATED)).status
    assert (status, type(status)) == (201, int)


@pytest.mark.parametrize(
    "kind",
    [list, iter, lambda pairs: tuple(map(list, pairs)), lambda pairs: dict(pairs).items()],
    ids=["list", "iterator", "tuple-of-lists", "dict-items"],
)
def test_headers_are_any_iterable_of_pairs(kind: Callable[[list[tuple[bytes, bytes]]], Any]) -> None:
    """www.rst, Response Start: `headers` is an iterable of two-item iterables."""
    pairs = [(b"x-a", b"1"), (b"x-b", b"2")]
    exchange = answered(http(b""), {"type": "http.response.start", "status": 200, "headers": kind(pairs)})
    assert exchange.headers == pairs


@pytest.mark.parametrize("more", [{}, {"headers": ()}, {"headers": iter([])}], ids=["missing", "tuple", "iterator"])
def test_headers_are_optional(more: dict[str, Any]) -> None:
    """www.rst, Response Start: missing headers are none; None is another mistake, which servers refuse."""
    assert answered(http(b""), {"type": "http.response.start", "status": 200, **more}).headers == []


def test_each_send_of_a_body_waits_until_the_piece_was_taken() -> None:
    """A streaming client decides how far the app gets, as the buffers of a server would."""
    exchange = answered(http(b""), start())
    told = counting(exchange)
    must_wait = [exchange.app_must_wait]
    answered(exchange, body(b"abc", more=True))
    must_wait.append(exchange.app_must_wait)
    assert (exchange.take_chunk(), exchange.bytes_read) == (b"abc", 3)
    must_wait.append(exchange.app_must_wait)
    assert (must_wait, told) == ([False, True, False], ["client", "send"])


def test_the_pieces_of_a_body_keep_their_order() -> None:
    """www.rst, Response Body: bodies are concatenated in the order in which they were sent."""
    exchange = answered(http(b""), start(), body(b"a", more=True), body(b"b", more=True), body(b"c"))
    complete = exchange.complete
    assert (complete, taken(exchange), exchange.bytes_read, exchange.complete) == (False, [b"a", b"b", b"c"], 3, True)


class LongWay(dict[str, Any]):
    """A message of a type of its own, for which no short cut is taken."""


@pytest.mark.parametrize("collect", [True, False])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("more", [True, 1, False, None])
@pytest.mark.parametrize("data", [b"tea", b"", bytearray(b"tea")], ids=repr)
def test_a_later_piece_is_taken_as_the_first(data: Any, more: object, method: str, collect: bool) -> None:
    """The short way of the pieces in the middle of a body does all that the long one does."""
    message = {"type": "http.response.body", "body": data, "more_body": more}
    results = []
    for kind in (dict, LongWay):
        exchange = answered(http(b"", method=method, collect=collect), start(), body(b"a", more=True))
        told = counting(exchange)
        hold = exchange.from_app(kind(message))
        counts = (hold, exchange.chunks_sent, exchange.bytes_collected)
        results.append((told, counts, exchange.state, exchange.pending, repr(exchange)))
    assert results[0] == results[1]


@pytest.mark.parametrize("between", ["http.response.push", "http.response.early_hint"])
def test_a_piece_after_something_else_is_looked_up_again(between: str) -> None:
    """The short way is only for a piece that follows a piece."""
    exchange = answered(http(b"", extensions=[between]), start(), body(b"a", more=True))
    answered(exchange, {"type": between, "path": "/x", "links": []}, body(b"b", more=True))
    assert exchange.pending == [b"a", b"b"]


def test_an_empty_piece_waits_like_any_other() -> None:
    """www.rst, Response Body: `body` may be missing or empty; a stream holds the app back in the same way."""
    exchange = answered(http(b""), start(), body(more=True), {"type": "http.response.body"})
    before = (exchange.app_must_wait, exchange.complete)
    assert before == (True, False)
    assert (taken(exchange), exchange.app_must_wait, exchange.complete) == ([b"", b""], False, True)


@pytest.mark.parametrize(
    ("pieces", "dropped"),
    [
        ([body(more=True), body()], True),
        ([body(more=True), body(b"x", more=True), body()], False),
        ([body(more=True), body(more=True)], False),
    ],
    ids=["the last", "something follows", "not complete"],
)
def test_empty_pieces_are_dropped_if_they_are_the_last(pieces: list[Message], dropped: bool) -> None:
    """A client that has read all the rest has read the whole response; otherwise the app is not let go on."""
    exchange = answered(http(b""), start(), *pieces)
    told = counting(exchange)
    exchange.drop_empty_chunks()
    assert (bool(told), exchange.complete, exchange.has_chunk) == (dropped, dropped, not dropped)


@pytest.mark.parametrize("collect", [True, False])
def test_the_body_of_a_head_response_is_dropped(collect: bool) -> None:
    """RFC 9110 section 9.3.2: a response to HEAD has no content, whatever the app sends; a stream waits as ever."""
    exchange = answered(http(b"", method="HEAD", collect=collect), start(), body(b"dropped", more=True), body(b"too"))
    assert (exchange.app_must_wait, b"".join(taken(exchange)), exchange.complete) == (not collect, b"", True)


def test_a_client_that_wants_the_whole_body_keeps_nobody_waiting() -> None:
    """With `collect`, the app runs through its response, and the response is complete with its last message."""
    exchange = answered(http(b"", collect=True), start(), body(b"a", more=True), body(b"b"))
    assert (exchange.app_must_wait, exchange.complete) == (False, True)
    assert (exchange.body, exchange.body) == (b"ab", b"ab")


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_a_buffer_that_the_app_uses_again_is_copied(kind: Any) -> None:
    """Servers have written a piece when `send()` returns: what the app does to its buffer then is not seen."""
    buffer = bytearray(b"first")
    exchange = answered(http(b""), start(), body(kind(buffer), more=True))
    buffer[:] = b"again"
    assert taken(exchange) == [b"first"]


def test_trailers_are_collected_from_all_their_messages() -> None:
    """extensions.rst, HTTP Trailers: `more_trailers` announces further ones."""
    first = {"type": "http.response.trailers", "headers": [(b"x-a", b"1")], "more_trailers": True}
    last = {"type": "http.response.trailers", "headers": [(b"x-a", b"2")]}
    exchange = answered(http(b""), start(trailers=True), body(), first, last)
    assert (exchange.declared_trailers, exchange.trailers) == (True, [(b"x-a", b"1"), (b"x-a", b"2")])


def test_debug_information_is_no_response() -> None:
    """extensions.rst, Debug: sent before the response start, it carries what the framework wants to show a test."""
    info = {"template": "index.html"}
    exchange = answered(http(b""), {"type": "http.response.debug", "info": info})
    info.clear()
    assert (exchange.debug, exchange.started) == ({"template": "index.html"}, False)


def test_hints_and_pushes_are_kept_in_order() -> None:
    """extensions.rst, Early Hints and Server Push: any number of them, and no part of the response."""
    hint = {"type": "http.response.early_hint", "links": [b"</x>; rel=preload"]}
    push = {"type": "http.response.push", "path": "/x", "headers": []}
    exchange = http(b"", hint, start(), push, hint, extensions=EXTENSIONS)
    links = {"links": [b"</x>; rel=preload"]}
    expected = {"http.response.early_hint": [links, links], "http.response.push": [{"path": "/x", "headers": []}]}
    assert (exchange.hints, exchange.has_chunk, exchange.complete) == (expected, False, False)


def test_a_client_that_leaves_lets_a_waiting_send_go_on() -> None:
    """What was not taken is lost with the connection, and nothing of the app waits for a client that has gone."""
    exchange = answered(http(b""), start(), body(b"lost", more=True))
    told = counting(exchange)
    exchange.disconnect()
    assert (exchange.app_must_wait, exchange.has_chunk, told) == (False, False, ["client", "receive", "send"])


def test_a_client_that_wants_the_whole_body_lets_others_run_now_and_then() -> None:
    """No reader would ever hold an endless app back: after each 63 pieces its `send()` yields."""
    exchange = http(b"", start(), collect=True)
    holds = [exchange.from_app(body(b"x", more=True)) for _ in range(130)]
    yields = [number for number, hold in enumerate(holds, 1) if hold is Hold.YIELD]
    assert (yields, exchange.app_must_wait) == ([63, 127], False)


def test_a_client_that_reads_holds_the_app_back() -> None:
    """Its `send()` waits, and so need not let others run besides."""
    exchange = http(b"")
    holds = [exchange.from_app(start())] + [exchange.from_app(body(b"x", more=True)) for _ in range(130)]
    assert holds == [Hold.NOTHING] + [Hold.WAIT] * 130


def test_what_is_collected_is_counted() -> None:
    """In pieces, the empty ones among them, and in bytes."""
    exchange = http(b"", start(), body(b"abc", more=True), body(b"", more=True), body(b"de", more=True), collect=True)
    assert (exchange.chunks_sent, exchange.bytes_collected) == (3, 5)


def test_a_file_that_is_collected_counts_in_bytes(tmp_path: Path) -> None:
    """It is read at once."""
    file = tmp_path / "file"
    file.write_bytes(b"x" * 100_000)
    exchange = http(b"", start(), collect=True, extensions=["http.response.pathsend"])
    exchange.from_app({"type": "http.response.pathsend", "path": str(file)})
    assert (exchange.chunks_sent, exchange.bytes_collected) == (0, 100_000)


def test_the_pieces_that_are_there_can_be_looked_at() -> None:
    """They stay; the empty ones, which no client would see, are left out."""
    exchange = http(b"", start(), body(b"", more=True), body(b"a", more=True), body(b"", more=True), body(b"b"))
    assert (exchange.pending, exchange.pending, taken(exchange)) == ([b"a", b"b"], [b"a", b"b"], [b"", b"a", b"", b"b"])


def test_the_upload_is_done_when_the_app_has_received_all_of_it() -> None:
    """Not when the client has sent it."""
    exchange = http(None)
    done = [exchange.upload_done]
    exchange.feed(b"a")
    exchange.feed(None)
    done.append(exchange.upload_done)
    exchange.to_app()
    done.append(exchange.upload_done)
    exchange.to_app()
    done.append(exchange.upload_done)
    assert done == [False, False, False, True]


def test_nothing_is_wanted_where_the_test_sends_the_body_by_hand() -> None:
    """The app waits until the test sends the next piece, without being asked."""
    exchange = http(None, by_hand=True)
    assert (exchange.to_app(), exchange.wants_body) == (None, False)
