"""The transports below httpx's clients: a request goes in, the app answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._drivers.calls.app_call import AppCall
from .._drivers.turning.async_driver import AsyncDriver
from .._drivers.turning.client_loops import ClientLoops
from .._httpx import httpx
from .._protocol.http_exchange import HTTPExchange
from .._protocol.steps import abort
from .._protocol.steps import request as request_steps
from .._types import ASGI3App
from ..errors import TimedOut
from .endings.background import Background
from .failures import body_failure, head_failure
from .handed_over import HandedOver
from .http.request import http_call, is_collected, is_websocket, websocket_call
from .http.request_body import AsyncPull, SyncPull
from .http.response import AsyncLockstepResponse, LockstepResponse, response_for
from .http.response_body import AsyncBody, SyncBody
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

    def _call(self, request: httpx.Request) -> tuple[AppCall[HTTPExchange], ExchangeOptions]:
        """The call of the app for a request; what is not answered with a response leaves as `HandedOver`."""
        options = self.options.for_request(request)
        if is_websocket(request):
            raise HandedOver(websocket_call(self.app, request, options, self.app_state), options, request)
        call = http_call(self.app, request, options, self.app_state)
        if call.exchange.by_hand:
            raise HandedOver(call, options, request)
        if call.exchange.detached:
            self.background.add(call)
        return call, options

    def _forget(self, body: object) -> None:
        if body in self._open:
            self._open.remove(body)


class SyncTransport(_Transport, httpx.BaseTransport):
    """Calls the app on the driver that its client's loops hand out."""

    def __init__(
        self, app: ASGI3App, options: ExchangeOptions, app_state: Mapping[str, Any], loops: ClientLoops
    ) -> None:
        super().__init__(app, options, app_state)
        self.loops = loops

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Run the app until its response has started (or is complete, if nobody looks before)."""
        __tracebackhide__ = True
        call, options = self._call(request)
        exchange = call.exchange
        driver = self.loops.current()
        pull = None if exchange.has_whole_request else SyncPull(request)
        try:
            driver.begin(call, request_steps(exchange, options.ending_grace), pull)
        except TimedOut:
            self._open.append(SyncBody(call, options, self._forget, driver=driver, pull=pull))
            raise
        failure = head_failure(exchange, options)
        if failure is not None:
            raise failure
        if exchange.done and body_failure(exchange, options, b"") is None:
            return response_for(LockstepResponse, call, httpx.ByteStream(exchange.body), request)
        keep_all = is_collected(request)
        body = SyncBody(call, options, self._forget, driver=driver, pull=pull, keep_all=keep_all)
        if not exchange.ended:
            self._open.append(body)
        return response_for(LockstepResponse, call, body, request)

    def close(self) -> None:
        """Abort every response that is still open, and end what goes on behind others.

        Raises:
            BackgroundFailed: something of that has failed.
        """
        while self._open:
            self._open[-1].abort()
        for call in self.background.running:
            driver = self.loops.driver_of(call)
            if driver is not None:  # or its loop is closed, and it has ended with that
                driver.run(abort(call.exchange, self.options.ending_grace), call)
        self.background.raise_failure()


class AsyncTransport(_Transport, httpx.AsyncBaseTransport):
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

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Run the app until its response has started (or is complete, if nobody looks before)."""
        __tracebackhide__ = True
        call, options = self._call(request)
        exchange = call.exchange
        driver = self._driver()
        pull = None if exchange.has_whole_request else AsyncPull(request)
        try:
            await driver.begin(call, request_steps(exchange, options.ending_grace), pull)
        except TimedOut:
            self._open.append(AsyncBody(call, options, self._forget, driver=driver, pull=pull))
            raise
        except BaseException:
            if pull is not None:
                await pull.aclose()
            raise
        failure = head_failure(exchange, options)
        if pull is not None and (failure is not None or exchange.done):
            await pull.aclose()
        if failure is not None:
            raise failure
        if exchange.done and body_failure(exchange, options, b"") is None:
            return response_for(AsyncLockstepResponse, call, httpx.ByteStream(exchange.body), request)
        keep_all = is_collected(request)
        body = AsyncBody(call, options, self._forget, driver=driver, pull=pull, keep_all=keep_all)
        if not exchange.ended:
            self._open.append(body)
        return response_for(AsyncLockstepResponse, call, body, request)

    async def aclose(self) -> None:
        """Abort every response that is still open, and end what goes on behind others.

        Raises:
            BackgroundFailed: something of that has failed.
        """
        while self._open:
            await self._open[-1].aabort()
        for call in self.background.running:
            await self._driver().run(abort(call.exchange, self.options.ending_grace), call)
        self.background.raise_failure()
