"""The names that users see: all listed, and the same on both clients."""

from __future__ import annotations

import inspect

import asgi_lockstep
from asgi_lockstep import AsyncTestClient, AsyncWebSocketTestSession, TestClient, WebSocketTestSession


def test_public_names_are_listed() -> None:
    """`__all__` is sorted, complete, and nothing else is public in the package."""
    listed = asgi_lockstep.__all__
    assert list(listed) == sorted(listed)
    public = {
        name
        for name, value in vars(asgi_lockstep).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name != "annotations"
    }
    assert public == set(listed)


def public_names(cls: type, base: type) -> dict[str, inspect.Signature | None]:
    """The public names that `cls` adds to `base` or defines anew, with their signatures."""
    names = {
        name
        for parent in cls.__mro__
        if parent.__module__.startswith("asgi_lockstep")
        for name in vars(parent)
        if not name.startswith("_") and name != "Any"
    }
    return {
        name: inspect.signature(getattr(cls, name)) if callable(getattr(cls, name, None)) else None for name in names
    }


#: What only the sync client has: its loop is its own, and can be chosen and reached.
ONLY_SYNC = {"portal", "task", "exit_stack", "run"}


def parameters(signature: inspect.Signature | None) -> list[tuple[str, object]] | None:
    """Names and defaults."""
    if signature is None:
        return None
    return [(parameter.name, parameter.default) for parameter in signature.parameters.values()]


def test_the_sync_and_the_async_client_have_the_same_surface() -> None:
    """Names, parameters and defaults."""
    sync, aio = public_names(TestClient, object), public_names(AsyncTestClient, object)
    assert set(sync) - ONLY_SYNC == set(aio)
    for name in aio:
        assert parameters(sync[name]) == parameters(aio[name]), name


def test_the_constructors_differ_only_in_the_loop() -> None:
    """The async client runs on the loop that runs already, so it has no options for one."""
    only_sync = {"backend", "backend_options", "driver"}
    sync = [item for item in parameters(inspect.signature(TestClient)) or () if item[0] not in only_sync]
    assert sync == parameters(inspect.signature(AsyncTestClient))


def test_the_sessions_have_the_same_surface() -> None:
    """Names, parameters and defaults."""
    sync, aio = public_names(WebSocketTestSession, object), public_names(AsyncWebSocketTestSession, object)
    assert set(sync) - {"portal"} == set(aio)
    for name in aio:
        assert parameters(sync[name]) == parameters(aio[name]), name


def test_the_constructor_has_the_order_of_todays_client() -> None:
    """Code passes these by position."""
    names = [name for name, _ in parameters(inspect.signature(TestClient)) or ()]
    assert names[:10] == [
        "app",
        "base_url",
        "raise_server_exceptions",
        "root_path",
        "backend",
        "backend_options",
        "cookies",
        "headers",
        "follow_redirects",
        "client",
    ]
