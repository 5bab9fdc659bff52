"""Request bodies that are made while they are sent: pulled piece by piece, when the app asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import cast

import httpx2


class SyncPull:
    """Gives the body of a request of the sync client.

    Args:
        request: whose body it is.
    """

    def __init__(self, request: httpx2.Request) -> None:
        self._request = request
        self._pieces: Iterator[bytes] | None = None

    def __call__(self) -> bytes | None:
        """The next piece, or None after the last one."""
        if self._pieces is None:
            self._pieces = iter(cast("httpx2.SyncByteStream", self._request.stream))
        return next(self._pieces, None)


class AsyncPull:
    """The twin of `SyncPull`; an async iterator has to be closed, too, while its loop still runs.

    Args:
        request: whose body it is.
    """

    def __init__(self, request: httpx2.Request) -> None:
        self._request = request
        self._pieces: AsyncIterator[bytes] | None = None

    async def __call__(self) -> bytes | None:
        """The next piece, or None after the last one."""
        if self._pieces is None:
            self._pieces = aiter(cast("httpx2.AsyncByteStream", self._request.stream))
        return await anext(self._pieces, None)

    async def aclose(self) -> None:
        """Nobody will ask for another piece."""
        close = getattr(self._pieces, "aclose", None)
        if close is not None:
            await close()
