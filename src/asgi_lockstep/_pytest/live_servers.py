"""The app of the fixtures on a real socket (`--asgi-live`), and which tests that cannot be."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pytest

from .._client.async_client import AsyncTestClient
from .._client.http.response import LockstepResponse
from .._client.sync_client import TestClient
from .._client.websocket.async_session import AsyncWebSocketTestSession
from .._client.websocket.session import WebSocketTestSession
from .._httpx import httpx
from ..live import AsyncLiveClient, AsyncLiveWebSocketSession, LiveClient, LiveServer, LiveWebSocketSession
from .markers import marked_options, may_be_live

#: What a test gets under a server, and what it gets in lockstep.
_TWINS: Final[Mapping[type, type]] = {
    LiveClient: TestClient,
    AsyncLiveClient: AsyncTestClient,
    LiveWebSocketSession: WebSocketTestSession,
    AsyncLiveWebSocketSession: AsyncWebSocketTestSession,
    httpx.Response: LockstepResponse,
}

#: The fixtures that are about an app.
FIXTURES: Final = frozenset(("asgi_client", "async_asgi_client"))

#: What a server can be told as well, or does not feel: where an app runs, and who raises what it raises.
_FOR_SERVERS: Final = frozenset(("driver", "lifespan", "raise_server_exceptions", "timeout"))

#: What is so on every server.
_AS_SERVERS_DO: Final[Mapping[str, tuple[Any, ...]]] = {
    "backend": ("asyncio",),
    "clock": ("real",),
    "rules": ("servers", "off"),
    "vary": (None, False),
}


def server_of(config: pytest.Config) -> Any:
    """The name of the server; None without `--asgi-live`."""
    return config.getoption("asgi_live")


@contextmanager
def live_server(config: pytest.Config, app: Any, lifespan: Any = "auto") -> Iterator[LiveServer]:
    """The server of this run, with `app`."""
    with LiveServer(app, server_of(config), lifespan=lifespan) as server:
        yield server


def skip_what_needs_lockstep(items: Iterable[pytest.Item]) -> None:
    """Have the tests skipped whose marker asks for what no server has."""
    for item in items:
        if FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            continue
        needs = [*_needs(marked_options(item), server_of(item.config))]
        if needs:
            item.add_marker(pytest.mark.skip(reason=_reason(item.config, f"only lockstep has {', '.join(needs)}")))
        elif not may_be_live(item):
            item.add_marker(pytest.mark.skip(reason=_reason(item.config, "the marker of the test says live=False")))


def skip_if_lockstep_is_missed(config: pytest.Config, failure: AttributeError) -> None:
    """Have a test skipped that has asked a client, session or response for what only those of lockstep have."""
    of_lockstep = next((twin for kind, twin in _TWINS.items() if isinstance(failure.obj, kind)), None)
    if of_lockstep is not None and failure.name is not None and _has(of_lockstep, failure.name):
        missed = f"{type(failure.obj).__name__} has no {failure.name}, only {of_lockstep.__name__} has"
        raise pytest.skip.Exception(_reason(config, missed)) from None


def _has(cls: type, name: str) -> bool:
    """Whether the objects of a class have an attribute: a method, or one that is set when they are made."""
    return hasattr(cls, name) or any(name in inspect.get_annotations(base) for base in cls.__mro__)


def _reason(config: pytest.Config, why: str) -> str:
    return f"--asgi-live={server_of(config)}: {why}"


def check_options(config: pytest.Config) -> None:
    """Refuse what a run under a server cannot do.

    Raises:
        pytest.UsageError: it was asked for, too.
    """
    for name in ("rules", "vary"):
        if config.getoption(f"asgi_{name}") is not None:
            raise pytest.UsageError(f"--asgi-{name} is about apps in lockstep: leave it out, or --asgi-live.")


def _needs(options: Mapping[str, Any], server: str) -> Iterator[str]:
    for name, value in options.items():
        usual = (server,) if name == "server" else _AS_SERVERS_DO.get(name, ())
        if name not in _FOR_SERVERS and value not in usual:
            yield f"{name}={value!r}"
