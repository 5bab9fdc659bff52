"""The methods of an async client that a test calls: what they raise shows the line of the test, and the app.

Those of a sync client have `_client/entrances.py`, which holds signals in awaited ones; no loop of ours is turned here.
"""

from __future__ import annotations

from functools import wraps
from typing import Any, TypeVar

from ..._client.entrances import REQUESTS
from ..._drivers.inspection.tracebacks import called_by_tests, cut
from ...errors import LockstepError

T = TypeVar("T")


def async_entrances(cls: type[T]) -> type[T]:
    """Decorate an async client of httpx's."""
    for name in REQUESTS:
        method = getattr(cls, name, None)
        if method is not None and name != "sse":  # a block, whose two ends are not called by name
            setattr(cls, name, _around(method))
    return cls


def _around(method: Any) -> Any:
    @called_by_tests
    @wraps(method)
    async def call(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        try:
            return await method(*args, **kwargs)
        except BaseException as exc:
            cut(exc, isinstance(exc, LockstepError))
            raise

    return call
