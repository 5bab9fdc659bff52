"""A sync client in the clothes of the async one: what is awaited has happened at once.

So a scenario that is written for an `AsyncTestClient` runs from its beginning to its end without a loop of its own.
The functions here hide from tracebacks, and so from the library when it names the line of the test that waits.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Generator, Mapping
from functools import partial
from types import TracebackType
from typing import Any

import httpx2

from asgi_lockstep import (
    AsyncDuplexExchange,
    AsyncTestClient,
    AsyncWebSocketTestSession,
    DuplexExchange,
    TestClient,
    WebSocketTestSession,
)
from asgi_lockstep._client.http.response import AsyncLockstepResponse

#: The sync classes, and the async ones in whose clothes they are.
_TWINS: Mapping[type, type] = {
    TestClient: AsyncTestClient,
    WebSocketTestSession: AsyncWebSocketTestSession,
    DuplexExchange: AsyncDuplexExchange,
    httpx2.Response: AsyncLockstepResponse,
}

#: The names of httpx2 for the async twins of sync methods.
_SYNC_NAMES = {"aread": "read", "aclose": "close"} | {
    f"aiter_{kind}": f"iter_{kind}" for kind in ("raw", "bytes", "text", "lines")
}


def at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns that awaits nothing but clothed objects."""
    __tracebackhide__ = True
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("the scenario awaits something that is no part of the client")


class Clothed:
    """A sync object with the interface of its async twin; what is awaited has happened at once.

    Args:
        target: the client, a session, an exchange or a response.
    """

    def __init__(self, target: Any) -> None:
        self._target = target
        self._twin = next(twin for kind, twin in _TWINS.items() if isinstance(target, kind))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._target!r}>"

    def __getattr__(self, name: str) -> Any:
        __tracebackhide__ = True
        static = inspect.getattr_static(self._twin, name, None)  # None: an attribute of the object
        if isinstance(static, property):
            is_awaited = inspect.iscoroutinefunction(static.fget)
            return _call(getattr, self._target, name) if is_awaited else _clothed(getattr(self._target, name))
        value = getattr(self._target, _SYNC_NAMES.get(name, name))
        if inspect.iscoroutinefunction(static):
            return partial(_call, value)
        if callable(static):
            return partial(_call_at_once, value)
        return value

    async def __aenter__(self) -> Any:
        __tracebackhide__ = True
        return _clothed(self._target.__enter__())

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> Any:
        __tracebackhide__ = True
        return self._target.__exit__(exc_type, exc, traceback)

    def __aiter__(self) -> Iterating:
        return Iterating(_pieces(self._target))


class Entering:
    """A sync context manager as an async one.

    Args:
        manager: what `client.stream()` returns.
    """

    def __init__(self, manager: Any) -> None:
        self._manager = manager

    async def __aenter__(self) -> Any:
        __tracebackhide__ = True
        return _clothed(self._manager.__enter__())

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> Any:
        __tracebackhide__ = True
        return self._manager.__exit__(exc_type, exc, traceback)


class Iterating:
    """A sync iterator as an async one.

    Args:
        iterator: gives what is iterated.
    """

    def __init__(self, iterator: Generator[Any]) -> None:
        self._iterator = iterator

    def __aiter__(self) -> Iterating:
        return self

    async def __anext__(self) -> Any:
        __tracebackhide__ = True
        try:
            return next(self._iterator)
        except StopIteration:
            raise StopAsyncIteration from None

    async def aclose(self) -> None:
        """Of generators, which are all that is iterated."""
        __tracebackhide__ = True
        self._iterator.close()


async def _call(method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    __tracebackhide__ = True
    return _clothed(method(*args, **kwargs))


def _call_at_once(method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    __tracebackhide__ = True
    return _clothed(method(*args, **kwargs))


def _pieces(target: Any) -> Generator[Any]:
    __tracebackhide__ = True
    yield from target


def _clothed(value: Any) -> Any:
    """`value` as its async twin, if it has one."""
    if isinstance(value, tuple(_TWINS)):
        return Clothed(value)
    if isinstance(value, Generator):
        return Iterating(value)
    if hasattr(value, "__enter__"):
        return Entering(value)
    return value
