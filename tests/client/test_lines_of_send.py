"""Where a text says that a message was sent: the line that has made it, those that have passed it on, and no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest

from asgi_lockstep import ProtocolViolation
from asgi_lockstep._types import ASGI3App, Message, Receive, Scope, Send
from either import line
from matrix import Driver

#: A file of a library that does not exist, and so none of its lines has a text.
LIBRARY = str(Path(pytest.__file__).parent / "framework.py")

#: The same as texts have it: the environment may lie in the checkout.
SHOWN = LIBRARY.removeprefix(f"{Path.cwd()}/")

#: What it has: an app that sends by itself, a function that sends for whoever calls it, and one that passes on.
FRAMEWORK = """
async def app(scope, receive, send):
    await send({"type": "http.response.body"})

async def answer(send):
    await send({"type": "http.response.body"})

def wrapped(send):
    async def sender(message):
        await send(message)
    return sender
"""

#: A body before any start, which breaks a rule wherever it comes from.
BODY: Message = {"type": "http.response.body"}

pytestmark = pytest.mark.client_decides


def framework() -> dict[str, Any]:
    """The functions of the library."""
    names: dict[str, Any] = {}
    exec(compile(FRAMEWORK, LIBRARY, "exec"), names)
    return names


def seen(driver: Driver, app: ASGI3App) -> tuple[str, ...]:
    """The lines about the one message that `app` sends."""
    with pytest.raises((ProtocolViolation, BaseExceptionGroup)) as caught:
        driver.client(app).get("/")
    raised = caught.value
    while isinstance(raised, BaseExceptionGroup):
        (raised,) = raised.exceptions
    assert isinstance(raised, ProtocolViolation)
    return raised.sent_from


def test_the_line_that_sends(driver: Driver) -> None:
    """In a function that the app has called, that function's."""

    async def answer(send: Send) -> None:
        await send(BODY)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send)

    assert seen(driver, app) == (f"sent at {line(answer, 'send(BODY)')}",)


def test_a_line_that_has_passed_it_on(driver: Driver) -> None:
    """Each of the user's, in the order in which the message has passed them: each may have changed it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(BODY)

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        async def pass_on(message: Message) -> None:
            await send(message)

        await app(scope, receive, pass_on)

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        async def pass_on_too(*arguments: Message) -> None:
            await send(*arguments)

        await inner(scope, receive, pass_on_too)

    assert seen(driver, outer) == (
        f"sent at {line(app, 'send(BODY)')}",
        f"through {line(inner, 'await send(').replace(' in inner:', ' in pass_on:')}",
        f"through {line(outer, 'await send(').replace(' in outer:', ' in pass_on_too:')}",
    )


def test_a_library_that_sends_for_the_user(driver: Driver) -> None:
    """The line is the user's that has called it; where the message left the library comes after it."""
    library = framework()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await library["answer"](library["wrapped"](send))

    assert seen(driver, app) == (f"sent at {line(app, 'library')}", f"through {SHOWN}:10 in sender: ")


def test_a_library_that_sends_by_itself(driver: Driver) -> None:
    """A middleware around it that has only called it, and not passed anything on, has nothing to do with it."""
    library = framework()

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        await library["app"](scope, receive, send)

    assert seen(driver, middleware) == (f"sent at {SHOWN}:3 in app: ",)


def test_the_endpoint_that_the_framework_has_chosen(driver: Driver) -> None:
    """It has returned before the library sends, and so it is on no stack; Starlette writes it into the scope."""
    library = framework()

    async def endpoint() -> None:
        """What the user has written."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["endpoint"] = endpoint
        await library["app"](scope, receive, send)

    assert seen(driver, app) == (
        f"sent at {SHOWN}:3 in app: ",
        f"in a request for the endpoint at {line(endpoint, 'async def')}",
    )


def test_an_endpoint_that_is_no_function_has_no_line(driver: Driver) -> None:
    """Nor has one that anybody else has written there."""
    library = framework()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["endpoint"] = 5
        await library["app"](scope, receive, send)

    assert seen(driver, app) == (f"sent at {SHOWN}:3 in app: ",)


def test_a_child_task_that_only_passes_on(driver: Driver) -> None:
    """Whoever was given a message, and stands furthest out, is as near as we get to who has made it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def pass_on(message: Message) -> None:
            await send(message)

        async with anyio.create_task_group() as group:
            group.start_soon(pass_on, BODY)

    assert seen(driver, app) == (f"sent at {line(app, 'await send(').replace(' in app:', ' in pass_on:')}",)


def test_a_task_that_is_nothing_but_send(driver: Driver) -> None:
    """No line of the app stands there: neither the test's is blamed, nor one of the library that turns the loop."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(send, BODY)  # type: ignore[arg-type]

    assert seen(driver, app) == (
        "sent by a task that does nothing else: send in a function of the app, and its line stands here",
    )


def test_an_app_that_returns_a_value_sends_nothing(driver: Driver) -> None:
    """There is no line then."""

    async def app(scope: Scope, receive: Receive, send: Send) -> Any:
        await send({"type": "http.response.start", "status": 204})
        await send(BODY)
        return 5

    with pytest.raises(ProtocolViolation) as caught:
        driver.client(app, rules="spec").get("/")
    assert caught.value.sent_from == ()


def test_what_is_no_message_has_a_line_too(driver: Driver) -> None:
    """The innermost of the user's: nobody can be seen to pass it on."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(5)  # type: ignore[arg-type]

    assert seen(driver, app) == (f"sent at {line(app, 'send(5)')}",)
