"""The async client inside of the fixtures of each async test runner, seen from outside."""

from __future__ import annotations

import pytest

APP = """
    from contextlib import asynccontextmanager
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route, WebSocketRoute
    import anyio

    events = []

    @asynccontextmanager
    async def lifespan(app):
        async with anyio.create_task_group():
            events.append("startup")
            yield {"from": "lifespan"}
        events.append("shutdown")

    async def index(request):
        return PlainTextResponse(request.state._state["from"])

    async def echo(websocket):
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    app = Starlette(routes=[Route("/", index), WebSocketRoute("/ws", echo)], lifespan=lifespan)
"""

TESTS = """
    import pytest
    from asgi_lockstep import AsyncTestClient
    from myapp import app, events

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


def run(pytester: pytest.Pytester, marks: str, fixture: str, *args: str) -> pytest.RunResult:
    """Run the tests in a process of its own, with warnings as errors."""
    pytester.makepyfile(myapp=APP)
    pytester.makepyfile(test_app=TESTS.format(marks=marks, fixture=fixture))
    # pytest-asyncio warns of an option that is not set; the suites of users need not care.
    quiet = ("-W", "error", "-W", "ignore::pytest.PytestWarning", "-p", "no:randomly", "-p", "no:cacheprovider")
    return pytester.runpytest_subprocess(*quiet, *args)


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_anyios_plugin(pytester: pytest.Pytester, loop: str) -> None:
    """On asyncio and trio; its fixtures enter and leave in one task."""
    marks = (
        f"pytestmark = pytest.mark.anyio\n\n    @pytest.fixture\n    def anyio_backend():\n        return {loop!r}\n"
    )
    run(pytester, marks, "pytest.fixture", "-p", "no:asyncio").assert_outcomes(passed=4)


def test_anyios_plugin_with_a_fixture_of_the_session(pytester: pytest.Pytester) -> None:
    """The client outlives each test, on one loop."""
    marks = (
        "pytestmark = pytest.mark.anyio\n\n"
        "    @pytest.fixture(scope='session')\n    def anyio_backend():\n        return 'asyncio'\n"
    )
    run(pytester, marks, "pytest.fixture(scope='session')", "-p", "no:asyncio").assert_outcomes(passed=3, failed=1)


def test_pytest_asyncio_in_strict_mode(pytester: pytest.Pytester) -> None:
    """Its fixtures are entered and left in different tasks."""
    marks = "import pytest_asyncio\n    pytestmark = pytest.mark.asyncio"
    result = run(pytester, marks, "pytest_asyncio.fixture", "-p", "asyncio", "--asyncio-mode=strict")
    result.assert_outcomes(passed=4)


def test_pytest_asyncio_in_auto_mode(pytester: pytest.Pytester) -> None:
    """No marks at all."""
    result = run(pytester, "", "pytest.fixture", "-p", "asyncio", "--asyncio-mode=auto")
    result.assert_outcomes(passed=4)


def test_pytest_asyncio_with_a_loop_for_the_module(pytester: pytest.Pytester) -> None:
    """Fixture and tests share the loop of the module."""
    marks = "import pytest_asyncio\n    pytestmark = pytest.mark.asyncio(loop_scope='module')"
    fixture = "pytest_asyncio.fixture(scope='module', loop_scope='module')"
    result = run(pytester, marks, fixture, "-p", "asyncio", "--asyncio-mode=strict")
    result.assert_outcomes(passed=3, failed=1)


def test_a_client_of_another_loop_says_so(pytester: pytest.Pytester) -> None:
    """The classic mistake: a fixture of the module, and tests with a loop each."""
    marks = "import pytest_asyncio\n    pytestmark = pytest.mark.asyncio"
    fixture = "pytest_asyncio.fixture(scope='module', loop_scope='module')"
    result = run(pytester, marks, fixture, "-p", "asyncio", "--asyncio-mode=strict")
    result.stdout.fnmatch_lines(["*UsageError: This client was entered on another event loop than the one that runs*"])


def test_isolated_asyncio_test_case(pytester: pytest.Pytester) -> None:
    """The standard library's runner, with set-up and tear-down in one task, or as an async context of the case."""
    pytester.makepyfile(myapp=APP)
    pytester.makepyfile("""
        import unittest
        from asgi_lockstep import AsyncTestClient
        from myapp import app, events

        class Case(unittest.IsolatedAsyncioTestCase):
            async def asyncSetUp(self):
                self.client = await self.enterAsyncContext(AsyncTestClient(app))

            async def test_request(self):
                self.assertEqual((await self.client.get("/")).text, "lifespan")

            async def test_websocket(self):
                async with self.client.websocket_connect("/ws") as session:
                    await session.send_text("hi")
                    self.assertEqual(await session.receive_text(), "hi")
    """)
    result = pytester.runpytest_subprocess("-W", "error", "-p", "no:asyncio", "-p", "no:randomly")
    result.assert_outcomes(passed=2)
