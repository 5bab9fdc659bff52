"""What a client can do beyond requests that are answered at once: streams, websockets, bodies sent by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, aclosing, asynccontextmanager, closing, contextmanager
from functools import partial
from typing import Any, NoReturn, cast

from .._drivers.turning.async_driver import AsyncDriver
from .._drivers.turning.client_loops import ClientLoops
from .._httpx import CHOICE, httpx
from .._types import ASGI3App
from ..errors import UsageError
from .handed_over import HandedOver
from .http.duplex import AsyncDuplexExchange, DuplexExchange
from .http.event_source import LockstepEventSource
from .http.response import AsyncLockstepResponse, LockstepResponse
from .pipeline.call import by_hand
from .pipeline.requests import AsyncRequests, Requests
from .websocket.async_session import AsyncWebSocketTestSession
from .websocket.handshake import HEADERS, handshake_options
from .websocket.session import WebSocketTestSession

_NO_NETWORK = f"websocket() is {CHOICE.name}'s, and needs a network. Write: client.websocket_connect(url)."
_NEVER_REACHED = "The {} was answered by an event hook or an auth flow, and never reached the app."


class Conversations(Requests):
    """`stream()`, `websocket_connect()` and `open()` of the sync client."""

    app: ASGI3App
    _loops: ClientLoops
    #: What goes with each handshake of a websocket.
    _handshake_headers: Mapping[str, str] = HEADERS

    @contextmanager
    def stream(self, method: str, url: httpx.URL | str, **kwargs: Any) -> Iterator[LockstepResponse]:
        """A response whose body is read as it arrives; see `httpx.Client.stream`.

        The block begins when the app has sent `http.response.start`, and each of its `send()` waits until its chunk was
        taken. Leaving the block before the response is complete is a disconnect, as is `response.disconnect()`.

        Args:
            method, url, kwargs: as in `request()`.
        """
        __tracebackhide__ = True
        with super().stream(method, url, **kwargs) as response:
            yield cast("LockstepResponse", response)

    if hasattr(httpx.Client, "sse"):

        @contextmanager
        def sse(self, url: httpx.URL | str, **kwargs: Any) -> Iterator[LockstepEventSource]:
            """Server-sent events as they arrive; see `httpx2.Client.sse`.

            Args:
                url, kwargs: as in `stream()`; also `method` and `max_event_size` (in bytes).

            Raises (from the iteration):
                AppTimeout: no event has come for the `read` of the timeout. Comments are none.
            """
            __tracebackhide__ = True
            sizes = {name: kwargs[name] for name in ("max_event_size",) if name in kwargs}
            with ExitStack() as ends, super().sse(url, **kwargs) as events:
                yield ends.enter_context(closing(LockstepEventSource(events.response, **sizes)))

    def websocket_connect(
        self, url: httpx.URL | str, subprotocols: Sequence[str] | None = None, **kwargs: Any
    ) -> WebSocketTestSession:
        """A websocket session, to be opened with `with`.

        Args:
            url: relative to the client's `base_url`, whose `http` becomes `ws` and `https` becomes `wss`.
            subprotocols: what the client offers, the best first.
            kwargs: what `httpx.Client.get` takes: `params`, `headers`, `cookies`, `auth`, `extensions`, ...

        Returns:
            The session; the handshake takes place when it is entered.

        Example:
            >>> from asgi_lockstep import TestClient
            >>> async def echo(scope, receive, send):
            ...     await receive()
            ...     await send({"type": "websocket.accept"})
            ...     await send({"type": "websocket.send", "text": (await receive())["text"]})
            >>> with TestClient(echo).websocket_connect("/") as session:
            ...     session.send_text("hi")
            ...     session.receive_text()
            'hi'
        """
        __tracebackhide__ = True
        kwargs = handshake_options(kwargs, subprotocols, self._handshake_headers)
        try:
            self.request("GET", self._preparation.targets.websocket_url(self.base_url, url), **kwargs)
        except HandedOver as upgrade:
            return WebSocketTestSession(self, upgrade, self._loops)
        raise UsageError(_NEVER_REACHED.format("handshake"))

    if hasattr(httpx.Client, "websocket"):

        def websocket(self, url: httpx.URL | str, **kwargs: Any) -> NoReturn:
            """A mistake: the library's own websockets need a network; this client has `websocket_connect()`."""
            __tracebackhide__ = True
            raise UsageError(_NO_NETWORK)

    def open(self, method: str, url: httpx.URL | str, **kwargs: Any) -> DuplexExchange:
        """A request whose body is sent by hand while its response is read, to be opened with `with`.

        Args:
            method, url: as in `request()`.
            kwargs: what `stream()` takes, except a body: `params`, `headers`, `cookies`, `extensions`, ...

        Returns:
            The exchange, with `send(chunk)`, `end()`, `response`, `receive()`, iteration, and `disconnect()`.

        Example:
            >>> from asgi_lockstep import TestClient
            >>> async def echo(scope, receive, send):
            ...     await send({"type": "http.response.start", "status": 200})
            ...     while (message := await receive())["more_body"]:
            ...         await send({"type": "http.response.body", "body": message["body"], "more_body": True})
            ...     await send({"type": "http.response.body"})
            >>> with TestClient(echo).open("POST", "/") as exchange:
            ...     exchange.send(b"ping")
            ...     print(exchange.response.status_code, exchange.receive())
            ...     exchange.end()
            200 b'ping'
        """
        __tracebackhide__ = True
        return DuplexExchange(self, partial(self._open, method, url, kwargs), self._loops)

    def _open(self, method: str, url: httpx.URL | str, kwargs: dict[str, Any]) -> HandedOver:
        __tracebackhide__ = True
        request, auth = by_hand(self, method, url, kwargs)
        try:
            self.send(request, stream=True, auth=auth)
        except HandedOver as opened:
            return opened
        raise UsageError(_NEVER_REACHED.format("request"))


class AsyncConversations(AsyncRequests):
    """`stream()`, `websocket_connect()` and `open()` of the async client."""

    app: ASGI3App
    _handshake_headers: Mapping[str, str] = HEADERS
    _driver: Callable[[], AsyncDriver]

    @asynccontextmanager
    async def stream(self, method: str, url: httpx.URL | str, **kwargs: Any) -> AsyncIterator[AsyncLockstepResponse]:
        """A response whose body is read as it arrives; see `httpx.AsyncClient.stream`.

        The block begins when the app has sent `http.response.start`, and each of its `send()` waits until its chunk was
        taken. Leaving the block before the response is complete is a disconnect, as is `await response.disconnect()`.

        Args:
            method, url, kwargs: as in `request()`.
        """
        __tracebackhide__ = True
        async with super().stream(method, url, **kwargs) as response:
            yield cast("AsyncLockstepResponse", response)

    if hasattr(httpx.AsyncClient, "sse"):

        @asynccontextmanager
        async def sse(self, url: httpx.URL | str, **kwargs: Any) -> AsyncIterator[LockstepEventSource]:
            """Server-sent events as they arrive; see `httpx2.AsyncClient.sse`.

            Args:
                url, kwargs: as in `stream()`; also `method` and `max_event_size` (in bytes).

            Raises (from the iteration):
                AppTimeout: no event has come for the `read` of the timeout. Comments are none.
            """
            __tracebackhide__ = True
            sizes = {name: kwargs[name] for name in ("max_event_size",) if name in kwargs}
            async with AsyncExitStack() as ends, super().sse(url, **kwargs) as events:
                yield await ends.enter_async_context(aclosing(LockstepEventSource(events.response, **sizes)))

    def websocket_connect(
        self, url: httpx.URL | str, subprotocols: Sequence[str] | None = None, **kwargs: Any
    ) -> AsyncWebSocketTestSession:
        """A websocket session, to be opened with `async with`.

        Args:
            url: relative to the client's `base_url`, whose `http` becomes `ws` and `https` becomes `wss`.
            subprotocols: what the client offers, the best first.
            kwargs: what `httpx.AsyncClient.get` takes: `params`, `headers`, `cookies`, `auth`, `extensions`, ...

        Returns:
            The session; the handshake takes place when it is entered.

        Example:
            >>> from asgi_lockstep import AsyncTestClient
            >>> async def echo(scope, receive, send):
            ...     await receive()
            ...     await send({"type": "websocket.accept"})
            ...     await send({"type": "websocket.send", "text": (await receive())["text"]})
            >>> import asyncio
            >>> async def test_echo():
            ...     async with AsyncTestClient(echo).websocket_connect("/") as session:
            ...         await session.send_text("hi")
            ...         return await session.receive_text()
            >>> asyncio.run(test_echo())
            'hi'
        """
        kwargs = handshake_options(kwargs, subprotocols, self._handshake_headers)
        connect = partial(self._handshake, self._preparation.targets.websocket_url(self.base_url, url), kwargs)
        return AsyncWebSocketTestSession(self.app, connect, self.cookies, self._driver)

    async def _handshake(self, url: httpx.URL, kwargs: dict[str, Any]) -> HandedOver:
        try:
            await self.request("GET", url, **kwargs)
        except HandedOver as upgrade:
            return upgrade
        raise UsageError(_NEVER_REACHED.format("handshake"))

    if hasattr(httpx.AsyncClient, "websocket"):

        def websocket(self, url: httpx.URL | str, **kwargs: Any) -> NoReturn:
            """A mistake: the library's own websockets need a network; this client has `websocket_connect()`."""
            __tracebackhide__ = True
            raise UsageError(_NO_NETWORK)

    def open(self, method: str, url: httpx.URL | str, **kwargs: Any) -> AsyncDuplexExchange:
        """A request whose body is sent by hand while its response is read, to be opened with `async with`.

        Args:
            method, url: as in `request()`.
            kwargs: what `stream()` takes, except a body: `params`, `headers`, `cookies`, `extensions`, ...

        Returns:
            The exchange, with `send(chunk)`, `end()`, `response`, `receive()`, iteration, and `disconnect()`.

        Example:
            >>> async def test_echo(client):
            ...     async with client.open("POST", "/") as exchange:
            ...         await exchange.send(b"ping")
            ...         assert (await exchange.response).status_code == 200
            ...         assert await exchange.receive() == b"ping"
            ...         await exchange.end()
        """
        __tracebackhide__ = True
        return AsyncDuplexExchange(self, partial(self._open, method, url, kwargs), self._driver)

    async def _open(self, method: str, url: httpx.URL | str, kwargs: dict[str, Any]) -> HandedOver:
        __tracebackhide__ = True
        request, auth = by_hand(self, method, url, kwargs)
        try:
            await self.send(request, stream=True, auth=auth)
        except HandedOver as opened:
            return opened
        raise UsageError(_NEVER_REACHED.format("request"))
