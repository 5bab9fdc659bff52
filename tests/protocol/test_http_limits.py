"""A client that goes away by itself: after so many bytes of the upload, or of the response."""

from __future__ import annotations

import pytest

from asgi_lockstep._protocol.http_exchange import HTTPExchange
from asgi_lockstep._types import Message
from helpers import body, start
from protocol.exchanges import answered, http, received

GONE = {"type": "http.disconnect"}


def exchange_with(
    data: bytes | None,
    *sent: Message,
    upload: int | None = None,
    download: int | None = None,
    collect: bool = False,
    chunks: int | None = None,
) -> HTTPExchange:
    """A request for `/items` with limits, after the app has sent the messages."""
    exchange = HTTPExchange(
        http(b"").scope, data, collect=collect, body_chunks=chunks, upload_limit=upload, download_limit=download
    )
    return answered(exchange, *sent)


def piece(data: bytes, *, more: bool = True) -> Message:
    """An `http.request`."""
    return {"type": "http.request", "body": data, "more_body": more}


def state(exchange: HTTPExchange) -> tuple[str | None, bool, bool]:
    """Which side cut it off, whether the client has gone, and whether it went before it had the whole response."""
    return exchange.cut_off, exchange.disconnected, exchange.left_early


# The upload.


def test_an_upload_ends_with_the_byte_that_the_limit_names() -> None:
    """www.rst, Disconnect: what came before arrives, with more to come; then the client has gone."""
    exchange = exchange_with(b"abcdef", upload=4)
    before = state(exchange)
    assert (before, received(exchange)) == ((None, False, False), [piece(b"abcd"), GONE])
    assert (state(exchange), exchange.bytes_uploaded) == (("upload", True, True), 4)


def test_an_upload_of_which_nothing_arrives() -> None:
    """The app receives the end first."""
    exchange = exchange_with(b"abc", upload=0)
    assert (received(exchange), state(exchange)) == ([GONE], ("upload", True, True))


def test_an_upload_is_cut_off_over_its_pieces() -> None:
    """The limit counts bytes of the body, however it is cut."""
    exchange = exchange_with(b"abcdef", upload=5, chunks=2)
    assert received(exchange) == [piece(b"ab"), piece(b"cd"), piece(b"e"), GONE]


def test_an_upload_that_ends_at_its_limit_is_cut_off_after_its_last_byte() -> None:
    """The client goes when it has sent so much, also where that was all of it."""
    exchange = exchange_with(b"abc", upload=3)
    assert (received(exchange), state(exchange)) == ([piece(b"abc", more=False), GONE], ("upload", True, True))


def test_an_upload_below_its_limit_is_not_cut_off() -> None:
    """Then the app waits for what comes next."""
    exchange = exchange_with(b"abc", upload=4)
    assert (received(exchange), state(exchange)) == ([piece(b"abc", more=False), None], (None, False, False))


def test_pieces_that_are_fed_are_cut_off_too() -> None:
    """A generator of the test is asked for no more."""
    exchange = exchange_with(None, upload=3)
    exchange.feed(b"ab")
    exchange.feed(b"cd")
    assert (received(exchange), exchange.wants_body) == ([piece(b"ab"), piece(b"c"), GONE], False)


# The response.


def test_a_response_ends_with_the_byte_that_the_limit_names() -> None:
    """The client takes so much, and has gone."""
    exchange = exchange_with(b"", start(), body(b"abcdef", more=True), download=4)
    before = state(exchange)
    assert (before, exchange.take_chunk()) == ((None, False, False), b"abcd")
    assert (state(exchange), exchange.bytes_read, exchange.to_app()) == (("download", True, True), 4, GONE)


def test_a_response_is_cut_off_over_its_pieces() -> None:
    """The limit counts bytes; what the app has sent beyond them nobody takes."""
    exchange = exchange_with(b"", start(), body(b"ab", more=True), body(b"cd", more=True), download=3)
    assert ([exchange.take_chunk(), exchange.take_chunk()], exchange.has_chunk) == ([b"ab", b"c"], False)
    assert state(exchange) == ("download", True, True)


def test_a_response_that_ends_at_its_limit_is_complete() -> None:
    """There is nothing that could be cut off."""
    exchange = exchange_with(b"", start(), body(b"abc"), download=3)
    assert (exchange.take_chunk(), state(exchange), exchange.complete) == (b"abc", (None, False, False), True)


def test_a_response_that_could_go_on_at_its_limit_is_cut_off() -> None:
    """The client does not wait for what may come."""
    exchange = exchange_with(b"", start(), body(b"abc", more=True), download=3)
    assert (exchange.take_chunk(), state(exchange)) == (b"abc", ("download", True, True))


def test_a_client_with_a_download_limit_does_not_collect() -> None:
    """It takes the response piece by piece, so that the app is at the byte at which the client goes."""
    exchange = exchange_with(b"", start(), body(b"abc", more=True), download=3, collect=True)
    assert (exchange.collect, exchange.app_must_wait) == (False, True)


# Who goes away when.


@pytest.mark.parametrize("sent", [[], [start()], [start(), body(b"x")]], ids=["nothing", "start", "unread"])
def test_a_client_that_goes_before_it_has_taken_all_has_left_early(sent: list[Message]) -> None:
    """Also where the app has sent it all: the last piece was not taken."""
    exchange = exchange_with(b"", *sent)
    exchange.disconnect()
    assert (exchange.left_early, exchange.cut_off) == (True, None)


def test_a_client_that_goes_with_the_whole_response_has_not_left_early() -> None:
    """It had everything."""
    exchange = exchange_with(b"", start(), body(b"x"))
    exchange.take_chunk()
    exchange.disconnect()
    assert (exchange.left_early, exchange.disconnected) == (False, True)
