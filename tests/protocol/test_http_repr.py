"""The `repr` of an HTTP exchange: the live state that errors and debuggers show."""

from __future__ import annotations

from helpers import body, start
from protocol.exchanges import http


def test_an_app_that_has_done_nothing_yet() -> None:
    """Nothing was read, nothing was sent."""
    assert repr(http(b"hi", method="POST")) == (
        "<POST /items: no response yet; request body: 0 bytes read, more to come; "
        "response body: 0 bytes taken, 0 chunks waiting; app running>"
    )


def test_a_request_without_a_body() -> None:
    """There is nothing to come, whether the app has asked for it or not."""
    request = http(b"")
    before = repr(request)
    request.to_app()
    assert [before, repr(request)] == [
        "<GET /items: no response yet; no request body; response body: 0 bytes taken, 0 chunks waiting; app running>"
    ] * 2


def test_an_app_that_waits_for_the_request_body() -> None:
    """Who waits for whom is said first."""
    waiting = http(None, method="POST")
    waiting.feed(b"abc")
    waiting.to_app()
    waiting.to_app()
    assert repr(waiting) == (
        "<POST /items: no response yet, the app waits for the request body; request body: 3 bytes read, more to come; "
        "response body: 0 bytes taken, 0 chunks waiting; app running>"
    )


def test_an_app_that_streams_to_a_client_that_reads() -> None:
    """Both directions are counted: what was taken, and what waits."""
    streaming = http(b"hi", start(), body(b"four", more=True), body(b"more", more=True), method="POST")
    streaming.to_app()
    streaming.take_chunk()
    assert repr(streaming) == (
        "<POST /items: response started; request body: 2 bytes read; "
        "response body: 4 bytes taken, 1 chunks waiting; "
        "app running>"
    )


def test_an_app_whose_client_has_gone() -> None:
    """A client that left is named, and so is the end of the app."""
    left = http(b"hi", method="POST")
    left.disconnect()
    left.app_returned()
    assert repr(left) == (
        "<POST /items: no response yet, client disconnected; request body: 0 bytes read, more to come; "
        "response body: 0 bytes taken, 0 chunks waiting; app returned by itself after its client had gone>"
    )


def test_nobody_waits_for_the_request_body_after_the_client_has_gone() -> None:
    """An app that asked for a piece gets the disconnect instead: it waits for nothing more."""
    left = http(None, method="POST")
    left.to_app()
    left.disconnect()
    assert left.to_app() == {"type": "http.disconnect"}
    assert repr(left) == (
        "<POST /items: no response yet, client disconnected; request body: 0 bytes read, more to come; "
        "response body: 0 bytes taken, 0 chunks waiting; app running>"
    )
