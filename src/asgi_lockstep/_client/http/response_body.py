"""Response bodies while they arrive: the sync and the async one, over the same steps."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Generic, TypeVar

from ..._drivers.calls.app_call import AppCall
from ..._drivers.turning.async_driver import AsyncDriver
from ..._drivers.turning.sync_driver import SyncDriver
from ..._httpx import httpx
from ..._protocol.http_exchange import HTTPExchange
from ..._protocol.steps import Steps, abort, leave, read_chunk
from ..._protocol.varied_exchanges import explained
from ...errors import UnexpectedMessage
from ..failures import app_failure, body_failure, raises
from ..options import ExchangeOptions
from ..websocket_errors import is_expected_failure
from .awaited_event import AwaitedEvent
from .request_body import AsyncPull, SyncPull

Ending = Callable[[HTTPExchange, float | None], Steps[None]]


Driver = TypeVar("Driver", SyncDriver, AsyncDriver)
Pull = TypeVar("Pull", SyncPull, AsyncPull)


class _Body(Generic[Driver, Pull]):
    """What both bodies share: what was received, and what is wrong with the end of it."""

    def __init__(
        self,
        call: AppCall[HTTPExchange],
        options: ExchangeOptions,
        on_close: Callable[[object], None],
        *,
        driver: Driver,
        pull: Pull | None,
        keep_all: bool = False,
    ) -> None:
        self._driver: Driver = driver
        self._pull: Pull | None = pull
        self._call = call
        self._exchange = call.exchange
        self._options = options
        self._on_close = on_close
        self._closed = False
        self._raised: BaseException | None = None
        #: Whether the whole body is kept for an error: where httpx collects it anyway.
        self._keep_all = keep_all
        #: What of a body was read, for the error about one that was cut short; of a stream, its beginning.
        self._received = bytearray()
        #: The event that a test waits for, where the body is a stream of events.
        self._event: AwaitedEvent | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._exchange!r}>"

    def awaits_event(self, begins: bool) -> None:
        """Note that the test waits for an event from now on, or that this has an end."""
        self._event = AwaitedEvent(self._exchange, self._call.limit) if begins else None

    def _check_event(self, event: AwaitedEvent) -> None:
        """Raise if pieces of the body come, and none of them has completed the event, for too long."""
        __tracebackhide__ = True
        if event.is_overdue:
            raise event.timed_out(self._driver.app_tasks())

    def _keep(self, chunk: bytes) -> bytes:
        if self._event is not None:
            self._event.came(chunk)
        if self._keep_all:
            self._received += chunk
        elif len(self._received) < _KEPT_FOR_ERRORS:
            self._received += chunk[: _KEPT_FOR_ERRORS - len(self._received)]
        return chunk

    @property
    def pending(self) -> list[bytes]:
        """The pieces that are there to be read, oldest first."""
        return self._exchange.pending

    def _check_nothing(self) -> None:
        """Raise if a piece waits for the test."""
        __tracebackhide__ = True
        if self.pending:
            raise UnexpectedMessage(self._exchange.request, self.pending)

    def _raise_failure(self) -> None:
        """Raise what made the body end early, once."""
        __tracebackhide__ = True
        failure = body_failure(self._exchange, self._options, bytes(self._received))
        if failure is not None and self._raised is None:
            raise self.raised(failure)

    def raised(self, failure: BaseException) -> BaseException:
        """`failure`, which is not raised again when the response is left."""
        self._raised = failure
        return failure

    def acts(self, action: str) -> None:
        """Keep for the timeline that the test does something with this response."""
        self._call.acts(action)

    def explain(self, exception: BaseException) -> None:
        """Note on an exception of this body what varied in its exchange."""
        self._call.recorder.fails(exception)
        explained(exception, self._exchange)

    def _after_leaving(self) -> None:
        """Raise what the app raised, unless something else is on its way to the test already."""
        __tracebackhide__ = True
        exception = self._exchange.exception
        if exception is None or exception is self._raised or not raises(self._exchange, self._options):
            return
        if self._exchange.detached_failure:
            return
        self._raised = exception
        if app_failure(self._exchange, self._options) is None:
            return
        on_its_way = sys.exception()
        if on_its_way is None or isinstance(on_its_way, GeneratorExit):
            # Out of a generator that is thrown away, Python reports it as an unraisable exception.
            raise exception
        if on_its_way is not exception and not is_expected_failure(exception, self._exchange):
            on_its_way.add_note(f"After that, the app failed in {self._exchange.request}: {exception!r}")


_KEPT_FOR_ERRORS = 65536


class SyncBody(_Body[SyncDriver, SyncPull], httpx.SyncByteStream):
    """The body of a response of the sync client."""

    def __iter__(self) -> Iterator[bytes]:
        __tracebackhide__ = True
        while (chunk := self.next_chunk()) is not None:
            yield chunk

    def next_chunk(self) -> bytes | None:
        """The next piece of the body, or None after the last one; a call that has failed can be made again."""
        __tracebackhide__ = True
        exchange = self._exchange
        if self._event is not None:
            self._check_event(self._event)
        while True:
            # The short way of read_chunk(), for a chunk that is there; `tests/client/test_short_ways.py` compares both.
            chunk = self._driver.act(exchange.take_flowing)
            if chunk is None:
                chunk = self._driver.run(read_chunk(exchange), self._call, self._pull)
            if chunk is None:
                self._raise_failure()
                return None
            if chunk:
                return self._keep(chunk)

    def close(self) -> None:
        """The client is done with the response, or goes away in the middle of it."""
        __tracebackhide__ = True
        self._end_with(leave)

    def disconnect(self) -> None:
        """The client goes away, and says nothing: the app is told, and runs until it rests."""
        __tracebackhide__ = True
        if not self._exchange.done:
            self._driver.act(self._exchange.disconnect)

    def expect_nothing(self) -> None:
        """Let the app run until it rests, and see that nothing has come."""
        __tracebackhide__ = True
        self._driver.settle()
        self._check_nothing()

    def abort(self) -> None:
        """The client itself is closed."""
        __tracebackhide__ = True
        self._end_with(abort)

    def _end_with(self, steps: Ending) -> None:
        __tracebackhide__ = True
        if self._closed:
            return
        self._closed = True
        self._on_close(self)
        if not self._exchange.ended:
            self._driver.run(steps(self._exchange, self._options.ending_grace), self._call, self._pull)
        self._after_leaving()


class AsyncBody(_Body[AsyncDriver, AsyncPull], httpx.AsyncByteStream):
    """The body of a response of the async client."""

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        __tracebackhide__ = True
        while (chunk := await self.next_chunk()) is not None:
            yield chunk

    async def next_chunk(self) -> bytes | None:
        """The next piece of the body, or None after the last one; a call that has failed can be made again."""
        __tracebackhide__ = True
        exchange = self._exchange
        if self._event is not None:
            self._check_event(self._event)
        while True:
            # The short way of read_chunk(), for a chunk that is there; `tests/client/test_short_ways.py` compares both.
            chunk = await self._driver.act(exchange.take_flowing)
            if chunk is None:
                chunk = await self._driver.run(read_chunk(exchange), self._call, self._pull)
            if chunk is None:
                self._raise_failure()
                return None
            if chunk:
                return self._keep(chunk)

    async def aclose(self) -> None:
        """The client is done with the response, or goes away in the middle of it."""
        __tracebackhide__ = True
        await self._end_with(leave)

    async def disconnect(self) -> None:
        """The client goes away, and says nothing: the app is told, and runs until it rests."""
        __tracebackhide__ = True
        if not self._exchange.done:
            await self._driver.act(self._exchange.disconnect)

    async def expect_nothing(self) -> None:
        """Let the app run until it rests, and see that nothing has come."""
        __tracebackhide__ = True
        await self._driver.settle()
        self._check_nothing()

    async def aabort(self) -> None:
        """The client itself is closed."""
        __tracebackhide__ = True
        await self._end_with(abort)

    async def _end_with(self, steps: Ending) -> None:
        __tracebackhide__ = True
        if self._closed:
            return
        self._closed = True
        self._on_close(self)
        if not self._exchange.ended:
            await self._driver.run(steps(self._exchange, self._options.ending_grace), self._call, self._pull)
        if self._pull is not None:
            await self._pull.aclose()
        self._after_leaving()
