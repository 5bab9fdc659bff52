"""The async client for tests that are written once, for both clients: every method waits for its twin.

A test calls `client.get(...)`, `response.read()`, `with client.stream(...)`, `exchange.response`. Here each of those is
carried out by an `AsyncTestClient` on a loop in another thread.
"""

from __future__ import annotations

import inspect
from collections.abc import Generator, Iterator
from types import TracebackType
from typing import Any

import anyio
import httpx2
from anyio.from_thread import BlockingPortal

from asgi_lockstep import AsyncDuplexExchange, AsyncWebSocketTestSession

#: The names of httpx2's response methods, sync -> async.
_ASYNC_NAMES = {"read": "aread", "close": "aclose"} | {
    f"iter_{kind}": f"aiter_{kind}" for kind in ("raw", "bytes", "text", "lines")
}

_WRAPPED = (httpx2.AsyncClient, AsyncWebSocketTestSession, AsyncDuplexExchange, httpx2.Response, httpx2.EventSource)

#: The iterations that are not closed; an async iterator must be closed while its loop still runs.
ITERATIONS: list[Generator[Any]] = []


class Blocking:
    """An async object whose methods block.

    Args:
        portal: the way to its loop.
        target: the object.
    """

    def __init__(self, portal: BlockingPortal, target: Any) -> None:
        self.__dict__.update(_portal=portal, _target=target)

    def __repr__(self) -> str:
        return f"<blocking {self._target!r}>"

    def __getattr__(self, name: str) -> Any:
        if isinstance(self._target, (httpx2.Response, httpx2.AsyncClient)):
            name = _ASYNC_NAMES.get(name, name)
        value = getattr(self._target, name)
        if inspect.ismethod(value):
            return lambda *args, **kwargs: self._wrap(self._call(value, args, kwargs))
        if inspect.iscoroutine(value):  # a property that is awaited
            return self._wrap(self._call(lambda: value, (), {}))
        return self._wrap(value)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._target, name, value)

    def _call(self, method: Any, args: Any, kwargs: Any) -> Any:
        # What is no `Exception`, an outcome of pytest for one, must not reach the portal: it would end with its loop,
        # and whether its own last call still runs there is a matter of luck.
        raised: list[BaseException] = []

        async def call() -> Any:
            try:
                result = method(*args, **kwargs)
                return await result if inspect.isawaitable(result) else result
            except anyio.get_cancelled_exc_class():
                raise
            except BaseException as exc:
                raised.append(exc)

        result = self._portal.call(call)
        if raised:
            raise raised.pop()
        return result

    def _wrap(self, value: Any) -> Any:
        if isinstance(value, _WRAPPED):
            return Blocking(self._portal, value)
        if isinstance(value, httpx2.AsyncBaseTransport):
            return value
        if hasattr(value, "__aenter__"):
            return _Entering(self._portal, value)
        if hasattr(value, "__anext__"):
            return self._iterate(value)
        return value

    def _iterate(self, iterator: Any) -> Iterator[Any]:
        iteration = self._iteration(iterator)
        ITERATIONS.append(iteration)
        return iteration

    def _iteration(self, iterator: Any) -> Generator[Any]:
        try:
            while True:
                try:
                    yield self._call(iterator.__anext__, (), {})
                except StopAsyncIteration:
                    return
        finally:
            if hasattr(iterator, "aclose"):
                self._call(iterator.aclose, (), {})

    def __iter__(self) -> Iterator[Any]:
        return self._iterate(self._target.__aiter__())

    def __enter__(self) -> Any:
        # Enter and exit are two calls of the portal, and so two tasks: what fixtures do.
        return self._wrap(self._call(self._target.__aenter__, (), {}))

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> Any:
        return self._call(self._target.__aexit__, (exc_type, exc, traceback), {})


class _Entering:
    """An async context manager of httpx2 (`stream`, `sse`), entered and left in one task as such must be."""

    def __init__(self, portal: BlockingPortal, manager: Any) -> None:
        self._portal = portal
        self._manager = portal.wrap_async_context_manager(manager)

    def __enter__(self) -> Any:
        return Blocking(self._portal, None)._wrap(self._manager.__enter__())

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> Any:
        return self._manager.__exit__(exc_type, exc, traceback)
