"""The transports below httpx2's clients: a request goes in, the app answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import httpx2

from .._drivers.calls.app_call import AppCall
from .._drivers.inspection.source_lines import link_of_test
from .._drivers.turning.async_driver import AsyncDriver
from .._drivers.turning.client_loops import ClientLoops
from .._protocol.http_exchange import HTTPExchange
from .._protocol.steps import abort
from .._protocol.steps import request as request_steps
from .._types import ASGI3App
from ..errors import TimedOut
from .endings.background import Background
from .failures import body_failure, head_failure, noted
from .handed_over import HandedOver
from .http.request import http_exchange, is_collected, is_websocket, read_limit, websocket_exchange
from .http.request_body import AsyncPull, SyncPull
from .http.response import AsyncLockstepResponse, LockstepResponse, response_for
from .http.response_body import AsyncBody, SyncBody
from .network_errors import set_limit
from .options import ExchangeOptions


class _Transport:
    """What both transports share: the app, the options, and the responses that are open."""

    def __init__(self, app: ASGI3App, options: ExchangeOptions, app_state: Mapping[str, Any]) -> None:
        self.app = app
        self.options = options
        self.app_state = app_state
        self.background = Background()
        self._open: list[Any] = []

    @property
    def raise_server_exceptions(self) -> bool:
        """Whether exceptions of the app are raised in the test."""
        return self.options.raise_server_exceptions

    @raise_server_exceptions.setter
    def raise_server_exceptions(self, value: bool) -> None:
        self.options.raise_server_exceptions = value

    def _exchange(self, request: httpx2.Request) -> tuple[HTTPExchange, ExchangeOptions]:
        """The exchange for a request; what is not answered with a response leaves as `HandedOver`."""
        options = self.options.for_request(request)
        if is_websocket(request):
            handshake = websocket_exchange(request, options, self.app_state)
            handshake.sent_at = link_of_test()
            set_limit(handshake, read_limit(request))
            raise HandedOver(handshake, options, request)
        exchange = http_exchange(request, options, self.app_state)
        exchange.sent_at = link_of_test()
        set_limit(exchange, read_limit(request))
        if exchange.by_hand:
            raise HandedOver(exchange, options, request)
        if exchange.detached:
            self.background.add(exchange)
        return exchange, options

    def _forget(self, body: object) -> None:
        if body in self._open:
            self._open.remove(body)


class SyncTransport(_Transport, httpx2.BaseTransport):
    """Calls the app on the driver that its client's loops hand out."""

    def __init__(
        self, app: ASGI3App, options: ExchangeOptions, app_state: Mapping[str, Any], loops: ClientLoops
    ) -> None:
        super().__init__(app, options, app_state)
        self.loops = loops

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Run the app until its response has started (or is complete, if nobody looks before)."""
        __tracebackhide__ = True
        exchange, options = self._exchange(request)
        driver = self.loops.current()
        pull = SyncPull(request)
        driver.start(self.app, exchange)
        try:
            driver.run(request_steps(exchange, options.patience), pull)
        except TimedOut:
            self._open.append(SyncBody(exchange, options, self._forget, driver=driver, pull=pull))
            raise
        failure = head_failure(exchange, options)
        if failure is not None:
            raise noted(failure, exchange)
        if exchange.done and body_failure(exchange, options, b"") is None:
            return response_for(LockstepResponse, exchange, httpx2.ByteStream(exchange.take_all()), request)
        body = SyncBody(exchange, options, self._forget, driver=driver, pull=pull)
        body.keep_all = is_collected(request)
        if not exchange.ended:
            self._open.append(body)
        return response_for(LockstepResponse, exchange, body, request)

    def close(self) -> None:
        """Abort every response that is still open, and end what goes on behind others.

        Raises:
            BackgroundFailed: something of that has failed.
        """
        while self._open:
            self._open[-1].abort()
        for exchange in self.background.running:
            self.loops.current().run(abort(exchange, self.options.patience))
        self.background.raise_failure()


class AsyncTransport(_Transport, httpx2.AsyncBaseTransport):
    """Calls the app on the loop that runs.

    Args:
        driver: gives the driver for a call that is made now.
    """

    def __init__(
        self,
        app: ASGI3App,
        options: ExchangeOptions,
        app_state: Mapping[str, Any],
        driver: Callable[[], AsyncDriver],
    ) -> None:
        super().__init__(app, options, app_state)
        self._driver = driver
        #: The calls that may go on behind their response.
        self._calls: WeakKeyDictionary[HTTPExchange, AppCall] = WeakKeyDictionary()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Run the app until its response has started (or is complete, if nobody looks before)."""
        __tracebackhide__ = True
        exchange, options = self._exchange(request)
        driver = self._driver()
        pull = AsyncPull(request)
        call = driver.start(self.app, exchange)
        if exchange.detached:
            self._calls[exchange] = call
        try:
            await driver.run(request_steps(exchange, options.patience), call, pull)
        except TimedOut:
            self._open.append(AsyncBody(exchange, options, self._forget, driver=driver, call=call, pull=pull))
            raise
        except BaseException:
            await pull.aclose()
            raise
        failure = head_failure(exchange, options)
        if failure is not None or exchange.done:
            await pull.aclose()
        if failure is not None:
            raise noted(failure, exchange)
        if exchange.done and body_failure(exchange, options, b"") is None:
            return response_for(AsyncLockstepResponse, exchange, httpx2.ByteStream(exchange.take_all()), request)
        body = AsyncBody(exchange, options, self._forget, driver=driver, call=call, pull=pull)
        body.keep_all = is_collected(request)
        if not exchange.ended:
            self._open.append(body)
        return response_for(AsyncLockstepResponse, exchange, body, request)

    async def aclose(self) -> None:
        """Abort every response that is still open, and end what goes on behind others.

        Raises:
            BackgroundFailed: something of that has failed.
        """
        while self._open:
            await self._open[-1].aabort()
        for exchange in self.background.running:
            await self._driver().run(abort(exchange, self.options.patience), self._calls[exchange])
        self.background.raise_failure()
