"""The clients of the fixtures: around the app of one test, or derived from a client that is there for several."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import pytest

from _asgi_lockstep_plugin import scope_of_app

from .._client.async_client import AsyncTestClient
from .._client.sync_client import TestClient
from .app_state import restored
from .apps import checked_app
from .live_servers import live_server, server_of
from .markers import USUAL, marked_options, options_of, options_of_run
from .runners import client_of, for_several_tests, note_loop, running_of
from .shared_apps import SharedApp, shared

#: What a client can have for itself, whatever the one is like that it was derived from.
_OF_EACH: Final = frozenset(("raise_server_exceptions", "timeout"))

#: What only the loop of a client of its own can be.
_OF_LOOPS: Final = ("backend", "driver")


def running(config: pytest.Config, app: Any) -> Iterator[Any]:
    """What runs the app for several tests: an entered client, or a server."""
    __tracebackhide__ = True
    app = checked_app(app)
    if server_of(config):
        with live_server(config, app) as server:
            yield server
    else:
        with restored(app), TestClient(app, **options_of_run(config)) as entered, shared(config, app, entered) as made:
            yield made


@asynccontextmanager
async def async_running(config: pytest.Config, app: Any) -> AsyncIterator[SharedApp]:
    """An entered client for several async tests."""
    __tracebackhide__ = True
    with restored(app):
        async with AsyncTestClient(app, **_of_async_clients(options_of_run(config))) as entered:
            with shared(config, app, entered) as made:
                yield made


def client(request: pytest.FixtureRequest, app: Any) -> Iterator[Any]:
    """The client of one test."""
    __tracebackhide__ = True
    app = checked_app(app)
    if server_of(request.config):
        with _server(request) as server, restored(app), server.client(**_of_each(options_of(request.node))) as made:
            yield made
    elif _is_derived(request):
        origin: SharedApp = for_several_tests(request, "_asgi_running")
        own = _of_each(options_of(request.node))
        with origin.as_it_was(request.config), origin.client.derive(**own) as entered:
            yield entered
    else:
        with restored(app), TestClient(app, **options_of(request.node)) as entered:
            yield entered


@asynccontextmanager
async def async_client(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """The same for an async test; what it needs of other fixtures has been set up before."""
    __tracebackhide__ = True
    note_loop(request.node)
    app = request.getfixturevalue("asgi_app")
    if server_of(request.config):
        with _server(request) as server, restored(app):
            async with server.async_client(**_of_each(options_of(request.node))) as made:
                yield made
    elif _is_derived(request):
        origin: SharedApp = request.getfixturevalue(running_of(request))
        with origin.as_it_was(request.config):
            async with origin.client.derive(**_of_each(options_of(request.node))) as entered:
                yield entered
    else:
        with restored(app):
            async with AsyncTestClient(app, **_of_async_clients(options_of(request.node))) as entered:
                yield entered


def async_client_of(request: pytest.FixtureRequest, app: Any) -> Any:
    """The client of one async test, entered by the runner of the test.

    What it needs is set up before, while no event loop runs: the app may be an async fixture.

    Raises:
        pytest.fail.Exception: the marker of the test asks for what an async client has not.
    """
    __tracebackhide__ = True
    client = client_of(request)
    said = [name for name in _OF_LOOPS if name in marked_options(request.node)]
    if said:
        text = (
            f"@pytest.mark.asgi({said[0]}=...) is for asgi_client: the app of async_asgi_client runs on the event loop "
            "of the test, which its runner makes."
        )
        raise pytest.fail.Exception(text, pytrace=False)
    checked_app(app)
    if not server_of(request.config) and _is_derived(request):
        for_several_tests(request, running_of(request))
    elif server_of(request.config) and _lifespan_of(request) == "auto":
        for_several_tests(request, "_asgi_running")
    return request.getfixturevalue(client)


def _is_derived(request: pytest.FixtureRequest) -> bool:
    """Whether the client of a test is another user of an app that runs for several: unless it has to be different.

    What varies is counted by a client, so that only one of its own can repeat it.
    """
    of_run, own = options_of_run(request.config), options_of(request.node)
    if scope_of_app("asgi_scope", request.config) == "function" or own.get("vary") is not None:
        return False
    return {**USUAL, **of_run} == {name: value for name, value in {**USUAL, **own}.items() if name not in _OF_EACH}


@contextmanager
def _server(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The server of several tests, or one of its own."""
    if _lifespan_of(request) == "auto":
        yield for_several_tests(request, "_asgi_running")
    else:
        with live_server(request.config, request.getfixturevalue("asgi_app"), _lifespan_of(request)) as server:
            yield server


def _lifespan_of(request: pytest.FixtureRequest) -> Any:
    return options_of(request.node).get("lifespan", "auto")


def _of_each(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name in _OF_EACH}


def _of_async_clients(options: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the run says of loops, which async tests have already."""
    return {name: value for name, value in options.items() if name not in _OF_LOOPS}
