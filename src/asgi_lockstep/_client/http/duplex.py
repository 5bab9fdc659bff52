"""Both directions at once: a request body that the test sends by hand while it reads the response."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from types import TracebackType
from typing import Any, Generic, Self

from ..._drivers.calls.app_call import AppCall
from ..._drivers.calls.tasks import do_nothing
from ..._drivers.turning.async_driver import AsyncDriver
from ..._drivers.turning.client_loops import ClientLoops
from ..._httpx import httpx
from ..._protocol.http_exchange import HTTPExchange
from ..._protocol.steps import act, started
from ..._protocol.varied_exchanges import explained
from ...errors import UsageError
from ..entrances import Explains, entrances
from ..failures import head_failure
from ..handed_over import HandedOver
from ..options import ExchangeOptions
from .request_body import piece_of_body
from .response import AsyncLockstepResponse, Kind, LockstepResponse, response_for
from .response_body import AsyncBody, SyncBody

_NO_EXCHANGE = 'An exchange was used outside of its block. Write: {} client.open("POST", url) as exchange: ...'


class _Duplex(Explains, Generic[Kind]):
    """What both kinds share: the exchange, and what is refused."""

    _enter = "with"
    _kind: type[Kind]

    _call: AppCall[HTTPExchange]
    _exchange: HTTPExchange
    _options: ExchangeOptions
    #: The request as it passed httpx: its URL, headers, cookies.
    request: httpx.Request

    def __init__(self, client: Any) -> None:
        self._client = client  # its loop is closed when it is collected
        self._body: Any = None
        self._response: Kind | None = None
        self._ended = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {'not opened yet' if self._body is None else repr(self._exchange)}>"

    def _explain(self, exception: BaseException) -> None:
        if self._body is not None:
            self._call.recorder.fails(exception)
            explained(exception, self._exchange)

    def _opened(self, opened: HandedOver) -> None:
        """The request has passed httpx's pipeline."""
        self._call = opened.call
        self._exchange = opened.call.exchange
        self._options = opened.options
        self.request = opened.asked.request

    def _check_new(self) -> None:
        """Raise if this exchange was opened before."""
        __tracebackhide__ = True
        if self._body is not None:
            raise UsageError(
                "This exchange was opened before, and a request is sent once. Write: "
                f'{self._enter} client.open("POST", url) as exchange: ..., for each.'
            )

    def _check_open(self) -> None:
        __tracebackhide__ = True
        if self._body is None:
            raise UsageError(_NO_EXCHANGE.format(self._enter))

    def _acts(self, action: str) -> None:
        __tracebackhide__ = True
        self._check_open()
        self._call.acts(action)

    @property
    def pending(self) -> list[bytes]:
        """The pieces of the response body that wait to be received, oldest first."""
        self._check_open()
        return self._exchange.pending

    def _feeding(self, piece: bytes | None) -> Callable[[], None]:
        """The change that hands the app a piece of the request body, or its end."""
        __tracebackhide__ = True
        self._check_open()
        if self._ended:
            raise UsageError(f"The request body of {self._exchange.request} has been ended: nothing can follow it.")
        if piece is None:
            self._call.acts("end")
        else:
            self._call.acts("send", piece)
        self._ended = piece is None
        return partial(self._exchange.feed, piece)

    def _started(self) -> Kind:
        """The response, after the step that waits for it; raises what the app raised instead."""
        __tracebackhide__ = True
        if self._response is None:
            failure = head_failure(self._exchange, self._options)
            if failure is not None:
                raise self._body.raised(failure)
            self._response = response_for(self._kind, self._call, self._body, self.request)
        return self._response


@entrances()
class DuplexExchange(_Duplex[LockstepResponse]):
    """One request, opened by `with client.open("POST", url) as exchange:`. Not to be made by hand.

    Each method returns when the app has come to rest again. Leaving the block before the response is complete is a
    disconnect, as for `stream()`.
    """

    _kind = LockstepResponse

    def __init__(self, client: Any, connect: Callable[[], HandedOver], loops: ClientLoops) -> None:
        super().__init__(client)
        self._connect = connect
        self._loops = loops

    def __enter__(self) -> Self:
        __tracebackhide__ = True
        self._check_new()
        self._opened(self._connect())
        self._driver = self._loops.current()
        self._body = SyncBody(self._call, self._options, _forget, driver=self._driver, pull=None)
        self._driver.begin(self._call, act(do_nothing))
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        self._body.close()

    def __iter__(self) -> Iterator[bytes]:
        """The pieces of the response body, to its end."""
        self._check_open()
        chunks: Iterator[bytes] = iter(self._body)
        return chunks

    def send(self, chunk: bytes) -> None:
        """Send a piece of the request body.

        Raises:
            UsageError: the body has been ended.
            TypeError: it is not made of bytes.
        """
        __tracebackhide__ = True
        change = self._feeding(piece_of_body(chunk))
        self._driver.act(change)

    def end(self) -> None:
        """End the request body: the app receives `more_body=False`."""
        __tracebackhide__ = True
        change = self._feeding(None)
        self._driver.act(change)

    def receive(self) -> bytes | None:
        """The next piece of the response body, or None after the last one."""
        __tracebackhide__ = True
        self._acts("receive")
        chunk: bytes | None = self._body.next_chunk()
        return chunk

    def expect_nothing(self) -> None:
        """Let the app run until it rests, and see that no piece of the response body has come.

        Raises:
            UnexpectedMessage: one has come; it can still be received.
        """
        __tracebackhide__ = True
        self._acts("expect_nothing")
        self._body.expect_nothing()

    def disconnect(self) -> None:
        """Go away: the app receives `http.disconnect`."""
        __tracebackhide__ = True
        self._acts("disconnect")
        self._body.disconnect()

    @property
    def response(self) -> LockstepResponse:
        """The response, as soon as the app has started it; waits for that."""
        __tracebackhide__ = True
        self._check_open()
        self._driver.run(started(self._exchange), self._call)
        return self._started()


@entrances()
class AsyncDuplexExchange(_Duplex[AsyncLockstepResponse]):
    """One request, opened by `async with client.open("POST", url) as exchange:`. Not to be made by hand.

    The methods are those of the sync one, awaited; so is `response`.
    """

    _enter = "async with"
    _kind = AsyncLockstepResponse

    def __init__(
        self, client: Any, connect: Callable[[], Awaitable[HandedOver]], driver: Callable[[], AsyncDriver]
    ) -> None:
        super().__init__(client)
        self._connect = connect
        self._new_driver = driver

    async def __aenter__(self) -> Self:
        __tracebackhide__ = True
        self._check_new()
        self._opened(await self._connect())
        self._driver = self._new_driver()
        self._body = AsyncBody(self._call, self._options, _forget, driver=self._driver, pull=None)
        await self._driver.begin(self._call, act(do_nothing))
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        __tracebackhide__ = True
        await self._body.aclose()

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces of the response body, to its end."""
        self._check_open()
        chunks: AsyncIterator[bytes] = aiter(self._body)
        return chunks

    async def send(self, chunk: bytes) -> None:
        """Send a piece of the request body.

        Raises:
            UsageError: the body has been ended.
            TypeError: it is not made of bytes.
        """
        __tracebackhide__ = True
        change = self._feeding(piece_of_body(chunk))
        await self._driver.act(change)

    async def end(self) -> None:
        """End the request body: the app receives `more_body=False`."""
        __tracebackhide__ = True
        change = self._feeding(None)
        await self._driver.act(change)

    async def receive(self) -> bytes | None:
        """The next piece of the response body, or None after the last one."""
        __tracebackhide__ = True
        self._acts("receive")
        chunk: bytes | None = await self._body.next_chunk()
        return chunk

    async def expect_nothing(self) -> None:
        """Let the app run until it rests, and see that no piece of the response body has come.

        Raises:
            UnexpectedMessage: one has come; it can still be received.
        """
        __tracebackhide__ = True
        self._acts("expect_nothing")
        await self._body.expect_nothing()

    async def disconnect(self) -> None:
        """Go away: the app receives `http.disconnect`."""
        __tracebackhide__ = True
        self._acts("disconnect")
        await self._body.disconnect()

    @property
    async def response(self) -> AsyncLockstepResponse:
        """To be awaited: the response, as soon as the app has started it."""
        __tracebackhide__ = True
        self._check_open()
        await self._driver.run(started(self._exchange), self._call)
        return self._started()


def _forget(body: object) -> None:
    """The block itself closes the body; no client has to."""
