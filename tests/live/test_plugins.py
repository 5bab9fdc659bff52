"""A live server as a fixture of each async test runner, seen from outside."""

from __future__ import annotations

import pytest

from inner_runs import all_passed, run

APP = """
    async def app(scope, receive, send):
        assert scope["type"] == "http"
        if scope["path"] == "/fails":
            raise ValueError("no /fails")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hi"})
"""

TESTS = """
    import pytest
    from asgi_lockstep.live import LiveServer
    from myapp import app
    {marks}

    @{fixture}
    async def live():
        async with LiveServer(app) as live:
            yield live

    async def test_request(live):
        assert (await live.async_client().get("/")).text == "hi"

    async def test_failure(live):
        with pytest.raises(ValueError, match="no /fails"):
            await live.async_client().get("/fails")
"""

#: A fixture for all tests of a run, which needs no plugin.
SYNC = """
    import pytest
    from asgi_lockstep.live import LiveServer
    from myapp import app

    @pytest.fixture(scope="session")
    def live():
        with LiveServer(app) as live:
            yield live

    @pytest.fixture
    def client(live):
        with live.client() as client:
            yield client

    def test_request(client):
        assert client.get("/").text == "hi"

    def test_failure(client):
        with pytest.raises(ValueError, match="no /fails"):
            client.get("/fails")
"""

ALL = all_passed("test_request", "test_failure")


def on_anyio(loop: str) -> str:
    """The tests for anyio's plugin."""
    marks = (
        f"pytestmark = pytest.mark.anyio\n\n    @pytest.fixture\n    def anyio_backend():\n        return {loop!r}\n"
    )
    return TESTS.format(marks=marks, fixture="pytest.fixture")


def test_without_pytest_asyncio(pytester: pytest.Pytester) -> None:
    """Anyio's plugin on asyncio and trio, and a fixture of the session."""
    found = run(
        pytester,
        *("-p", "anyio"),
        myapp=APP,
        test_asyncio=on_anyio("asyncio"),
        test_trio=on_anyio("trio"),
        test_sync=SYNC,
    )
    assert found.outcomes == {"test_asyncio": ALL, "test_trio": ALL, "test_sync": ALL}


def test_pytest_asyncio(pytester: pytest.Pytester) -> None:
    """Its fixtures are entered and left in different tasks."""
    suite = TESTS.format(marks="", fixture="pytest.fixture")
    found = run(pytester, "-p", "asyncio", "--asyncio-mode=auto", myapp=APP, test_auto=suite)
    assert found.outcomes == {"test_auto": ALL}
