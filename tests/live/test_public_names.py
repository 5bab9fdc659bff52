"""What people import from `asgi_lockstep.live`: where it says that it is from, its texts, examples and twins."""

from __future__ import annotations

import doctest
import inspect
import pickle
from typing import Any

import pytest

from asgi_lockstep import LockstepError, live
from asgi_lockstep.live import (
    AppFailed,
    AsyncLiveClient,
    AsyncLiveWebSocketSession,
    LiveClient,
    LiveServer,
    LiveWebSocketSession,
    ServerFailed,
    ServerTimedOut,
)

#: One of each, made of its fields, with its whole text.
TEXTS: list[tuple[LockstepError, str]] = [
    (
        AppFailed("GET /x", "granian", "ValueError: no", "Traceback (most recent call last):\nValueError: no"),
        "the app failed in GET /x, in the child process of granian: ValueError: no\n"
        "Traceback (most recent call last):\n"
        "ValueError: no",
    ),
    (
        ServerFailed("uvicorn", "has ended by itself", ["INFO: one", "INFO: two"]),
        "uvicorn does not serve the app: it has ended by itself.\nThe last lines of its log:\n  INFO: one\n  INFO: two",
    ),
    (ServerFailed("uvicorn", "has ended by itself"), "uvicorn does not serve the app: it has ended by itself."),
    (
        ServerTimedOut("granian", "stop", 10, ["GET /x, at app.py:3 in main: await queue.get()"], ["INFO: one"]),
        "granian has not stopped within 10 seconds; it was cut off.\n"
        "What the app does:\n"
        "  GET /x, at app.py:3 in main: await queue.get()\n"
        "The last lines of its log:\n"
        "  INFO: one\n"
        "End that, or give it longer: LiveServer(..., timeout=20).",
    ),
    (ServerTimedOut("granian", "start", 0.5, [], []), "granian has not started within 0.5 seconds; it was cut off."),
]


@pytest.mark.parametrize(("exception", "text"), TEXTS, ids=lambda value: type(value).__name__)
def test_an_exception_makes_its_text_of_its_fields(exception: LockstepError, text: str) -> None:
    """And survives its pickling."""
    assert str(exception) == text
    other = pickle.loads(pickle.dumps(exception))
    assert (type(other), str(other), vars(other)) == (type(exception), text, vars(exception))


@pytest.mark.parametrize("name", live.__all__)
def test_a_public_name_has_a_public_module(name: str) -> None:
    """Under which tracebacks show it, and pickle looks for it."""
    public = getattr(live, name)
    assert public.__module__ == "asgi_lockstep.live"
    assert pickle.loads(pickle.dumps(public)) is public


def test_public_names_are_listed() -> None:
    """`__all__` is sorted, and nothing else is public in the module."""
    public = {name for name, value in vars(live).items() if not name.startswith("_") and not inspect.ismodule(value)}
    assert [*live.__all__] == sorted(public - {"annotations"})


@pytest.mark.parametrize("name", live.__all__)
def test_the_examples_run(name: str) -> None:
    """As they stand there."""
    for example in doctest.DocTestFinder().find(getattr(live, name), module=False):
        assert doctest.DocTestRunner().run(example).failed == 0


def surface(cls: type) -> dict[str, Any]:
    """The public names that are ours, with names and defaults of what they take."""
    ours = [base for base in cls.__mro__ if base.__module__.startswith("asgi_lockstep")]
    names = {name for base in ours for name in vars(base) if not name.startswith("_")}
    found = {name: inspect.getattr_static(cls, name) for name in names}
    return {name: parameters(value) if inspect.isfunction(value) else None for name, value in found.items()}


def parameters(function: Any) -> list[tuple[str, object]]:
    """Names and defaults."""
    return [(parameter.name, parameter.default) for parameter in inspect.signature(function).parameters.values()]


def test_the_sync_and_the_async_classes_have_the_same_surface() -> None:
    """Names, parameters and defaults; and the constructors of the clients as well."""
    assert surface(LiveWebSocketSession) == surface(AsyncLiveWebSocketSession)
    own = {"websocket_connect", "raise_server_exceptions"}
    assert own <= surface(LiveClient).keys() & surface(AsyncLiveClient).keys()
    assert parameters(LiveClient.websocket_connect) == parameters(AsyncLiveClient.websocket_connect)
    assert parameters(LiveClient) == parameters(AsyncLiveClient)


def test_the_sessions_are_those_of_the_test_client_as_far_as_a_network_has_them() -> None:
    """What they lack looks into an app that rests."""
    from asgi_lockstep import WebSocketTestSession

    lacking = surface(WebSocketTestSession).keys() - surface(LiveWebSocketSession).keys()
    assert lacking == {"expect_nothing", "pending", "portal", "receive_nowait", "scope"}


def test_what_there_is_to_use_is_documented() -> None:
    """With a docstring for each public method."""
    for cls in (LiveServer, LiveWebSocketSession, AsyncLiveWebSocketSession):
        names = [name for name in vars(cls) if not name.startswith("_")]
        assert [name for name in names if not inspect.getdoc(inspect.getattr_static(cls, name))] == []
