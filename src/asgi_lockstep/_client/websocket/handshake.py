"""What turns a request into a websocket handshake, and an accept into cookies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..._httpx import httpx
from ..handed_over import HANDSHAKE, Asked
from ..values import check_type, refuse

#: What a browser sends with a handshake (RFC 6455 section 4.1), as far as an app could look at it.
HEADERS = {
    "connection": "upgrade",
    "upgrade": "websocket",
    "sec-websocket-key": "testserver==",
    "sec-websocket-version": "13",
}
_SUBPROTOCOLS = "sec-websocket-protocol"


def handshake_options(
    options: dict[str, Any], subprotocols: Sequence[str] | None, headers_of_browsers: Mapping[str, str] = HEADERS
) -> dict[str, Any]:
    """The options of a request as those of a handshake.

    Args:
        options: those of the caller, whose headers count where both have the same.
        subprotocols: what the client offers.
        headers_of_browsers: those that go with each handshake.
    """
    __tracebackhide__ = True
    if isinstance(subprotocols, str):
        raise refuse(f"subprotocols={subprotocols!r}", f"a list of names, for example [{subprotocols!r}]")
    base = headers_of_browsers
    own = {**base} if subprotocols is None else {**base, _SUBPROTOCOLS: ", ".join(subprotocols)}
    given = options.get("headers")
    headers: Any = own
    if given:
        headers = httpx.Headers(given)
        for name, value in own.items():
            headers.setdefault(name, value)
    extensions = options.get("extensions") or {}
    check_type("extensions", extensions, Mapping, 'a dict, for example {"asgi": {"grace": 2}}')
    return {**options, "headers": headers, "extensions": {**extensions, HANDSHAKE: True}}


def extract_cookies(cookies: httpx.Cookies, headers: Sequence[tuple[bytes, bytes]], asked: Asked) -> None:
    """Keep the cookies that the accept of a websocket has set, as a browser does."""
    if any(name.lower() == b"set-cookie" for name, _ in headers):
        cookies.extract_cookies(httpx.Response(101, headers=list(headers), request=asked.request))
