"""What turns a request into a websocket handshake, and an accept into cookies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..._httpx import httpx
from ..handed_over import HANDSHAKE
from ..values import refuse

_WEBSOCKET_SCHEMES = {"http": "ws", "https": "wss"}

#: What a browser sends with a handshake (RFC 6455 section 4.1), as far as an app could look at it.
_HEADERS = {"connection": "upgrade", "sec-websocket-key": "testserver==", "sec-websocket-version": "13"}


def websocket_url(base_url: httpx.URL, url: httpx.URL | str) -> httpx.URL:
    """`url` merged with `base_url` as any request is, with the scheme of a websocket."""
    merged = httpx.URL(url)
    if merged.is_relative_url:
        merged = base_url.copy_with(raw_path=base_url.raw_path + merged.raw_path.lstrip(b"/"))
    return merged.copy_with(scheme=_WEBSOCKET_SCHEMES.get(merged.scheme, merged.scheme))


def handshake_options(options: dict[str, Any], subprotocols: Sequence[str] | None) -> dict[str, Any]:
    """The options of a request as those of a handshake.

    Args:
        options: those of the caller, whose headers count where both have the same.
        subprotocols: what the client offers.
    """
    __tracebackhide__ = True
    if isinstance(subprotocols, str):
        raise refuse(f"subprotocols={subprotocols!r}", f"a list of names, for example [{subprotocols!r}]")
    own = httpx.Headers(options.get("headers"))
    for name, value in _HEADERS.items():
        own.setdefault(name, value)
    if subprotocols is not None:
        own.setdefault("sec-websocket-protocol", ", ".join(subprotocols))
    return {**options, "headers": own, "extensions": {**(options.get("extensions") or {}), HANDSHAKE: True}}


def extract_cookies(cookies: httpx.Cookies, headers: httpx.Headers, request: httpx.Request) -> None:
    """Keep the cookies that the accept of a websocket has set, as a browser does."""
    if "set-cookie" in headers:
        cookies.extract_cookies(httpx.Response(101, headers=headers, request=request))
