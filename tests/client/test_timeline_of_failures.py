"""An answer that says that something has failed says in the timeline what the app has caught, if it is at that."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest

from asgi_lockstep import TestClient
from asgi_lockstep._types import Receive, Scope, Send
from helpers import answers, body, start
from matrix import Driver


def price() -> None:
    """What fails."""
    raise KeyError("price")


def failing_with(status: int) -> Any:
    """An app that answers so where it has caught what fails."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            price()
        except KeyError:
            await answer(send)

    async def answer(send: Send) -> None:
        await send(start(status))
        await send(body())

    return app


def sent(client: Any) -> list[str]:
    """What the app has sent."""
    return [event.text for event in client.timeline.of_kind("sends")]


def test_what_the_app_handles_as_it_answers_is_said(driver: Driver) -> None:
    """With its traceback: the response may not say anything, nor the log."""
    client = driver.client(failing_with(500))
    client.get("/")
    begun, ended = client.timeline.of_kind("sends")
    assert (begun.text, ended.text) == (
        "app sends http.response.start 500, while it handles KeyError: 'price'",
        "app sends http.response.body",
    )
    assert begun.details.splitlines()[-2:] == ['    raise KeyError("price")', "KeyError: 'price'"]
    assert begun.message == {"type": "http.response.start", "status": 500, "headers": []}
    assert ended.details == ""


def test_an_answer_that_is_no_failure_has_no_reason(driver: Driver) -> None:
    """A cache that has nothing, for example."""
    client = driver.client(failing_with(200))
    client.get("/")
    assert sent(client) == ["app sends http.response.start 200", "app sends http.response.body"]


def test_what_the_test_handles_is_none_of_the_app(driver: Driver) -> None:
    """The app runs on its stack."""
    client = driver.client(answers(start(500), body()))
    try:
        price()
    except KeyError:
        client.get("/")
    assert sent(client) == ["app sends http.response.start 500", "app sends http.response.body"]


def test_what_the_app_has_handled_is_no_reason_any_more(driver: Driver) -> None:
    """It may have nothing to do with the answer."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with suppress(KeyError):
            price()
        await answers(start(500), body())(scope, receive, send)

    client = driver.client(app)
    client.get("/")
    assert sent(client) == ["app sends http.response.start 500", "app sends http.response.body"]


def test_a_websocket_that_is_closed_for_an_exception(driver: Driver) -> None:
    """The close code says as little as a status."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        try:
            price()
        except KeyError:
            await send({"type": "websocket.close", "code": 1011})

    client = driver.client(app)
    with client.websocket_connect("/") as session:
        session.receive()
    assert sent(client) == [
        "app sends websocket.accept",
        "app sends websocket.close 1011, while it handles KeyError: 'price'",
    ]


def test_what_only_libraries_have_raised_has_no_traceback(driver: Driver) -> None:
    """There is no line of the user's in it."""
    names: dict[str, Any] = {}
    exec(compile("def price(): raise KeyError('price')", str(Path(pytest.__file__).parent / "price.py"), "exec"), names)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await library["app"](scope, receive, send)

    source = (
        "async def app(scope, receive, send):\n try: price()\n except KeyError:\n  await send("
        "{'type': 'http.response.start', 'status': 404})\n await send({'type': 'http.response.body'})"
    )
    library = {**names}
    exec(compile(source, str(Path(pytest.__file__).parent / "price.py"), "exec"), library)
    client = driver.client(app)
    client.get("/")
    event = client.timeline.of_kind("sends")[0]
    assert (event.text, event.details) == (
        "app sends http.response.start 404, while it handles KeyError: 'price'",
        "",
    )


def test_the_text_shows_a_traceback_once() -> None:
    """Starlette answers, and raises it again behind the answer."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            price()
        except KeyError:
            await answers(start(500), body())(scope, receive, send)
            raise

    client = TestClient(app, raise_server_exceptions=False)
    client.get("/")
    text = client.timeline.text(200)
    assert (text.count("KeyError: 'price'\n"), text.count("app raises KeyError")) == (1, 1)


def test_what_is_handled_in_another_task_is_said(driver: Driver) -> None:
    """Whose message is passed on, as by Starlette's `BaseHTTPMiddleware`: it stands still in its `except` block."""

    async def inner(pass_on: Any) -> None:
        try:
            price()
        except KeyError:
            await pass_on(start(403))
            await pass_on(body())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        sending, receiving = anyio.create_memory_object_stream[Any]()
        async with sending, receiving, anyio.create_task_group() as group:
            group.start_soon(inner, sending.send)
            await send(await receiving.receive())
            await send(await receiving.receive())

    client = driver.client(app)
    client.get("/")
    assert sent(client) == [
        "app sends http.response.start 403, while it handles KeyError: 'price'",
        "app sends http.response.body",
    ]


def test_what_another_request_handles_is_no_reason(driver: Driver) -> None:
    """Each call has its own tasks."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/waits":
            try:
                price()
            except KeyError:
                await send(start())
                await anyio.sleep_forever()
        await answers(start(500), body())(scope, receive, send)

    client = driver.client(app)
    with client.stream("GET", "/waits"):
        client.get("/")
        assert [str(event) for event in client.timeline.of("/").of_kind("sends")] == [
            "GET /: app sends http.response.start 500",
            "GET /: app sends http.response.body",
        ]


def test_no_object_of_the_app_notices_that_it_is_looked_at(driver: Driver) -> None:
    """Lazy objects, as Django has them, find out what they are when somebody asks for their class."""
    asked: list[object] = []

    def class_of(self: object) -> type:
        asked.append(self)
        return KeyError

    lazy = type("Lazy", (), {"__class__": property(class_of)})
    kept = [lazy() for _ in range(10)]
    client = driver.client(answers(start(500), body()))
    client.get("/")
    assert (len(kept), asked) == (10, [])
