"""An app that runs for several tests, each of which has a client of its own."""

from __future__ import annotations

import pytest

from inner_runs import all_passed, run
from plugin.suites import APP, FRESH, PLUGIN, between, lines_of

#: Two tests that leave something behind, and one that has a client of its own.
TESTS = f"""
    import pytest
    from myapp import app, events

    def leaves(asgi_client):
        assert asgi_client.get("/").json() == {FRESH}
        app.dependency_overrides["left"] = True
        app.state.count = 5
        assert asgi_client.get("/").json() == {{"count": 6, "cookies": {{"seen": "yes"}}, "left": True}}

    def test_one(asgi_client):
        leaves(asgi_client)

    @pytest.mark.asgi(raise_server_exceptions=False, timeout=3)
    def test_two(asgi_client):
        leaves(asgi_client)
        assert (asgi_client.raise_server_exceptions, asgi_client.timeout.read) == (False, 3)

    def test_events():
        assert events == ["startup"]

    @pytest.mark.asgi(server="hypercorn")
    def test_with_other_options(asgi_client):
        assert events == ["startup"] * 2
        leaves(asgi_client)

    def test_three(asgi_client):
        assert events == ["startup"] * 2 + ["shutdown"]
        leaves(asgi_client)
        events[:] = ["startup"]
"""

NAMES = ("test_one", "test_two", "test_events", "test_with_other_options", "test_three")


def test_the_app_runs_once_for_a_session(pytester: pytest.Pytester) -> None:
    """Each test has its own cookies, and finds the app as it was before; options of its own are a client of its own,
    while the app runs on for the others.
    """
    last = "def test_events():\n    from myapp import events\n    assert events == ['startup']"
    args = ("--asgi-app=myapp:app", "--asgi-scope=session")
    found = run(pytester, *PLUGIN, *args, myapp=APP, test_a=TESTS, test_b=TESTS, test_c=last)
    assert found.outcomes == {
        "test_a": all_passed(*NAMES),
        "test_b": all_passed(*NAMES),
        "test_c": all_passed("test_events"),
    }


def test_the_app_runs_once_for_each_module(pytester: pytest.Pytester) -> None:
    """As the configuration says."""
    pytester.makeini("[pytest]\nasgi_app = myapp:app\nasgi_scope = module")
    ends = "\n    def test_it_has_ended():\n        assert events == ['startup', 'shutdown']\n        events.clear()\n"
    last = "from myapp import app, events" + ends.replace("\n    ", "\n")
    assert lines_of(pytester, myapp=APP, test_a=TESTS, test_b=last, test_c=TESTS, test_d=last)[-1].startswith("12 pass")


ASYNC = """
    import pytest
    from myapp import app, events
    {marks}

    async def test_one(async_asgi_client):
        assert (await async_asgi_client.get("/")).json() == {fresh}
        app.state.count = 5

    async def test_two(async_asgi_client):
        assert (await async_asgi_client.get("/")).json() == {fresh}
        assert events == ["startup"] * {startups}

    @pytest.mark.asgi(server="hypercorn")
    async def test_with_other_options(async_asgi_client):
        assert events == ["startup"] * {startups} + ["startup"]
        events.pop()

    def test_ends():
        assert events.pop() == "shutdown"
"""

BOTH_COLOURS = """
    import pytest
    from contextlib import asynccontextmanager
    from starlette.applications import Starlette

    class Database:
        open = True

    @asynccontextmanager
    async def lifespan(app):
        app.state.database = Database()
        yield {"database": app.state.database}
        app.state.database.open = False
        app.state.database = None

    app = Starlette(lifespan=lifespan)

    @pytest.fixture(scope="session")
    def asgi_app():
        return app

    def is_its_own(client):
        assert app.state.database is client.app_state["database"]
        assert app.state.database.open

    def test_sync(asgi_client):
        is_its_own(asgi_client)

    @pytest.mark.anyio
    async def test_async(async_asgi_client):
        is_its_own(async_asgi_client)

    @pytest.mark.asgi(server="hypercorn", clock="virtual")
    def test_of_its_own(asgi_client):
        is_its_own(asgi_client)

    @pytest.mark.asgi(clock="real", timeout=5)
    def test_sync_again(asgi_client):
        is_its_own(asgi_client)

    @pytest.mark.anyio
    async def test_async_again(async_asgi_client):
        is_its_own(async_asgi_client)
"""

SHORT_LOOP = """
    import pytest

    @pytest.mark.asyncio
    async def test_short(async_asgi_client): ...
"""

SHORT_BACKEND = """
    import pytest

    @pytest.mark.anyio
    async def test_short(async_asgi_client): ...
"""

#: With anyio a fixture of the session says on which loop all of them run.
BACKEND = """
    import pytest

    @pytest.fixture(scope="session")
    def anyio_backend():
        return "asyncio"
"""


def test_it_runs_for_async_tests_on_one_loop(pytester: pytest.Pytester) -> None:
    """That of the session, with pytest-asyncio; a loop that lives shorter is refused, with what to write."""
    session = "pytestmark = pytest.mark.asyncio(loop_scope='session')"
    found = run(
        pytester,
        *PLUGIN,
        *("-p", "asyncio", "--asgi-app=myapp:app", "--asgi-scope=session"),
        myapp=APP,
        test_a=ASYNC.format(marks=session, fresh=FRESH, startups=1),
        test_b=ASYNC.format(marks=session, fresh=FRESH, startups=1),
        test_c=SHORT_LOOP,
    )
    names = all_passed("test_one", "test_two", "test_with_other_options", "test_ends")
    assert found.outcomes == {"test_a": names, "test_b": names, "test_c": {"test_short": "error"}}
    assert found.messages["test_c"]["test_short"] == (
        'failed on setup with "Failed: asgi_scope = session: the app runs for several tests, and so on one event loop, '
        "but that of this test lives for the function. Write @pytest.mark.asyncio(loop_scope='session'), or "
        'asyncio_default_test_loop_scope = session in the configuration."'
    )


FIXTURE_IS_SHORTER = (
    "asgi_scope = session: the app runs for several tests, and the fixture {name}, without which it does not run, "
    'lives for the {lives} only. Write @pytest.fixture(scope="session") for {name}, or choose another asgi_scope.'
)


def test_it_runs_for_async_tests_of_anyio(pytester: pytest.Pytester) -> None:
    """With a backend that lives as long."""
    marks = "pytestmark = pytest.mark.anyio"
    args = ("-p", "anyio", "--asgi-app=myapp:app", "--asgi-scope=session")
    suites = {name: ASYNC.format(marks=marks, fresh=FRESH, startups=1) for name in ("test_a", "test_b")}
    found = run(pytester, *PLUGIN, *args, myapp=APP, conftest=BACKEND, **suites)
    names = all_passed("test_one", "test_two", "test_with_other_options", "test_ends")
    assert found.outcomes == {"test_a": names, "test_b": names}


def test_sync_and_async_tests_have_each_their_own_state(pytester: pytest.Pytester) -> None:
    """The app runs twice then, on two loops; what its lifespan has put into its state is there for its own tests."""
    args = ("-p", "anyio", "--asgi-scope=session")
    assert lines_of(pytester, *args, conftest=BACKEND, test_it=BOTH_COLOURS)[-1].startswith("5 passed")


def test_a_backend_that_lives_shorter_is_refused(pytester: pytest.Pytester) -> None:
    """Each time, with what to write: anyio's own one is of the module."""
    args = ("-p", "anyio", "--asgi-app=myapp:app", "--asgi-scope=session")
    lines = lines_of(pytester, *args, myapp=APP, test_short=SHORT_BACKEND)
    for loop in ("asyncio", "trio"):
        said = between(lines, f"ERROR at setup of test_short[{loop}]")
        assert said == [FIXTURE_IS_SHORTER.format(name="anyio_backend", lives="module")]


def test_an_app_that_lives_shorter_is_refused(pytester: pytest.Pytester) -> None:
    """A fixture of a function cannot give the app of a session."""
    suite = """
        import pytest

        @pytest.fixture
        def asgi_app(): ...

        def test_it(asgi_client): ...
    """
    lines = lines_of(pytester, "--asgi-scope=session", test_it=suite)
    assert between(lines, "ERROR at setup of test_it") == [FIXTURE_IS_SHORTER.format(name="asgi_app", lives="function")]


def test_what_varies_is_not_shared(pytester: pytest.Pytester) -> None:
    """A test that fails by a seed can be repeated alone with it."""
    suite = "def test_{0}(asgi_client):\n    from myapp import events\n    assert events == {1}\n"
    text = suite.format("one", ["startup"]) + suite.format("two", ["startup", "shutdown", "startup"])
    args = ("--asgi-app=myapp:app", "--asgi-scope=session", "--asgi-vary=3")
    assert lines_of(pytester, *args, myapp=APP, test_it=text)[-1].startswith("2 passed")
