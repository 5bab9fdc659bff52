"""The whole text of a violation, for the kinds of apps that people write: whose line it is, and what servers do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio
import fastapi
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from asgi_lockstep import ProtocolViolation
from asgi_lockstep._types import ASGI3App, Message, Receive, Scope, Send
from either import line
from helpers import accept, body, start
from matrix import Driver

SPECS = "https://asgi.readthedocs.io/en/latest/specs"
RFCS = "https://www.rfc-editor.org/rfc"
MAY_BEGIN = 'it may send "http.response.debug" or "http.response.start" now.'
MAY_GO_ON = 'it may send "http.response.debug" or "http.response.body" now.'
MAY_CLOSE = 'it may send "websocket.send" or "websocket.close" now.'

#: What most rules say of uvicorn and hypercorn.
BOTH_RAISE = "uvicorn raises out of send(), and so does hypercorn."

HEAD = (b"content-length", b"2")


def inside(function: Callable[..., Any], part: str, name: str) -> str:
    """The line of the function `name` in `function` with `part` in it."""
    return line(function, part).replace(f" in {function.__name__}: ", f" in {name}: ")


#: Where the outermost middleware of Starlette passes messages on.
LEAVES_STARLETTE = inside(ServerErrorMiddleware.__call__, "            await send(message)", "_send")


def text_of(driver: Driver, app: Any, path: str = "/items", **options: Any) -> str:
    """What the test is told of a GET, or of a websocket at `/chat`."""
    client = driver.client(app, **options)
    with pytest.raises((ProtocolViolation, BaseExceptionGroup)) as caught:
        if path == "/chat":
            with client.websocket_connect(path) as session:
                session.receive()
        else:
            client.get(path)
    raised = caught.value
    while isinstance(raised, BaseExceptionGroup):
        (raised,) = raised.exceptions
    assert isinstance(raised, ProtocolViolation)
    return str(raised)


def test_a_raw_app(driver: Driver) -> None:
    """Its own line."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(start(201))

    assert text_of(driver, app) == (
        'Received multiple "http.response.start" messages. The app broke ASGI in GET /items (response started): '
        f"{MAY_GO_ON} See {SPECS}/www.html#response-start-send-event\n"
        f"  sent at {line(app, 'start(201)')}\n"
        f'  The rule is "start-twice". {BOTH_RAISE}'
    )


async def two_bytes(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that keeps to the rules."""
    await send(start(200, HEAD))
    await send(body(b"ok"))


class Emphatic:
    """A pure ASGI middleware with a mistake: it makes the body longer, and keeps the length."""

    def __init__(self, app: ASGI3App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""

        async def send_louder(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": message["body"] + b"!"}
            await send(message)

        await self.app(scope, receive, send_louder)


SENDS_LOUDER = inside(Emphatic.__call__, "await send(message)", "send_louder")


def test_an_app_behind_a_pure_middleware(driver: Driver) -> None:
    """The line that has made the message, and the one that has passed it on, which may have changed it."""
    assert text_of(driver, Emphatic(two_bytes)) == (
        'The body has 3 bytes with this "http.response.body", and content-length says 2. The app broke ASGI in '
        f"GET /items (response started): {MAY_GO_ON} See {RFCS}/rfc9110#section-8.6\n"
        f"  sent at {line(two_bytes, 'body(')}\n"
        f"  through {SENDS_LOUDER}\n"
        f'  The rule is "body-too-long". {BOTH_RAISE}'
    )


async def endpoint(request: Request) -> Response:
    """An endpoint that keeps to the rules."""
    return PlainTextResponse("ok")


def test_a_starlette_app_whose_pure_middleware_changes_the_body(driver: Driver) -> None:
    """Starlette sends, the middleware passes on, and so does Starlette's outermost one."""
    app = Starlette(routes=[Route("/items", endpoint)], middleware=[Middleware(Emphatic)])
    assert text_of(driver, app) == (
        'The body has 3 bytes with this "http.response.body", and content-length says 2. The app broke ASGI in '
        f"GET /items (response started): {MAY_GO_ON} See {RFCS}/rfc9110#section-8.6\n"
        f"  sent at {line(Response.__call__, 'http.response.body')}\n"
        f"  through {SENDS_LOUDER}\n"
        f"  through {LEAVES_STARLETTE}\n"
        f"  in a request for the endpoint at {line(endpoint, 'async def')}\n"
        f'  The rule is "body-too-long". {BOTH_RAISE}'
    )


class Repeating(BaseHTTPMiddleware):
    """A middleware of Starlette's kind with the same mistake: it keeps the headers of another body."""

    async def dispatch(self, request: Request, call_next: Any) -> Response:
        """See `BaseHTTPMiddleware`."""
        response = await call_next(request)

        async def twice() -> AsyncIterator[bytes]:
            async for piece in response.body_iterator:
                yield piece + piece

        return StreamingResponse(twice(), response.status_code, dict(response.headers))


def test_a_starlette_app_whose_middleware_returns_another_body(driver: Driver) -> None:
    """No line of the user's sends then; the text says which library does, and in which request."""
    app = Starlette(routes=[Route("/items", endpoint)], middleware=[Middleware(Repeating)])
    assert text_of(driver, app) == (
        'The body has 4 bytes with this "http.response.body", and content-length says 2. The app broke ASGI in '
        f"GET /items (response started): {MAY_GO_ON} See {RFCS}/rfc9110#section-8.6\n"
        f"  sent at {line(StreamingResponse.stream_response, 'True})')}\n"
        f"  through {LEAVES_STARLETTE}\n"
        f"  in a request for the endpoint at {line(endpoint, 'async def')}\n"
        f'  The rule is "body-too-long". {BOTH_RAISE}'
    )


async def noted(response: fastapi.Response) -> dict[str, str]:
    """An endpoint that lets its client write headers."""
    response.headers["x-note"] = "a\r\nset-cookie: b=c"
    return {}


@pytest.mark.parametrize("framework", ["starlette", "fastapi"])
def test_a_route_that_returns_a_header_with_a_line_break(driver: Driver, framework: str) -> None:
    """The endpoint has returned already: it is named although its line is not on the stack."""

    async def noted_too(request: Request) -> Response:
        return PlainTextResponse("", headers={"x-note": "a\r\nset-cookie: b=c"})

    if framework == "fastapi":
        app: Any = fastapi.FastAPI()
        app.get("/items")(noted)
        where = line(noted, "async def")
    else:
        app = Starlette(routes=[Route("/items", noted_too)])
        where = line(noted_too, "async def")
    header = r"(b'x-note', b'a\r\nset-cookie: b=c')"
    assert text_of(driver, app) == (
        f'A header of "http.response.start" is {header}, and must have no CR, LF or NUL: it would break the response. '
        f"The app broke ASGI in GET /items (no response yet): {MAY_BEGIN} "
        f"See {SPECS}/www.html#response-start-send-event\n"
        f"  sent at {line(Response.__call__, 'http.response.start')}\n"
        f"  through {LEAVES_STARLETTE}\n"
        f"  in a request for the endpoint at {where}\n"
        f'  The rule is "not-one-line". {BOTH_RAISE}'
    )


NO_CODE = (
    'The "code" of "websocket.close" is 70000, and must fit into two bytes. The app broke ASGI in WEBSOCKET /chat '
    f"(accepted): {MAY_CLOSE} See {RFCS}/rfc6455#section-5.5.1\n"
)


def test_a_websocket_that_closes_with_a_code_that_there_is_none(driver: Driver) -> None:
    """A raw one."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await send({"type": "websocket.close", "code": 70000})

    assert text_of(driver, app, "/chat") == (
        f'{NO_CODE}  sent at {line(app, "70000")}\n  The rule is "no-close-code". {BOTH_RAISE}'
    )


def test_a_websocket_of_starlette_that_closes_with_a_code_that_there_is_none(driver: Driver) -> None:
    """The line is that of the endpoint, which Starlette sends for; where the message left Starlette comes after it."""

    async def chat(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close(70000)

    app = Starlette(routes=[WebSocketRoute("/chat", chat)])
    text = text_of(driver, app, "/chat")
    left = re.search(r"^  through \S+starlette\S+:\d+ in sender: await send\(message\)\n", text, re.MULTILINE)
    assert left is not None
    assert text == f'{NO_CODE}  sent at {line(chat, "70000")}\n{left[0]}  The rule is "no-close-code". {BOTH_RAISE}'


def test_a_send_from_a_child_task(driver: Driver) -> None:
    """The line is that of the task, and no line of whoever has begun it, or of the library that runs it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def work() -> None:
            await send(body(b"x"))

        async with anyio.create_task_group() as group:
            group.start_soon(work)

    assert text_of(driver, app) == (
        'Received "http.response.body" without "http.response.start". The app broke ASGI in GET /items (no response '
        f"yet): {MAY_BEGIN} See {SPECS}/www.html#response-body-send-event\n"
        f"  sent at {inside(app, 'send(', 'work')}\n"
        f'  The rule is "body-before-start". {BOTH_RAISE}'
    )


def test_a_rule_that_servers_do_not_agree_on(driver: Driver) -> None:
    """What each of the two does is said."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": "200"})

    assert text_of(driver, app) == (
        'The "status" of "http.response.start" is \'200\', and must be int. The app broke ASGI in GET /items '
        f"(no response yet): {MAY_BEGIN} See {SPECS}/main.html#strings-and-unicode\n"
        f"  sent at {line(app, 'await send')}\n"
        '  The rule is "wrong-kind". uvicorn raises out of send(), hypercorn goes on.'
    )


def test_a_rule_about_how_an_app_ends(driver: Driver) -> None:
    """No `send()` runs then, and so there is no line."""

    async def app(scope: Scope, receive: Receive, send: Send) -> Any:
        await two_bytes(scope, receive, send)
        return "done"

    assert text_of(driver, app, rules="spec") == (
        "The app returned 'done', and must return nothing. The app broke ASGI in GET /items (response complete): it "
        f"may send nothing more now. See {SPECS}/main.html#applications\n"
        '  The rule is "return-value". uvicorn goes on, and so does hypercorn.'
    )
