"""Bodies in pieces, both ways, and clients that go away in the middle."""

from __future__ import annotations

from collections.abc import Iterator

import anyio
import httpx2
import pytest

from asgi_lockstep import IncompleteResponse
from asgi_lockstep._types import Receive, Scope, Send
from helpers import Listener, answers, body, hello, read_body, reads_to_the_disconnect, start
from matrix import Driver


def test_stream_returns_at_the_start(driver: Driver) -> None:
    """Status and headers are there while the app still waits for something else."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(202, (b"x-a", b"1")))
        await receive()
        await receive()

    with driver.client(app).stream("GET", "/") as response:
        assert (response.status_code, response.headers["x-a"]) == (202, "1")


def test_chunks_arrive_as_sent_with_back_pressure(driver: Driver) -> None:
    """`send()` returns when the chunk was taken; one chunk is in flight."""
    events: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        for number in range(3):
            events.append(f"sending {number}")
            await send(body(str(number).encode(), more=True))
        await send(body())
        events.append("end")

    with driver.client(app).stream("GET", "/") as response:
        chunks = response.iter_raw()
        assert events == ["sending 0"]
        assert next(chunks) == b"0"
        assert events == ["sending 0", "sending 1"]
        assert list(chunks) == [b"1", b"2"]
    assert events == ["sending 0", "sending 1", "sending 2", "end"]


def test_two_streams_and_a_request_at_once(driver: Driver) -> None:
    """They take turns on one client."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        for letter in "abc":
            await send(body((scope["path"] + letter).encode(), more=True))
        await send(body())

    client = driver.client(app)
    with client.stream("GET", "/1") as one, client.stream("GET", "/2") as two:
        first, second = one.iter_raw(), two.iter_raw()
        taken = [next(first), next(second), client.get("/3").content, next(second), next(first)]
        assert taken == [b"/1a", b"/2a", b"/3a/3b/3c", b"/2b", b"/1b"]
        assert (list(first), list(second)) == ([b"/1c"], [b"/2c"])


def test_leaving_an_endless_stream_is_a_disconnect(driver: Driver) -> None:
    """The app finds `http.disconnect`, and ends by itself."""
    ends = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(start())
        async with anyio.create_task_group() as group:

            async def watch() -> None:
                ends.append((await receive())["type"])
                group.cancel_scope.cancel()

            group.start_soon(watch)
            while True:
                await send(body(b"tick", more=True))

    with driver.client(app).stream("GET", "/") as response:
        assert next(response.iter_raw()) == b"tick"
    assert ends == ["http.disconnect"]


def test_send_after_the_disconnect_is_ignored(driver: Driver) -> None:
    """Up to spec version 2.3, which is announced, `send()` to a client that has gone does nothing."""
    events: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(start())
        await send(body(b"first", more=True))
        await send(body(b"second", more=True))
        events.append("goes on")
        await send(body())
        events.append("end")

    with driver.client(app).stream("GET", "/"):
        pass
    assert events == ["goes on", "end"]


def test_an_app_that_does_not_react_is_cancelled(driver: Driver) -> None:
    """Only after it has come to rest; its `finally` runs."""
    events = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"first", more=True))
        try:
            await anyio.sleep_forever()
        finally:
            events.append("cancelled")

    with driver.client(app).stream("GET", "/") as response:
        next(response.iter_raw())
    assert events == ["cancelled"]


def test_work_behind_a_complete_response_is_waited_for(driver: Driver) -> None:
    """Leaving a response that is complete does not cancel what the app still does."""
    events = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"all"))
        await anyio.sleep(0.001)
        events.append("done")

    client = driver.client(app)
    with client.stream("GET", "/") as response:
        assert next(response.iter_raw()) == b"all"
    assert events == ["done"]
    client.get("/")
    assert events == ["done", "done"]


def test_a_generator_arrives_piece_by_piece(sync_driver: Driver) -> None:
    """One piece for each `receive()`, pulled when it is asked for."""
    events: list[str] = []

    def pieces() -> Iterator[bytes]:
        for piece in (b"a", b"b"):
            events.append(f"made {piece!r}")
            yield piece

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            events.append(f"got {message['body']!r} {message['more_body']}")
            if not message["more_body"]:
                break
        await hello(scope, receive, send)

    sync_driver.client(app).post("/", content=pieces())
    assert events == ["made b'a'", "got b'a' True", "made b'b'", "got b'b' True", "got b'' False"]


def test_the_rest_of_an_upload_is_left_unread(sync_driver: Driver) -> None:
    """An app that answers without reading never pulls the generator."""
    made = []

    def pieces() -> Iterator[bytes]:
        made.append(True)
        yield b"x"

    sync_driver.client(hello).post("/", content=pieces())
    assert made == []


def test_a_generator_that_fails_is_a_client_that_leaves(sync_driver: Driver) -> None:
    """The app finds `http.disconnect`, and the test its own exception."""

    def pieces() -> Iterator[bytes]:
        yield b"x"
        raise ZeroDivisionError

    app = Listener(http=reads_to_the_disconnect)
    with pytest.raises(ZeroDivisionError):
        sync_driver.client(app).post("/", content=pieces())
    assert app.received == [{"type": "http.request", "body": b"x", "more_body": True}, {"type": "http.disconnect"}]


def test_a_generator_may_use_the_client(sync_driver: Driver) -> None:
    """It runs on the thread of the test, and the client is free meanwhile."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        data = await read_body(receive)
        await send(start())
        await send(body(data or b"inner"))

    with sync_driver.client(Listener(http=app)) as client:
        answer = client.post("/", content=(client.get(path).content for path in ("/1", "/2")))
        assert answer.content == b"innerinner"


# httpx2 does not close its own async generators when an endless stream is left; trio warns of that.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <async_generator object Response:pytest.PytestUnraisableExceptionWarning"
)
def test_server_sent_events(driver: Driver) -> None:
    """httpx2's `sse` works on a stream that has no end."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(200, (b"content-type", b"text/event-stream")))
        number = 0
        while True:
            await send(body(f"event: tick\ndata: {number}\n\n".encode(), more=True))
            number += 1

    with driver.client(app).sse("/") as source:
        events = iter(source)
        assert [(event.event, event.data) for event, _ in zip(events, range(3), strict=False)] == [
            ("tick", "0"),
            ("tick", "1"),
            ("tick", "2"),
        ]


def test_a_response_that_ends_early_is_an_error_on_read(driver: Driver) -> None:
    """A real client sees a cut connection; today's takes it for a success."""
    client = driver.client(answers(start(200), body(b"half", more=True)))
    with pytest.raises(IncompleteResponse) as caught:
        client.get("/x")
    assert str(caught.value) == (
        "The app returned from GET /x before its response was complete (response started; status 200, 4 bytes "
        'received): a server would cut the connection. Send "http.response.body" with more_body=False last.'
    )
    assert caught.value.received == b"half"


def test_a_response_without_body_is_an_error_on_read(driver: Driver) -> None:
    """`http.response.start` alone is no response."""
    with pytest.raises(IncompleteResponse, match=r"status 200, 0 bytes received"):
        driver.client(answers(start())).get("/")


def test_missing_trailers_are_no_error(driver: Driver) -> None:
    """The body is all there, and what came of the trailers is on the response."""
    response = driver.client(answers(start(200, trailers=True), body(b"x"))).get("/")
    assert (response.content, response.extensions["http.response.trailers"]) == (b"x", [])


def test_a_cut_response_without_raising(driver: Driver) -> None:
    """What a real client raises, chained to what the app did."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"half", more=True))
        raise KeyError("boom")

    client = driver.client(app, raise_server_exceptions=False)
    with pytest.raises(httpx2.RemoteProtocolError) as caught:
        client.get("/")
    assert repr(caught.value.__cause__) == "KeyError('boom')"


def test_receive_after_the_body_waits_for_the_response_to_be_complete(driver: Driver) -> None:
    """www.rst, Disconnect: `http.disconnect` comes after the response has been sent, and again each time."""

    async def script(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(start())
        await send(body(b"done"))
        await receive()
        await receive()

    app = Listener(http=script)
    assert driver.client(app).get("/").text == "done"
    assert app.received == [
        {"type": "http.request", "body": b"", "more_body": False},
        {"type": "http.disconnect"},
        {"type": "http.disconnect"},
    ]
