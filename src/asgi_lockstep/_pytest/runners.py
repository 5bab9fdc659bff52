"""Which runner of async tests a test has: its fixtures are entered and left on the loop that it makes."""

from __future__ import annotations

import asyncio
import inspect
import re
from contextlib import suppress
from typing import Any, Final

import pytest

from _asgi_lockstep_plugin import LOOP_SCOPES, ON_PYTEST_ASYNCIO, scope_of_app

_NOT_ASYNC = "{name} is no async test: take asgi_client, the client for sync tests."
_NO_RUNNER = (
    "async_asgi_client needs to know who runs the event loop of {name}, and finds nobody that it knows. Mark the test "
    "with @pytest.mark.anyio (anyio's plugin) or @pytest.mark.asyncio (pytest-asyncio 0.24 or newer); for any other "
    "runner, write `async with AsyncTestClient(app) as client:` in the test."
)
_LOOP_IS_SHORTER = (
    "asgi_scope = {scope}: the app runs for several tests, and so on one event loop, but that of this test lives for "
    "the {loop}. Write @pytest.mark.asyncio(loop_scope={scope!r}), or asyncio_default_test_loop_scope = {scope} in the "
    "configuration."
)
_FIXTURE_IS_SHORTER = (
    "asgi_scope = {scope}: the app runs for several tests, and the fixture {name}, without which it does not run, "
    'lives for the {lives} only. Write @pytest.fixture(scope="{scope}") for {name}, or choose another asgi_scope.'
)

#: How pytest says it.
_MISMATCH: Final = re.compile(r"access the (?P<lives>\w+) scoped fixture (?P<name>\w+)")

#: What was wrong with a fixture once: asked for again, it would be wrong in ways that say less.
_REFUSED: Final = pytest.StashKey[dict[str, str]]()

_LOOP: Final = pytest.StashKey[asyncio.AbstractEventLoop]()


def note_loop(item: pytest.Item) -> None:
    """Note on which event loop the async client of a test is, if it is one of asyncio; called on that loop."""
    with suppress(RuntimeError):
        item.stash[_LOOP] = asyncio.get_running_loop()


def loop_of(item: pytest.Item) -> asyncio.AbstractEventLoop | None:
    """That loop, while the fixtures of the test are there."""
    return item.stash.get(_LOOP, None)


def for_several_tests(request: pytest.FixtureRequest, fixture: str) -> Any:
    """The value of a fixture that lives as long as the app.

    Raises:
        pytest.fail.Exception: something that it needs lives shorter; the text says what to write instead.
    """
    __tracebackhide__ = True
    refused = request.session.stash.setdefault(_REFUSED, {})
    if fixture not in refused:
        try:
            return request.getfixturevalue(fixture)
        except pytest.fail.Exception as exc:
            found = _MISMATCH.search(str(exc))
            if found is None:
                raise
            scope = scope_of_app("asgi_scope", request.config)
            refused[fixture] = _FIXTURE_IS_SHORTER.format(scope=scope, **found.groupdict())
    raise pytest.fail.Exception(refused[fixture], pytrace=False)


def client_of(request: pytest.FixtureRequest) -> str:
    """The name of the fixture that makes the async client of a test."""
    return f"_asgi_client_on_{_runner_of(request)}"


def running_of(request: pytest.FixtureRequest) -> str:
    """The name of the fixture from which that client is derived."""
    runner = _runner_of(request)
    loop, scope = runner.removeprefix("asyncio_"), scope_of_app("asgi_scope", request.config)
    if loop != runner and LOOP_SCOPES.index(loop) < LOOP_SCOPES.index(scope):
        raise pytest.fail.Exception(_LOOP_IS_SHORTER.format(scope=scope, loop=loop), pytrace=False)
    return f"_asgi_running_on_{runner}"


def _runner_of(request: pytest.FixtureRequest) -> str:
    """`"anyio"`, or `"asyncio_"` with the scope of the loop that pytest-asyncio makes."""
    if "anyio_backend" in request.fixturenames:
        return "anyio"
    marker, plugins = request.node.get_closest_marker("asyncio"), request.config.pluginmanager
    is_async = inspect.iscoroutinefunction(getattr(request.node, "function", None))
    if marker is not None and is_async:
        runner = f"asyncio_{_loop_scope(marker, request.config)}"
        if hasattr(plugins.get_plugin(ON_PYTEST_ASYNCIO), f"_asgi_client_on_{runner}"):
            return runner
    text = _NO_RUNNER if is_async else _NOT_ASYNC
    raise pytest.fail.Exception(text.format(name=request.node.name), pytrace=False)


def _loop_scope(marker: pytest.Mark, config: pytest.Config) -> Any:
    own = marker.kwargs.get("loop_scope") or marker.kwargs.get("scope")
    try:
        return own or config.getini("asyncio_default_test_loop_scope") or "function"
    except ValueError:  # before 0.26
        return "function"
