"""Request bodies that are made while they are sent: pulled piece by piece, when the app asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import cast

from ..._httpx import httpx


def piece_of_body(piece: bytes) -> bytes:
    """`piece`, if a request body can have it.

    Raises:
        TypeError: it is not made of bytes; what to write instead stands in the text.
    """
    __tracebackhide__ = True
    if isinstance(piece, (bytes, bytearray, memoryview)):
        return bytes(piece)
    instead = "encode it first" if isinstance(piece, str) else "make bytes of it first"
    raise TypeError(f"A piece of a request body has to be bytes, and this one is {piece!r}: {instead}.")


class SyncPull:
    """Gives the body of a request of the sync client.

    Args:
        request: whose body it is.
    """

    def __init__(self, request: httpx.Request) -> None:
        self._request = request
        self._pieces: Iterator[bytes] | None = None

    def __call__(self) -> bytes | None:
        """The next piece, or None after the last one."""
        if self._pieces is None:
            self._pieces = iter(cast("httpx.SyncByteStream", self._request.stream))
        piece = next(self._pieces, None)
        return None if piece is None else piece_of_body(piece)


class AsyncPull:
    """The twin of `SyncPull`; an async iterator has to be closed, too, while its loop still runs.

    Args:
        request: whose body it is.
    """

    def __init__(self, request: httpx.Request) -> None:
        self._request = request
        self._pieces: AsyncIterator[bytes] | None = None

    async def __call__(self) -> bytes | None:
        """The next piece, or None after the last one."""
        if self._pieces is None:
            self._pieces = aiter(cast("httpx.AsyncByteStream", self._request.stream))
        piece = await anext(self._pieces, None)
        return None if piece is None else piece_of_body(piece)

    async def aclose(self) -> None:
        """Nobody will ask for another piece."""
        close = getattr(self._pieces, "aclose", None)
        if close is not None:
            await close()
