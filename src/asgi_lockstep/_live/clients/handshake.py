"""How a websocket handshake leaves httpx's pipeline, with the URL, headers, cookies and auth of any request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..._client.values import refuse
from ..._httpx import httpx
from ..._types import Scope
from ...errors import MissingExtra, UsageError
from ..serving.contract import Serving
from .failures import Cause

if TYPE_CHECKING:
    from .wire import Wire

#: Put on a request by `websocket_connect()`.
_HANDSHAKE = "asgi_lockstep.live.handshake"

_SCHEMES = {"ws": "http", "wss": "https"}


class HandshakeReady(Exception):
    """Carries a handshake past the rest of the pipeline.

    Args:
        request: what httpx has made of it.
    """

    def __init__(self, request: httpx.Request) -> None:
        self.request = request
        super().__init__(request)


@dataclass(frozen=True)
class Opening:
    """How a client opens one websocket.

    Args:
        serving: the server.
        subprotocols: what is offered, the best first.
        cookies: where those of the accept go.
        raises: whether the client raises what the app raises.
        limit: how long to wait by default, in seconds; None for as long as it takes.
    """

    serving: Serving
    subprotocols: Sequence[str] | None
    cookies: httpx.Cookies
    raises: bool
    limit: float | None

    def cause(self, request: httpx.Request) -> Cause:
        """The call of the app that a handshake is going to cause."""
        return Cause(self.serving.record, self.raises, self.limit, scope_of(request, "websocket"))

    def wire(self, request: httpx.Request, cause: Cause) -> Wire:
        """The connection, for a handshake as httpx has made it."""
        from .wire import Wire  # not above: requests need no library of websockets

        return Wire(request, self.subprotocols, cause.call)


def handshake_options(url: httpx.URL | str, subprotocols: Sequence[str] | None, options: Any) -> dict[str, Any]:
    """What to call `request()` with, to get a `HandshakeReady`.

    Raises:
        MissingExtra: there is no library of websockets.
        UsageError: the subprotocols are no list.
    """
    __tracebackhide__ = True
    try:
        import websockets  # noqa: F401  # here is where the test finds out
    except ImportError:
        raise MissingExtra("websockets", "websocket_connect() of a live server", "live") from None
    if isinstance(subprotocols, str):
        raise refuse(f"subprotocols={subprotocols!r}", f"a list of names, for example [{subprotocols!r}]")
    url = httpx.URL(url)
    if url.scheme in _SCHEMES:
        url = url.copy_with(scheme=_SCHEMES[url.scheme])
    return {
        **options,
        "method": "GET",
        "url": url,
        "extensions": {**(options.get("extensions") or {}), _HANDSHAKE: True},
    }


def hand_over_handshake(request: httpx.Request) -> None:
    """Raise `HandshakeReady` if the request is a handshake."""
    if _HANDSHAKE in request.extensions:
        raise HandshakeReady(request)


def scope_of(request: httpx.Request, protocol: str) -> Scope:
    """What the app is going to be called with for a request, as far as its client knows that.

    Args:
        request: it.
        protocol: `"http"` or `"websocket"`.
    """
    url = request.url
    return {
        "type": protocol,
        "method": request.method,
        "scheme": url.scheme if protocol == "http" else url.scheme.replace("http", "ws"),
        "path": url.path,
        "query_string": url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
    }


def not_sent() -> UsageError:
    """What is raised where something in between has answered a handshake."""
    return UsageError("The handshake was answered by an event hook or an auth flow, and never reached the server.")
