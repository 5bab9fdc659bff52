"""`async_asgi_client` with the runners of async tests, seen from outside."""

from __future__ import annotations

import pytest

from inner_runs import all_passed, run
from plugin.suites import APP, FRESH, PLUGIN

TESTS = """
    import asyncio
    import pytest
    from asgi_lockstep import AsyncTestClient
    from myapp import create, events
    {marks}

    @pytest.fixture
    def asgi_app():
        events.clear()
        return create()

    async def test_the_client(async_asgi_client):
        assert type(async_asgi_client) is AsyncTestClient
        assert events == ["startup"]
        assert (await async_asgi_client.get("/")).json() == {fresh}

    def test_it_was_left():
        assert events == ["startup", "shutdown"]

    async def test_a_test_without_it():
        pass
"""

ALL = all_passed("test_the_client", "test_it_was_left", "test_a_test_without_it")


def suite(marks: str = "") -> str:
    """The tests, with what marks them for their runner."""
    return TESTS.format(marks=marks, fresh=FRESH)


ON_ANYIO = """pytestmark = pytest.mark.anyio

    @pytest.fixture{scope}
    def anyio_backend():
        return {loop!r}
"""

#: The app is async itself, and made on the loop of the test.
ASYNC_APP = """
    import {library}
    import pytest
    from myapp import app

    pytestmark = pytest.mark.{mark}
    loops = []

    @{fixture}
    async def asgi_app():
        loops.append({current})
        yield app
        loops.clear()

    async def test_the_app(async_asgi_client):
        assert async_asgi_client.app is app
        assert loops == [{current}]

    def test_it_was_left():
        assert loops == []
"""

MISTAKES = """
    import pytest
    from myapp import app as application

    @pytest.fixture
    def asgi_app():
        return application

    def test_sync(async_asgi_client): ...

    @pytest.mark.anyio
    @pytest.mark.asgi(backend="trio")
    async def test_backend(async_asgi_client): ...
"""

NOT_ASYNC = 'failed on setup with "Failed: test_sync is no async test: take asgi_client, the client for sync tests."'
BACKEND = (
    'failed on setup with "Failed: @pytest.mark.asgi(backend=...) is for asgi_client: the '
    'app of async_asgi_client runs on the event loop of the test, which its runner makes."'
)


def test_with_the_plugin_of_anyio(pytester: pytest.Pytester) -> None:
    """On asyncio and on trio; an async fixture can give the app. Mistakes say what to write."""
    current = "anyio.lowlevel.current_token()"
    found = run(
        pytester,
        *PLUGIN,
        *("-p", "anyio"),
        myapp=APP,
        test_app=ASYNC_APP.format(library="anyio.lowlevel", mark="anyio", fixture="pytest.fixture", current=current),
        test_asyncio=suite(ON_ANYIO.format(scope="", loop="asyncio")),
        test_trio=suite(ON_ANYIO.format(scope="", loop="trio")),
        test_mistakes=MISTAKES,
    )
    both = {f"test_the_app[{loop}]": "passed" for loop in ("asyncio", "trio")}
    assert found.outcomes == {
        "test_app": {**both, "test_it_was_left": "passed"},
        "test_asyncio": ALL,
        "test_trio": ALL,
        "test_mistakes": {"test_sync": "error", "test_backend[asyncio]": "error", "test_backend[trio]": "error"},
    }
    assert found.messages["test_mistakes"] == {
        "test_sync": NOT_ASYNC,
        "test_backend[asyncio]": BACKEND,
        "test_backend[trio]": BACKEND,
    }


def test_with_pytest_asyncio_in_strict_mode(pytester: pytest.Pytester) -> None:
    """The client is on the loop of its test, however long that lives; anyio's plugin may be there, too."""
    function = suite("pytestmark = pytest.mark.asyncio")
    module = suite("pytestmark = pytest.mark.asyncio(loop_scope='module')")
    session = suite("pytestmark = pytest.mark.asyncio(loop_scope='session')")
    found = run(
        pytester,
        *PLUGIN,
        *("-p", "anyio", "-p", "asyncio", "--asyncio-mode=strict"),
        myapp=APP,
        test_anyio=suite(ON_ANYIO.format(scope="", loop="asyncio")),
        test_app=ASYNC_APP.format(
            library="asyncio, pytest_asyncio",
            mark="asyncio",
            fixture="pytest_asyncio.fixture",
            current="asyncio.get_running_loop()",
        ),
        test_function=function,
        test_module=module,
        test_session=session,
    )
    app = all_passed("test_the_app", "test_it_was_left")
    of_loops = {f"test_{name}": ALL for name in ("anyio", "function", "module", "session")}
    assert found.outcomes == {**of_loops, "test_app": app}


def test_with_pytest_asyncio_in_auto_mode(pytester: pytest.Pytester) -> None:
    """No marks at all; what is configured for the loops of all tests holds for the client, too."""
    pytester.makeini("[pytest]\nasyncio_default_test_loop_scope = module")
    found = run(pytester, *PLUGIN, *("-p", "asyncio", "--asyncio-mode=auto"), myapp=APP, test_auto=suite())
    assert found.outcomes == {"test_auto": ALL}


#: A runner that nobody knows: it runs each async test by itself.
CONFTEST = """
    import asyncio
    import inspect
    import pytest

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(pyfuncitem):
        if inspect.iscoroutinefunction(pyfuncitem.obj):
            asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in pyfuncitem.fixturenames}))
            return True
"""

NO_RUNNER = (
    'failed on setup with "Failed: async_asgi_client needs to know who runs the event loop of test_it, and finds '
    "nobody that it knows. Mark the test with @pytest.mark.anyio (anyio's plugin) or @pytest.mark.asyncio "
    "(pytest-asyncio 0.24 or newer); for any other runner, write `async with AsyncTestClient(app) as client:` in the "
    'test."'
)


def test_another_runner_is_an_error_that_says_what_to_write(pytester: pytest.Pytester) -> None:
    """The client could not be entered on its loop."""
    suite = "async def test_it(async_asgi_client): ..."
    found = run(pytester, *PLUGIN, "--asgi-app=myapp:app", myapp=APP, conftest=CONFTEST, test_it=suite)
    assert found.messages == {"test_it": {"test_it": NO_RUNNER}}
