"""The pytest plugin of asgi-lockstep: its options, its marker, its fixtures and its hooks, as docs/pytest.md has them.

It stands beside the package, and imports nothing of it: pytest loads it in every run, also of suites that have never
heard of ASGI. What the fixtures and hooks do is in `asgi_lockstep._pytest`, which is imported when one of them is used.

Both plugins of ours, this one and `asgi_lockstep.starlette`, have the options that they share from here.

PYTEST_DONT_REWRITE, which pytest looks for: there is no assertion here, and it may be imported before pytest loads it.
"""

from __future__ import annotations

import argparse
import inspect
import os
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final
from weakref import WeakSet

import pytest

# The names that options can have as values. They stand in the package, too, where a test compares them.
DRIVERS: Final = ("auto", "thread", "free")
RULES: Final = ("off", "servers", "spec")
SERVERS: Final = ("uvicorn", "hypercorn", "daphne", "granian")

#: How long the app of the fixtures runs.
SCOPES: Final = ("function", "module", "session")

#: The scopes that event loops have in pytest-asyncio.
LOOP_SCOPES: Final = ("function", "class", "module", "package", "session")

#: The name under which the fixtures for its tests are registered.
ON_PYTEST_ASYNCIO: Final = "asgi_lockstep_on_pytest_asyncio"

_MARKER = (
    "asgi(clock, strict, timeout, lifespan, rules, server, driver, backend, vary, raise_server_exceptions, live): "
    "what the clients of a test are like"
)

#: What a test has to import before a client of ours can have done anything in it.
_CLIENTS = "asgi_lockstep._drivers.happenings.recent"
_REAL_TIME = "asgi_lockstep._drivers.clock.real_time"

_LOG = "asgi_lockstep._pytest.log_of_package"

#: Where the standard error of the test run goes, whatever pytest captures; none where that is no file.
_STDERR: Final = pytest.StashKey[int]()

#: When a test began, in seconds of `real_time()`; at 0 where nothing of ours was imported then.
BEGAN: Final = pytest.StashKey[float]()

#: The parsers that have the shared options: of our two plugins the first defines them, in whatever order they come.
_DEFINED: WeakSet[pytest.Parser] = WeakSet()


class _AsInstalled:
    """Finds the modules of the package as any Python does: with the bytecode that was made when it was installed.

    pytest compiles all that comes in a distribution with a plugin once more, to rewrite its assertions: half a second
    for this one, wherever that cannot be cached, and in each worker of pytest-xdist.
    """

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """See `importlib.abc.MetaPathFinder`."""
        return PathFinder.find_spec(name, path, target) if name.partition(".")[0] == "asgi_lockstep" else None


def define_shared_options(parser: pytest.Parser) -> None:
    """The options of all clients, those under the names of `starlette.testclient` among them."""
    if parser in _DEFINED:
        return
    _DEFINED.add(parser)
    driver = "where apps run: free lets them run also between two calls of a client"
    rules = "which rules of ASGI are errors"
    vary = "vary what apps get within what servers may do, by this seed"
    group = parser.getgroup("asgi-lockstep")
    group.addoption("--asgi-driver", choices=DRIVERS, default=None, help=driver)
    group.addoption("--asgi-rules", choices=RULES, default=None, help=rules)
    group.addoption("--asgi-vary", type=int, default=None, metavar="SEED", help=vary)
    parser.addini("asgi_driver", driver, default="auto")
    parser.addini("asgi_rules", f"{rules}: {', '.join(RULES)}", default="servers")


def define_marker(config: pytest.Config) -> None:
    """The marker `asgi`, once."""
    if not any(line.startswith("asgi(") for line in config.getini("markers")):
        config.addinivalue_line("markers", _MARKER)


def pytest_addoption(parser: pytest.Parser) -> None:
    """On the command line, and in the configuration. This is also the first moment at which anything is called."""
    if _AsInstalled not in sys.meta_path:
        sys.meta_path.insert(0, _AsInstalled)
    define_shared_options(parser)
    app = "the app of the fixtures, as module:attribute or module:factory(); a fixture asgi_app goes before"
    scope = "how long the app of the fixtures runs; each test has a client of its own in any case"
    live = "have the fixtures run the app under this server, on a real socket"
    serve = "stop at the first failure, and serve the app as it is then, for a look in the browser, until Ctrl-C"
    report = "write what happened in failing tests into this folder: pages, JSON lines and HAR, with an index.html"
    of_tests = "of which tests --asgi-report writes: of failing ones (the default), or of all"
    group = parser.getgroup("asgi-lockstep")
    group.addoption("--asgi-app", default=None, metavar="MODULE:ATTRIBUTE", help=app)
    group.addoption("--asgi-scope", choices=SCOPES, default=None, help=scope)
    group.addoption("--asgi-live", choices=SERVERS, default=None, help=live)
    group.addoption("--asgi-serve", type=_port, nargs="?", const=0, default=None, metavar="PORT", help=serve)
    group.addoption("--asgi-report", default=None, metavar="DIR", help=report)
    group.addoption("--asgi-report-tests", choices=("failed", "all"), default="failed", help=of_tests)
    parser.addini("asgi_app", app, default="")
    parser.addini("asgi_scope", f"{scope}: {', '.join(SCOPES)}", default="function")
    parser.addini("asgi_timeline", "how many events of each client a failing test shows; 0 for none", default="20")


def _port(value: str) -> int:
    """The value of `--asgi-serve`: `argparse` takes the next argument for it, whatever it was meant to be."""
    if value.isascii() and value.isdigit() and int(value) < 2**16:
        return int(value)
    raise argparse.ArgumentTypeError(
        f"{value!r} is no port. Write --asgi-serve=8000, or --asgi-serve behind everything else for a free one"
    )


# Hooks. None of them does anything in a suite that has not imported a client of ours, or asked for it by an option.


def pytest_configure(config: pytest.Config) -> None:
    """Define the marker and the async fixtures, and have what was asked for by an option at hand."""
    define_marker(config)
    with suppress(AttributeError, OSError, ValueError):  # it may be anything that can be written to
        config.stash[_STDERR] = os.dup(sys.stderr.fileno())  # here it is not captured
    scope = scope_of_app("asgi_scope", config)
    if scope not in SCOPES:
        raise pytest.UsageError(f"asgi_scope = {scope} does not exist; known are {', '.join(SCOPES)}.")
    events = config.getini("asgi_timeline")
    if not (events.isascii() and events.isdigit()):
        raise pytest.UsageError(f"asgi_timeline = {events} is no number of events; write 0 for none.")
    if config.pluginmanager.hasplugin("asyncio"):
        config.pluginmanager.register(_fixtures_of_pytest_asyncio(scope))
    options = ("asgi_report", "asgi_live", "asgi_serve")
    if any(config.getoption(name) is not None for name in options):
        from asgi_lockstep._pytest.options_of_runs import configure

        configure(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of the standard error."""
    descriptor = config.stash.get(_STDERR, None)
    if descriptor is not None:
        if _LOG in sys.modules:
            sys.modules[_LOG].write_no_more(descriptor)
        os.close(descriptor)


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem() -> Generator[None, Any, Any]:
    """Refuse a marker with a mistake in it: as an error of the collection, before any test runs."""
    made = yield
    for item in made if isinstance(made, list) else (made,):
        if isinstance(item, pytest.Item) and item.get_closest_marker("asgi") is not None:
            from asgi_lockstep._pytest.markers import check

            check(item)
    return made


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what cannot be run where it is to be run."""
    if config.getoption("asgi_live") is not None:
        from asgi_lockstep._pytest.live_servers import skip_what_needs_lockstep

        skip_what_needs_lockstep(items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note when a test begins, and from then on what the package says in its log."""
    clock = sys.modules.get(_REAL_TIME)
    item.stash[BEGAN] = 0.0 if clock is None else clock.real_time()
    if _CLIENTS in sys.modules:
        from asgi_lockstep._pytest.log_of_package import listen

        listen(item.config.stash.get(_STDERR, None))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Skip a test that finds, in a run under a server, that it needs what only lockstep has."""
    try:
        return (yield)
    except AttributeError as exc:
        if item.config.getoption("asgi_live") is not None:
            from asgi_lockstep._pytest.live_servers import skip_if_lockstep_is_missed

            skip_if_lockstep_is_missed(item.config, exc)
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failure what has happened between the test and its app."""
    report = yield
    if report.failed and _CLIENTS in sys.modules:
        from asgi_lockstep._pytest.sections import add_section

        add_section(item, report)
    return report


# Fixtures.


def _hides(excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
    """Whether a traceback is without our lines: a failure without any traceback needs one to be without."""
    return not excinfo.errisinstance(pytest.fail.Exception)


def scope_of_app(fixture_name: str, config: pytest.Config) -> Any:  # noqa: ARG001 - pytest names the arguments
    """How long the app of the fixtures runs."""
    return config.getoption("asgi_scope") or config.getini("asgi_scope")


@pytest.fixture(scope=scope_of_app)
def asgi_app(request: pytest.FixtureRequest) -> Any:
    """The app of `asgi_client` and `async_asgi_client`: that of --asgi-app. Define a fixture of this name for yours."""
    from asgi_lockstep._pytest.apps import configured_app

    return configured_app(request)


@pytest.fixture
def asgi_client(request: pytest.FixtureRequest, asgi_app: Any) -> Iterator[Any]:
    """An entered `asgi_lockstep.TestClient` of the app that the fixture `asgi_app` or the option --asgi-app gives."""
    __tracebackhide__ = _hides
    from asgi_lockstep._pytest.clients import client

    yield from client(request, asgi_app)


@pytest.fixture
def async_asgi_client(request: pytest.FixtureRequest, asgi_app: Any) -> Any:
    """The same for async tests: an entered `asgi_lockstep.AsyncTestClient`, on the loop of the test."""
    __tracebackhide__ = _hides
    from asgi_lockstep._pytest.clients import async_client_of

    return async_client_of(request, asgi_app)


@pytest.fixture(scope=scope_of_app)
def _asgi_running(request: pytest.FixtureRequest, asgi_app: Any) -> Iterator[Any]:
    """The client from which those of all tests are derived, or the server of all tests."""
    __tracebackhide__ = _hides
    from asgi_lockstep._pytest.clients import running

    yield from running(request.config, asgi_app)


# Each runner of async tests enters and leaves its own kind of async fixtures: `async_asgi_client` asks for the one of
# its test, by a name that ends with the name of the runner. A function each, since pytest-asyncio writes on them.


def _new_client() -> Callable[..., AsyncIterator[Any]]:
    async def client(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
        __tracebackhide__ = _hides
        from asgi_lockstep._pytest.clients import async_client

        async with async_client(request) as entered:
            yield entered

    return client


def _new_running() -> Callable[..., AsyncIterator[Any]]:
    async def running(request: pytest.FixtureRequest, asgi_app: Any) -> AsyncIterator[Any]:
        __tracebackhide__ = _hides
        from asgi_lockstep._pytest.clients import async_running

        async with async_running(request.config, asgi_app) as entered:
            yield entered

    return running


_client_on_anyio = pytest.fixture(name="_asgi_client_on_anyio")(_new_client())
_running_on_anyio = pytest.fixture(name="_asgi_running_on_anyio", scope=scope_of_app)(_new_running())


def _fixtures_of_pytest_asyncio(scope: Any) -> ModuleType:
    """Those for tests of pytest-asyncio: for each scope that the event loop of a test may have.

    None before 0.24, in which loops had no scopes: a suite that does not use ours shall run there all the same.
    """
    import pytest_asyncio

    fixture: Any = pytest_asyncio.fixture
    made = ModuleType(ON_PYTEST_ASYNCIO)
    has_scopes = "loop_scope" in inspect.signature(fixture).parameters
    for number, loop in enumerate(LOOP_SCOPES if has_scopes else ()):
        name = f"_asgi_client_on_asyncio_{loop}"
        setattr(made, name, fixture(_new_client(), loop_scope=loop, name=name))
        if number >= LOOP_SCOPES.index(scope):
            name = f"_asgi_running_on_asyncio_{loop}"
            setattr(made, name, fixture(_new_running(), loop_scope=loop, scope=scope, name=name))
    return made
