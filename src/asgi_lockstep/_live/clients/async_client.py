"""`AsyncLiveClient`: httpx's async client, for a live server; stands beside `client.py`, method for method."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Unpack

from ..._client.entrances import REQUESTS
from ..._client.more_options import HTTPXOptions
from ..._client.values import check_flag
from ..._httpx import CookieTypes, HeaderTypes, httpx
from ..serving.contract import Serving
from .async_session import AsyncLiveWebSocketSession
from .client_base import LiveClientBase, options_of
from .handshake import HandshakeReady, handshake_options, not_sent
from .outermost import async_entrances
from .transport import AsyncLiveTransport


@async_entrances(*REQUESTS)
class AsyncLiveClient(LiveClientBase, httpx.AsyncClient):
    """A client of a live server, with httpx's whole interface and `websocket_connect()`. Made by
    `live.async_client()`.

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
        self._network = AsyncLiveTransport(serving, raise_server_exceptions)
        options = options_of(self, self._network, base_url, httpx_options)
        super().__init__(cookies=cookies, headers=headers, follow_redirects=follow_redirects, **options)

    def websocket_connect(
        self, url: httpx.URL | str, subprotocols: Sequence[str] | None = None, **kwargs: Any
    ) -> AsyncLiveWebSocketSession:
        """A websocket session, to be opened with `async with`.

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
        return AsyncLiveWebSocketSession(opening, partial(self._connect, options))

    async def _connect(self, options: dict[str, Any]) -> HandshakeReady:
        try:
            await self.request(**options)
        except HandshakeReady as ready:
            return ready
        raise not_sent()
