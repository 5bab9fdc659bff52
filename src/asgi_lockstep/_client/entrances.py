"""The methods that a test calls: what they raise shows the line of the test, the app, and nothing of what lies between.

Each gets a function around it that cuts the traceback of what comes out; an awaited one holds signals, too, since all
that it awaits is on the loop of the test. That function is in no traceback itself: a `raise` without an exception adds
no line for the function it stands in, and the one that was there has been cut.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from functools import wraps
from types import TracebackType
from typing import Any, TypeVar

from .._drivers.inspection.held_signals import SIGNALS
from .._drivers.inspection.tracebacks import called_by_tests, cut, is_called_by_library
from ..errors import BlockingCall, LockstepError, WebSocketDisconnect
from .handed_over import HandedOver
from .network_errors import RequestCutOff, ResponseCutOff, TruncatedResponse

T = TypeVar("T")

_OURS = (LockstepError, WebSocketDisconnect, BlockingCall, RequestCutOff, ResponseCutOff, TruncatedResponse)

#: The methods of httpx's clients that are `request()` with a name.
_NAMED = ("get", "options", "head", "post", "put", "patch", "delete", "query")

#: The methods of httpx's clients that lead to the app.
REQUESTS = ("request", "sse", *_NAMED)

#: The names of Python's own that a test calls by other means than their name.
_SYNTAX = frozenset(("__init__", "__enter__", "__exit__", "__iter__", "__aenter__", "__aexit__", "__aiter__"))


def entrances(*inherited: str) -> Callable[[type[T]], type[T]]:
    """Decorate a class whose methods are called by tests.

    Args:
        inherited: those methods of httpx that lead to the app, besides all that are ours; a name that this version of
            httpx does not have is passed over.
    """

    def decorate(cls: type[T]) -> type[T]:
        for name in {*_ours(cls), *inherited}:
            found = inspect.getattr_static(cls, name, None)
            entrance = _named_entrance(name, found) if found is not None and name in _NAMED else _entrance(found)
            if entrance is not found:
                setattr(cls, name, entrance)
        return cls

    return decorate


class Explains:
    """What a test calls, where it has more to say about what comes out of it than the exception itself."""

    def _explain(self, exception: BaseException) -> None:
        raise NotImplementedError


def on_its_way(exception: BaseException, owner: Any = None, *_: Any) -> None:
    """Cut the traceback of an exception that leaves an entrance, and have `owner` explain it, whose method that is."""
    if isinstance(exception, HandedOver):
        return  # it is for one of the outer ones, and in each handshake
    cut(exception, isinstance(exception, _OURS))
    if isinstance(owner, Explains):
        owner._explain(exception)


def _ours(cls: type) -> Iterator[str]:
    """The names of all that is public in what we have written of a class."""
    package = __name__.partition(".")[0]
    for base in cls.__mro__:
        if base.__module__.partition(".")[0] == package:
            yield from (name for name in vars(base) if name in _SYNTAX or not name.startswith("_"))


def _entrance(found: Any) -> Any:
    """The same with the function around it; what is no function stays as it is."""
    if isinstance(found, property):
        return property(_entrance(found.fget), found.fset, found.fdel, found.__doc__)
    if not inspect.isfunction(found):
        return found
    inner = inspect.unwrap(found)  # below `contextmanager`
    if inner is found:
        return _around(found)
    return _around_manager(found)


def _named_entrance(name: str, method: Any) -> Any:
    return (_around_named_coroutine if inspect.iscoroutinefunction(method) else _around_named)(name, method)


def _around(function: Any) -> Any:
    if inspect.iscoroutinefunction(function):
        return _around_coroutine(function)
    if inspect.isasyncgenfunction(function):
        return _around_async_generator(function)
    if inspect.isgeneratorfunction(function):
        return _around_generator(function)
    return _around_function(function)


def _around_function(function: Any) -> Any:
    @called_by_tests
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            return function(*args, **kwargs)
        except BaseException as exc:
            on_its_way(exc, *args)
            raise

    return call


def _around_named(name: str, method: Any) -> Any:
    """A method of httpx that hands all that it can be given to `request()`: it hands over what it was given.

    Two functions less on the way of each request. What httpx's method cannot be given that one refuses itself.
    """
    method_name, known = name.upper(), frozenset(method.__kwdefaults__)

    @called_by_tests
    @wraps(method)
    def call(self: Any, *url: Any, **said: Any) -> Any:
        __tracebackhide__ = True
        try:
            if len(url) == 1 and said.keys() <= known:
                return self.request(method_name, url[0], **said)
            return method(self, *url, **said)
        except BaseException as exc:
            on_its_way(exc, self)
            raise

    return call


def _around_named_coroutine(name: str, method: Any) -> Any:
    """The same of the async client."""
    method_name, known = name.upper(), frozenset(method.__kwdefaults__)

    @called_by_tests
    @wraps(method)
    async def call(self: Any, *url: Any, **said: Any) -> Any:
        __tracebackhide__ = True
        try:
            if len(url) == 1 and said.keys() <= known:
                return await self.request(method_name, url[0], **said)
            return await method(self, *url, **said)
        except BaseException as exc:
            on_its_way(exc, self)
            raise

    return call


def _around_coroutine(function: Any) -> Any:
    @called_by_tests
    @wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            SIGNALS.hold()
            return await function(*args, **kwargs)
        except BaseException as exc:
            on_its_way(exc, *args)
            raise
        finally:
            SIGNALS.release()

    return call


def _around_generator(function: Any) -> Any:
    @wraps(function)
    def iterate(*args: Any, **kwargs: Any) -> Any:
        generator = function(*args, **kwargs)
        return generator if is_called_by_library() else _steps(generator, *args)

    return iterate


@called_by_tests
def _steps(generator: Any, *args: Any) -> Any:
    __tracebackhide__ = True
    try:
        return (yield from generator)
    except BaseException as exc:
        on_its_way(exc, *args)
        raise


def _around_async_generator(function: Any) -> Any:
    @wraps(function)
    def iterate(*args: Any, **kwargs: Any) -> Any:
        generator = function(*args, **kwargs)
        return generator if is_called_by_library() else _AsyncSteps(generator, *args)

    return iterate


def _around_manager(function: Any) -> Any:
    @wraps(function)
    def enter(*args: Any, **kwargs: Any) -> Any:
        manager = function(*args, **kwargs)
        return _Block(manager) if isinstance(manager, AbstractContextManager) else _AsyncBlock(manager)

    return enter


class _AsyncSteps(AsyncGenerator[Any, Any]):
    """An async generator, with what is around its steps. It is none itself: one more would have to be closed, too."""

    def __init__(self, generator: AsyncGenerator[Any, Any], *args: Any) -> None:
        self._generator = generator
        self._args = args

    @called_by_tests
    async def __anext__(self) -> Any:
        __tracebackhide__ = True
        try:
            SIGNALS.hold()
            return await anext(self._generator)
        except BaseException as exc:
            on_its_way(exc, *self._args)
            raise
        finally:
            SIGNALS.release()

    async def asend(self, value: Any) -> Any:
        return await self._generator.asend(value)

    async def athrow(self, *exc_info: Any) -> Any:
        return await self._generator.athrow(*exc_info)

    async def aclose(self) -> None:
        await self._generator.aclose()


@entrances()
class _Block(AbstractContextManager[Any]):
    """What `contextmanager` has made of a generator, with what is around its two ends."""

    def __init__(self, manager: AbstractContextManager[Any]) -> None:
        self._manager = manager

    def __enter__(self) -> Any:
        return self._manager.__enter__()

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return self._manager.__exit__(exc_type, exc, traceback)


@entrances()
class _AsyncBlock(AbstractAsyncContextManager[Any]):
    """The same for `asynccontextmanager`."""

    def __init__(self, manager: AbstractAsyncContextManager[Any]) -> None:
        self._manager = manager

    async def __aenter__(self) -> Any:
        return await self._manager.__aenter__()

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return await self._manager.__aexit__(exc_type, exc, traceback)
