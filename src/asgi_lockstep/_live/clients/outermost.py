"""The methods that an async test calls: what they raise shows the line of the test, and the app.

Those of sync classes have `_client/entrances.py`, which holds signals in awaited ones; no loop of ours is turned here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from ..._client.entrances import on_its_way
from ..._drivers.inspection.tracebacks import called_by_tests

T = TypeVar("T")

_BLOCK = ("__aenter__", "__aexit__")


def async_entrances(*inherited: str) -> Callable[[type[T]], type[T]]:
    """Decorate an async class whose awaited methods are called by tests.

    Args:
        inherited: those methods of httpx that lead to the app, besides all that are ours; what this version of httpx
            does not have, or does not await, is passed over.
    """

    def decorate(cls: type[T]) -> type[T]:
        ours = [name for name in vars(cls) if name in _BLOCK or not name.startswith("_")]
        for name in {*ours, *inherited}:
            method = getattr(cls, name, None)
            if inspect.iscoroutinefunction(method):
                setattr(cls, name, _around(method))
        return cls

    return decorate


def _around(method: Any) -> Any:
    @called_by_tests
    @wraps(method)
    async def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            return await method(*args, **kwargs)
        except BaseException as exc:
            on_its_way(exc, *args)
            raise

    return call
