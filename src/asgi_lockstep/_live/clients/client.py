"""`LiveClient`: httpx's client, for a live server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from ..._client.entrances import REQUESTS, entrances
from ..._client.more_options import HTTPXOptions
from ..._client.values import check_flag
from ..._httpx import CookieTypes, HeaderTypes, httpx
from ..serving.contract import Serving
from .client_base import LiveClientBase, options_of
from .handshake import HandshakeReady, handshake_options, not_sent
from .session import LiveWebSocketSession
from .transport import LiveTransport


@entrances(*REQUESTS)
class LiveClient(LiveClientBase, httpx.Client):
    """A client of a live server, with httpx's whole interface and `websocket_connect()`. Made by `live.client()`.

    Args:
        serving: the server.
        base_url: what relative URLs are relative to.
        raise_server_exceptions: raise what the app raises in a call of this client; with False nobody does, and the
            response is what the server makes of it. Frameworks answer before they raise, so a response of 500 and
            above is returned when the app has ended, or after the `read` of `timeout`.
        cookies, headers, follow_redirects: as in httpx. Redirects are followed.
        httpx_options: `auth`, `params`, `event_hooks`, `timeout` (30 seconds), `max_redirects`, `default_encoding`.
    """

    def __init__(
        self,
        serving: Serving,
        base_url: httpx.URL | str,
        raise_server_exceptions: bool = True,
        cookies: CookieTypes | None = None,
        headers: HeaderTypes | None = None,
        follow_redirects: bool = True,
        **httpx_options: Unpack[HTTPXOptions],
    ) -> None:
        __tracebackhide__ = True
        check_flag("raise_server_exceptions", raise_server_exceptions)
        self._serving = serving
        self._network = LiveTransport(serving, raise_server_exceptions)
        options = options_of(self, self._network, base_url, httpx_options)
        super().__init__(cookies=cookies, headers=headers, follow_redirects=follow_redirects, **options)

    def websocket_connect(
        self, url: httpx.URL | str, subprotocols: Sequence[str] | None = None, **kwargs: Any
    ) -> LiveWebSocketSession:
        """A websocket session, to be opened with `with`.

        Args:
            url: relative to the server, or absolute.
            subprotocols: what the client offers, the best first.
            kwargs: what `get()` takes: `params`, `headers`, `cookies`, `auth`, `extensions`, ...

        Returns:
            The session; the handshake takes place when it is entered.

        Raises:
            MissingExtra: `websockets` is not installed; the text says how to install it.
        """
        __tracebackhide__ = True
        options = handshake_options(url, subprotocols, kwargs)
        opening = self._opening(subprotocols)
        try:
            self.request(**options)
        except HandshakeReady as ready:
            return LiveWebSocketSession(opening, ready)
        raise not_sent()
