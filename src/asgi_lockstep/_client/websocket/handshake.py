"""What turns a request into a websocket handshake, and an accept into cookies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx2

_WEBSOCKET_SCHEMES = {"http": "ws", "https": "wss"}

#: What a browser sends with a handshake (RFC 6455 section 4.1), as far as an app could look at it.
_HEADERS = {"connection": "upgrade", "sec-websocket-key": "testserver==", "sec-websocket-version": "13"}


def websocket_url(base_url: httpx2.URL, url: httpx2.URL | str) -> httpx2.URL:
    """`url` merged with `base_url` as any request is, with the scheme of a websocket."""
    merged = httpx2.URL(url)
    if merged.is_relative_url:
        merged = base_url.copy_with(raw_path=base_url.raw_path + merged.raw_path.lstrip(b"/"))
    return merged.copy_with(scheme=_WEBSOCKET_SCHEMES.get(merged.scheme, merged.scheme))


def handshake_headers(headers: Any, subprotocols: Sequence[str] | None) -> httpx2.Headers:
    """A copy of the caller's headers with those of a handshake, where the caller has not set them."""
    own = httpx2.Headers(headers)
    for name, value in _HEADERS.items():
        own.setdefault(name, value)
    if subprotocols is not None:
        own.setdefault("sec-websocket-protocol", ", ".join(subprotocols))
    return own


def extract_cookies(cookies: httpx2.Cookies, headers: httpx2.Headers, request: httpx2.Request) -> None:
    """Keep the cookies that the accept of a websocket has set, as a browser does."""
    if "set-cookie" in headers:
        cookies.extract_cookies(httpx2.Response(101, headers=headers, request=request))
