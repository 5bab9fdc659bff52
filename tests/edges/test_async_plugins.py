"""The async client inside of the fixtures of each async test runner, seen from outside."""

from __future__ import annotations

import pytest

from inner_runs import all_passed, run

APP = """
    from contextlib import asynccontextmanager
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route, WebSocketRoute
    import anyio

    class Events(list):
        @asynccontextmanager
        async def lifespan(self, app):
            async with anyio.create_task_group():
                self.append("startup")
                yield {"from": "lifespan"}
            self.append("shutdown")

    async def index(request):
        return PlainTextResponse(request.state._state["from"])

    async def echo(websocket):
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    def app_with_events():
        events = Events()
        routes = [Route("/", index), WebSocketRoute("/ws", echo)]
        return Starlette(routes=routes, lifespan=events.lifespan), events
"""

TESTS = """
    import pytest
    from asgi_lockstep import AsyncTestClient
    from myapp import app_with_events

    app, events = app_with_events()
    {marks}

    @{fixture}
    async def client():
        async with AsyncTestClient(app=app, base_url="http://testserver") as client:
            yield client

    async def test_request(client):
        assert (await client.get("/")).text == "lifespan"

    async def test_websocket(client):
        async with client.websocket_connect("/ws") as session:
            await session.send_text("hi")
            assert await session.receive_text() == "hi"

    async def test_a_failed_assertion_stays_one():
        with pytest.raises(AssertionError, match="^mine"):
            async with AsyncTestClient(app):
                assert False, "mine"

    def test_startups_and_shutdowns_alternate():
        assert events == ["startup", "shutdown"] * (len(events) // 2)
"""


#: With the standard library's runner: a set-up and a tear-down in one task, as an async context of the case.
CASE = """
    import unittest
    from asgi_lockstep import AsyncTestClient
    from myapp import app_with_events

    app, events = app_with_events()

    class Case(unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self):
            self.client = await self.enterAsyncContext(AsyncTestClient(app))

        async def test_request(self):
            self.assertEqual((await self.client.get("/")).text, "lifespan")

        async def test_websocket(self):
            async with self.client.websocket_connect("/ws") as session:
                await session.send_text("hi")
                self.assertEqual(await session.receive_text(), "hi")
"""

REQUEST, WEBSOCKET, ASSERTION, EVENTS = (
    "test_request",
    "test_websocket",
    "test_a_failed_assertion_stays_one",
    "test_startups_and_shutdowns_alternate",
)

#: All tests pass.
ALL = all_passed(REQUEST, WEBSOCKET, ASSERTION, EVENTS)

#: The client has been started, and will be stopped after the last test that uses it.
OUTLIVES = {**all_passed(REQUEST, WEBSOCKET, ASSERTION), EVENTS: "failed"}

ANOTHER_LOOP = "UsageError: This client was entered on another event loop than the one that runs"


def on_anyio(loop: str, scope: str) -> str:
    """The tests for anyio's plugin."""
    marks = (
        f"pytestmark = pytest.mark.anyio\n\n    @pytest.fixture(scope={scope!r})\n"
        f"    def anyio_backend():\n        return {loop!r}\n"
    )
    return TESTS.format(marks=marks, fixture=f"pytest.fixture(scope={scope!r})")


def on_pytest_asyncio(fixture: str = "", loop: str = "") -> str:
    """The tests for pytest-asyncio.

    Args:
        fixture: the arguments of the fixture that makes the client.
        loop: those of the mark of the tests.
    """
    marks = f"import pytest_asyncio\n    pytestmark = pytest.mark.asyncio({loop})"
    return TESTS.format(marks=marks, fixture=f"pytest_asyncio.fixture({fixture})")


def test_without_pytest_asyncio(pytester: pytest.Pytester) -> None:
    """Anyio's fixtures enter and leave in one task, on asyncio and trio; one of the session outlives each test, on one
    loop. And there is the standard library's test case.
    """
    found = run(
        pytester,
        *("-p", "anyio"),
        myapp=APP,
        test_asyncio=on_anyio("asyncio", "function"),
        test_trio=on_anyio("trio", "function"),
        test_session=on_anyio("asyncio", "session"),
        test_unittest=CASE,
    )
    assert found.outcomes == {
        "test_asyncio": ALL,
        "test_trio": ALL,
        "test_session": OUTLIVES,
        "test_unittest.Case": all_passed(REQUEST, WEBSOCKET),
    }


def test_pytest_asyncio_in_strict_mode(pytester: pytest.Pytester) -> None:
    """Its fixtures are entered and left in different tasks. Fixture and tests may share the loop of the module; if only
    the fixture is on it, the classic mistake, the client says so.
    """
    of_the_module = "scope='module', loop_scope='module'"
    found = run(
        pytester,
        *("-p", "asyncio", "--asyncio-mode=strict"),
        myapp=APP,
        test_function=on_pytest_asyncio(),
        test_module=on_pytest_asyncio(of_the_module, "loop_scope='module'"),
        test_mistake=on_pytest_asyncio(of_the_module),
    )
    assert found.outcomes == {
        "test_function": ALL,
        "test_module": OUTLIVES,
        "test_mistake": {**OUTLIVES, REQUEST: "failed", WEBSOCKET: "failed"},
    }
    messages = found.messages["test_mistake"]
    assert [ANOTHER_LOOP in messages[name] for name in (REQUEST, WEBSOCKET)] == [True, True]


def test_pytest_asyncio_in_auto_mode(pytester: pytest.Pytester) -> None:
    """No marks at all."""
    suite = TESTS.format(marks="", fixture="pytest.fixture")
    found = run(pytester, "-p", "asyncio", "--asyncio-mode=auto", myapp=APP, test_auto=suite)
    assert found.outcomes == {"test_auto": ALL}
