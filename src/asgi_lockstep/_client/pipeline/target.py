"""What the URL of a request comes to: taken apart once, and remembered."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, ClassVar

from ..._httpx import httpx
from ..._protocol.scope import path_of
from ...errors import UsageError
from .remembered import remember, texts_of

HTTP_SCHEMES = ("http", "https")
WEBSOCKET_SCHEMES = ("ws", "wss")

_OF_WEBSOCKETS = {"http": "ws", "https": "wss"}

#: How many are remembered, and for how many base URLs: more than a suite has of those that it asks for again and again.
_AT_MOST, _BASE_URLS = 1024, 64


class Target:
    """Where a request goes; each is itself, and the key of what is remembered of it.

    Its parts are those of a scope. `server` has None for the port of the scheme, `host` is what a `Host` header says.

    Args:
        url: the URL, in full.
    """

    __slots__ = ("has_userinfo", "host", "is_of_websocket", "path", "query", "raw_path", "scheme", "server", "url")

    def __init__(self, url: httpx.URL) -> None:
        self.url = url
        self.scheme = url.scheme
        self.path, self.raw_path, self.query = parts_of(url.raw_path)
        self.server = url.raw_host.decode("ascii"), url.port
        self.host = url.netloc
        self.has_userinfo = bool(url.userinfo)
        self.is_of_websocket = url.scheme in WEBSOCKET_SCHEMES


def parts_of(raw_target: bytes) -> tuple[str, bytes, bytes]:
    """The path as a scope has it, the path as it is sent, and the query of what stands in a request line."""
    raw_path, _, query = raw_target.partition(b"?")
    return path_of(raw_path), raw_path, query


def target_of(url: httpx.URL) -> Target:
    """The target that `url` says.

    Raises:
        UsageError: it is none that an ASGI app could be reached at.
    """
    if not url.host or url.scheme not in (*HTTP_SCHEMES, *WEBSOCKET_SCHEMES):
        raise UsageError(
            f"The URL {str(url)!r} has no host or scheme that an ASGI app could be reached at. Give the client a "
            f'base_url, for example base_url="http://testserver", or write the URL in full.'
        )
    return Target(url)


class Targets:
    """The targets of one client, as long as its base URL stays as it is; clients of the same one share them."""

    _of_all: ClassVar[dict[str, dict[Hashable, Any]]] = {}

    def __init__(self) -> None:
        #: The base URL, and what was remembered below it: in one, as other threads may change them.
        self._at: tuple[httpx.URL | None, dict[Hashable, Any]] = None, {}

    def of(self, client: Any, url: str | httpx.URL, params: Any) -> Target:
        """The target of a request of `client`, as httpx merges it.

        Args:
            url: what the request was given, relative or in full.
            params: its parameters, which are merged with those of the client.

        Raises:
            UsageError: as `target_of()`.
            Exception: what httpx raises where a value makes no sense.
        """
        base_url, known = self._at
        if client.base_url is not base_url:
            known = self._looked_up(client.base_url)
        of_client = client.params
        key = url if params is None and not of_client and type(url) is str else _key(url, params, of_client)
        found: Target | None = known.get(key)
        if found is not None:
            return found
        target = target_of(client.build_request("GET", url, params=params).url)
        return target if key is None else remember(known, key, target, _AT_MOST)

    def websocket_url(self, base_url: httpx.URL, url: str | httpx.URL) -> httpx.URL:
        """`url` merged with `base_url` as any request is, with the scheme of a websocket."""
        before, known = self._at
        if base_url is not before:
            known = self._looked_up(base_url)
        key = "websocket", str(url)
        found: httpx.URL | None = known.get(key)
        if found is not None:
            return found
        merged: httpx.URL = remember(known, key, _websocket_url(base_url, url), _AT_MOST)
        return merged

    def _looked_up(self, base_url: httpx.URL) -> dict[Hashable, Any]:
        known = remember(self._of_all, str(base_url), {}, _BASE_URLS)
        self._at = base_url, known
        return known


def _websocket_url(base_url: httpx.URL, url: str | httpx.URL) -> httpx.URL:
    merged = httpx.URL(url)
    if merged.is_relative_url:
        merged = base_url.copy_with(raw_path=base_url.raw_path + merged.raw_path.lstrip(b"/"))
    return merged.copy_with(scheme=_OF_WEBSOCKETS.get(merged.scheme, merged.scheme))


def _key(url: str | httpx.URL, params: Any, of_client: httpx.QueryParams) -> Hashable:
    """By what a target is remembered; None if it is not.

    No parameters are not the same as none of them given: httpx takes those of the URL away for `{}`, and for a client
    whose parameters have a name without a value, which has its place among others, too.
    """
    url, of_client_too = str(url), (str(of_client), *of_client)
    if params is None:
        return url, of_client_too, None
    texts = texts_of(params)
    return None if texts is None else (url, of_client_too, texts)
