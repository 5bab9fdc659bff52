"""What a failing test is told besides what has happened."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from asgi_lockstep import TestClient
from asgi_lockstep._timeline.hints import hints
from either import line


async def price(request: Request) -> Response:
    """Fails."""
    raise KeyError("price")


class Catching(BaseHTTPMiddleware):
    """Answers whatever has failed, and tells nobody; or the log, if the path says so."""

    async def dispatch(self, request: Request, call_next: Any) -> Response:
        """See the class."""
        try:
            return await call_next(request)  # type: ignore[no-any-return]
        except KeyError:
            if request.url.path == "/logged":
                logging.getLogger("shop").exception("it has failed")
            return JSONResponse({}, 500)


def told(path: str, endpoint: Any = price, *middleware: Any, **options: Any) -> list[str]:
    """What is said of a request."""
    app = Starlette(routes=[Route(path, endpoint)], middleware=[Middleware(one) for one in middleware])
    client = TestClient(app, **options)
    client.get(path)
    return [*hints(client.timeline)]


def test_a_failure_that_nothing_explains() -> None:
    """Whoever has answered may have caught something that is gone when the answer is sent."""

    async def fails(request: Request) -> Response:
        return Response(status_code=503)

    where = line(fails, "async def").partition(" in ")[0]
    assert told("/price", fails) == [
        "GET /price was answered with 503, and no exception came out of the app or was logged: if there was one, "
        f"something in the app has caught it, as a middleware does. The endpoint is fails at {where}. "
        "logger.exception(...) where it is caught shows it here."
    ]


def test_a_failure_that_a_middleware_has_caught_is_explained() -> None:
    """It has returned a response: the exception is a part of a cycle by then, which the collector has not come to."""
    gc.disable()
    try:
        app = Starlette(routes=[Route("/price", price)], middleware=[Middleware(Catching)])
        client = TestClient(app)
        client.get("/price")
    finally:
        gc.enable()
    begun = client.timeline.of_kind("sends")[0]
    assert begun.text == "app sends http.response.start 500"
    assert begun.details.startswith("The app has caught this before:\nTraceback")
    assert begun.details.endswith("KeyError: 'price'")
    assert [*hints(client.timeline)] == []


def test_a_failure_that_was_logged_is_explained() -> None:
    """The timeline has the traceback."""
    assert told("/logged", price, Catching) == []


def test_a_failure_that_comes_out_of_the_app_is_explained() -> None:
    """By what it raises."""
    assert told("/price", raise_server_exceptions=False) == []


@pytest.mark.parametrize("status", [200, 404])
def test_an_answer_that_is_no_failure_of_the_server_needs_no_reason(status: int) -> None:
    """That was the app's decision."""

    async def answers(request: Request) -> Response:
        return Response(status_code=status)

    assert told("/", answers) == []


def streaming(*pieces: str, content_type: str = "text/event-stream") -> Any:
    """An endpoint that streams."""

    async def generate() -> AsyncIterator[str]:
        for piece in pieces:
            yield piece

    async def endpoint(request: Request) -> Response:
        return StreamingResponse(generate(), media_type=content_type)

    return endpoint


def test_a_stream_that_ends_within_an_event() -> None:
    """A client drops it without a word, as the specification says, and a test sees one event too few."""
    assert told("/events", streaming("data: 1\n\n", "id: 2\ndata: 2\n")) == [
        "The stream of GET /events has ended within an event, 'id: 2\\ndata: 2\\n': there is no empty line behind it, "
        "so no client takes it for one. Each event ends with two line ends."
    ]


@pytest.mark.parametrize(
    "pieces",
    [("data: 1\n\n",), ("data: 1\r\n\r\n",), ("data: 1\n", "\n"), ("data: 1\n\n", ": bye\n"), ()],
    ids=["lines", "returns", "in-pieces", "comment", "nothing"],
)
def test_a_stream_whose_events_have_ended(pieces: tuple[str, ...]) -> None:
    """Whatever the line ends are; a comment is no event."""
    assert told("/events", streaming(*pieces)) == []


def test_another_stream_is_no_stream_of_events() -> None:
    """Its lines may end as they like."""
    assert told("/lines", streaming("data: 1\n", content_type="text/plain")) == []
