"""The headers of requests: merged and encoded as httpx does it, and remembered."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, ClassVar

from ..._httpx import httpx
from ..._protocol.header_rules import header_of_more_lines
from .remembered import remember, texts_of

Pairs = list[tuple[bytes, bytes]]

#: How many are remembered, and for how many kinds of clients.
_AT_MOST, _CLIENTS = 256, 64

#: A request that has one of these itself is put together by httpx: what else there has to be depends on them.
_DECISIVE = frozenset((b"host", b"content-length", b"transfer-encoding"))


class HeaderLines:
    """Lines of a request, as they are sent and as a scope has them.

    Args:
        raw: names and values, as they are sent.
        lower: the same with lower-cased names.
        remembers: whether they are kept, and what becomes of them, too.
    """

    __slots__ = ("known", "lower", "raw")

    def __init__(self, raw: Pairs, lower: Pairs, *, remembers: bool = False) -> None:
        self.raw = raw
        self.lower = lower
        #: What becomes of them in a whole request, for whoever puts that together; None where it is not remembered.
        self.known: dict[Hashable, HeaderLines] | None = {} if remembers else None

    @classmethod
    def of(cls, raw: Pairs, *, remembers: bool = False) -> HeaderLines:
        """The lines that are sent as `raw`."""
        # Blanks around a value are no part of it (RFC 9110 section 5.5).
        return cls(raw, [(name.lower(), value.strip(b" \t")) for name, value in raw], remembers=remembers)

    def has(self, name: bytes) -> bool:
        """Whether one of them has that name, in lower case."""
        return any(other == name for other, _ in self.lower)

    @property
    def are_usual(self) -> bool:
        """Whether each is one line, and none says how the request has to be put together."""
        return header_of_more_lines(self.raw) is None and not any(name in _DECISIVE for name, _ in self.lower)

    def with_line(self, name: str, value: str) -> HeaderLines:
        """These with one that takes the place of another of its name, or follows them all, as `Headers` does it."""
        headers = httpx.Headers(self.raw)
        headers[name] = value
        return HeaderLines.of(headers.raw)


class MergedHeaders:
    """The headers of one client with those of a request, as long as the first stay as they are; clients share them."""

    _of_all: ClassVar[dict[Hashable, dict[Hashable, HeaderLines | None]]] = {}

    def __init__(self) -> None:
        #: The headers of the client, and what was remembered beside them: in one, as other threads may change them.
        self._at: tuple[Pairs, dict[Hashable, HeaderLines | None]] = [], {}

    def of(self, client: Any, own: Any) -> HeaderLines | None:
        """What httpx makes of both; None if they are not usual.

        Args:
            own: the headers of the request.

        Raises:
            Exception: what httpx raises where they make no sense.
        """
        of_client = client.headers.raw
        before, known = self._at
        if of_client != before:
            known = self._looked_up(of_client)
        key = () if own is None else texts_of(own)
        try:
            return known[key]
        except KeyError:
            pass
        merged = httpx.Headers(of_client)
        merged.update(own)
        lines = HeaderLines.of(merged.raw, remembers=key is not None)
        found = lines if lines.are_usual else None
        if key is not None:
            remember(known, key, found, _AT_MOST)
        return found

    def _looked_up(self, of_client: Pairs) -> dict[Hashable, HeaderLines | None]:
        known = remember(self._of_all, tuple(of_client), {}, _CLIENTS)
        self._at = of_client, known
        return known
