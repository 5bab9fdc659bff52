"""The transports below httpx's clients: a request goes in, the app answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from ..._drivers.calls.app_call import AppCall
from ..._drivers.turning.async_driver import AsyncDriver
from ..._drivers.turning.client_loops import ClientLoops
from ..._drivers.turning.sync_driver import SyncDriver
from ..._httpx import httpx
from ..._protocol.http_exchange import HTTPExchange
from ..._protocol.steps import abort, let_go
from ..._protocol.steps import request as request_steps
from ..._protocol.varied_exchanges import explained
from ..._types import ASGI3App
from ...errors import TimedOut
from ..endings.background import Background
from ..failures import body_failure, head_failure
from ..handed_over import HandedOver
from ..http.request_body import AsyncPull, SyncPull
from ..http.response import AsyncLockstepResponse, LockstepResponse, response_for
from ..http.response_body import AsyncBody, SyncBody
from ..options import ExchangeOptions
from .call import check_handshake
from .prepared import COLLECT, Prepared
from .varied_calls import calls_of

Driver = TypeVar("Driver", SyncDriver, AsyncDriver)
Pull = TypeVar("Pull", SyncPull, AsyncPull)

#: Put on a request whose call of the app has begun already, when httpx is to go on with it.
BEGUN = "asgi_lockstep.begun"


class Begun(Generic[Driver, Pull]):
    """A call of the app whose response has started, or of which it is known that there will be none.

    Args:
        prepared: the request.
        call, options: the call, and what holds for it.
        driver: carries out what comes next.
        pull: gives what is left of the request body; None if the app had all of it from the start.
    """

    __slots__ = ("call", "driver", "options", "prepared", "pull")

    def __init__(
        self,
        prepared: Prepared,
        call: AppCall[HTTPExchange],
        options: ExchangeOptions,
        driver: Driver,
        pull: Pull | None,
    ) -> None:
        self.prepared = prepared
        self.call = call
        self.options = options
        self.driver: Driver = driver
        self.pull: Pull | None = pull

    def for_httpx(self) -> httpx.Request:
        """The request, for httpx to send; what comes to the transport again is this."""
        request = self.prepared.request
        request.extensions = {**request.extensions, BEGUN: self}
        return request


class _Transport:
    """What both transports share: the app, the options, and the responses that are open."""

    def __init__(self, app: ASGI3App, options: ExchangeOptions, app_state: Mapping[str, Any]) -> None:
        self.app = app
        self.options = options
        self._calls = calls_of(app, options, app_state)
        self.background = Background(lambda: options.raise_server_exceptions)
        self._open: list[Any] = []
        #: The calls of websockets, and of bodies that are sent by hand: who has them in hand ends them, or else we do.
        self._handed_over: WeakSet[AppCall[Any]] = WeakSet()

    @property
    def raise_server_exceptions(self) -> bool:
        """Whether exceptions of the app are raised in the test."""
        return self.options.raise_server_exceptions

    @raise_server_exceptions.setter
    def raise_server_exceptions(self, value: bool) -> None:
        self.options.raise_server_exceptions = value

    def _call(self, prepared: Prepared) -> tuple[AppCall[HTTPExchange], ExchangeOptions]:
        """The call of the app for a request; what is not answered with a response leaves as `HandedOver`."""
        options = self.options.for_request(prepared.extensions)
        if prepared.target.is_of_websocket:
            check_handshake(prepared)
            connected = self._calls.of_websocket(prepared, options)
            self._handed_over.add(connected)
            raise HandedOver(connected, options, prepared)
        call = self._calls.of_http(prepared, options)
        if call.exchange.by_hand:
            self._handed_over.add(call)
            raise HandedOver(call, options, prepared)
        if call.exchange.detached:
            self.background.add(call)
        return call, options

    def _still_handed_over(self) -> list[AppCall[Any]]:
        """Those that have begun and not ended, the oldest first."""
        calls = [call for call in self._handed_over if call.number >= 0 and not call.over]
        return sorted(calls, key=lambda call: call.number)

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
        """The response to a request, when it has started (or is complete, if nobody looks before)."""
        __tracebackhide__ = True
        begun = request.extensions.pop(BEGUN, None)
        return self._response(self.begin(Prepared.of(request)) if begun is None else begun, request)

    def begin(self, prepared: Prepared) -> Begun[SyncDriver, SyncPull]:
        """Run the app until its response has started (or is complete, if nobody looks before)."""
        __tracebackhide__ = True
        call, options = self._call(prepared)
        driver = self.loops.current()
        pull = None if call.exchange.has_whole_request else SyncPull(prepared.request)
        try:
            driver.begin(call, request_steps(call.exchange, options.ending_grace), pull)
        except TimedOut as exc:
            self._open.append(SyncBody(call, options, self._forget, driver=driver, pull=pull))
            explained(exc, call.exchange)
            raise
        except BaseException as exc:
            explained(exc, call.exchange)
            raise
        return Begun(prepared, call, options, driver, pull)

    def _response(self, begun: Begun[SyncDriver, SyncPull], request: httpx.Request) -> LockstepResponse:
        __tracebackhide__ = True
        call, options = begun.call, begun.options
        exchange = call.exchange
        failure = head_failure(exchange, options)
        if failure is not None:
            raise explained(failure, exchange)
        if exchange.done and body_failure(exchange, options, b"") is None:
            return response_for(LockstepResponse, call, httpx.ByteStream(exchange.body), request)
        keep_all = bool(begun.prepared.extensions.get(COLLECT))
        body = SyncBody(call, options, self._forget, driver=begun.driver, pull=begun.pull, keep_all=keep_all)
        if not exchange.ended:
            self._open.append(body)
        return response_for(LockstepResponse, call, body, request)

    def close(self) -> None:
        """Abort every response that is still open, close every websocket, and end what goes on behind others.

        Raises:
            BackgroundFailed: something of that has failed.
        """
        failures: list[Exception] = []
        while self._open:
            try:
                self._open[-1].abort()
            except Exception as exc:
                failures.append(exc)
        for handed_over in self._still_handed_over():
            driver = self.loops.driver_of(handed_over)
            if driver is not None:
                driver.run(let_go(handed_over.exchange, self.options.ending_grace), handed_over)
        for call in self.background.running:
            driver = self.loops.driver_of(call)
            if driver is not None:  # or its loop is closed, and it has ended with that
                driver.run(abort(call.exchange, self.options.ending_grace), call)
        _raise_first(failures)
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
        """The response to a request, when it has started (or is complete, if nobody looks before)."""
        __tracebackhide__ = True
        begun = request.extensions.pop(BEGUN, None)
        return await self._response(await self.begin(Prepared.of(request)) if begun is None else begun, request)

    async def begin(self, prepared: Prepared) -> Begun[AsyncDriver, AsyncPull]:
        """Run the app until its response has started (or is complete, if nobody looks before)."""
        __tracebackhide__ = True
        call, options = self._call(prepared)
        driver = self._driver()
        pull = None if call.exchange.has_whole_request else AsyncPull(prepared.request)
        try:
            await driver.begin(call, request_steps(call.exchange, options.ending_grace), pull)
        except TimedOut as exc:
            self._open.append(AsyncBody(call, options, self._forget, driver=driver, pull=pull))
            explained(exc, call.exchange)
            raise
        except BaseException as exc:
            explained(exc, call.exchange)
            if pull is not None:
                await pull.aclose()
            raise
        return Begun(prepared, call, options, driver, pull)

    async def _response(self, begun: Begun[AsyncDriver, AsyncPull], request: httpx.Request) -> AsyncLockstepResponse:
        __tracebackhide__ = True
        call, options, pull = begun.call, begun.options, begun.pull
        exchange = call.exchange
        failure = head_failure(exchange, options)
        if pull is not None and (failure is not None or exchange.done):
            await pull.aclose()
        if failure is not None:
            raise explained(failure, exchange)
        if exchange.done and body_failure(exchange, options, b"") is None:
            return response_for(AsyncLockstepResponse, call, httpx.ByteStream(exchange.body), request)
        keep_all = bool(begun.prepared.extensions.get(COLLECT))
        body = AsyncBody(call, options, self._forget, driver=begun.driver, pull=pull, keep_all=keep_all)
        if not exchange.ended:
            self._open.append(body)
        return response_for(AsyncLockstepResponse, call, body, request)

    async def aclose(self) -> None:
        """Abort every response that is still open, close every websocket, and end what goes on behind others.

        Raises:
            BackgroundFailed: something of that has failed.
        """
        failures: list[Exception] = []
        while self._open:
            try:
                await self._open[-1].aabort()
            except Exception as exc:
                failures.append(exc)
        for handed_over in self._still_handed_over():
            await self._driver().run(let_go(handed_over.exchange, self.options.ending_grace), handed_over)
        for call in self.background.running:
            await self._driver().run(abort(call.exchange, self.options.ending_grace), call)
        _raise_first(failures)
        self.background.raise_failure()


def _raise_first(failures: list[Exception]) -> None:
    """Raise what the first of several open responses has failed with as it was ended; the others are noted on it."""
    for other in failures[1:]:
        failures[0].add_note(f"And another open response: {other!r}")
    if failures:
        raise failures[0]
