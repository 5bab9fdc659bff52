"""The response of httpx, with what a test can do to the connection behind it."""

from __future__ import annotations

from typing import Any, TypeVar

from ..._drivers.calls.app_call import AppCall
from ..._httpx import httpx
from ..._protocol.http_exchange import HINTS, HTTPExchange
from ..entrances import Explains, entrances
from .response_body import AsyncBody, SyncBody


class _Response(httpx.Response, Explains):
    """A response that knows its body while that arrives."""

    #: None where the whole response was there at once.
    _body: Any = None

    @property
    def pending(self) -> list[bytes]:
        """The pieces of the body that the app has sent and nobody has read, oldest first."""
        return [] if self._body is None else self._body.pending

    def _explain(self, exception: BaseException) -> None:
        if self._body is not None:
            self._body.explain(exception)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()  # type: ignore[no-untyped-call, unused-ignore]
        state.pop("_body", None)  # a connection cannot be pickled
        return state


@entrances("read", "iter_raw", "iter_bytes", "iter_text", "iter_lines", "close")
class LockstepResponse(_Response):
    """What the methods of `TestClient` return: an `httpx.Response`."""

    _body: SyncBody | None = None

    def disconnect(self) -> None:
        """Go away in the middle of the response: the app receives `http.disconnect`, and runs until it rests.

        Nothing happens where the response is complete. Reading on raises `ResponseCutOff` (an `httpx.ReadError`);
        leaving the `stream()` block gives the app its grace to end, as always.

        Example:
            >>> from asgi_lockstep import TestClient
            >>> async def app(scope, receive, send):
            ...     await receive()
            ...     await send({"type": "http.response.start", "status": 200})
            ...     print((await receive())["type"])
            >>> with TestClient(app).stream("GET", "/") as response:
            ...     response.disconnect()
            http.disconnect
        """
        __tracebackhide__ = True
        if self._body is not None:
            self._body.acts("disconnect")
            self._body.disconnect()

    def expect_nothing(self) -> None:
        """Let the app run until it rests, and see that no piece of the body has come. Takes no time by the clock.

        A thread that is at work for the app is not waited for: let it end before, with `client.sleep()`.

        Raises:
            UnexpectedMessage: one has come; it can still be read.
        """
        __tracebackhide__ = True
        if self._body is not None:
            self._body.acts("expect_nothing")
            self._body.expect_nothing()


@entrances("aread", "aiter_raw", "aiter_bytes", "aiter_text", "aiter_lines", "aclose")
class AsyncLockstepResponse(_Response):
    """What the methods of `AsyncTestClient` return: an `httpx.Response`."""

    _body: AsyncBody | None = None

    async def disconnect(self) -> None:
        """Go away in the middle of the response: the app receives `http.disconnect`, and runs until it rests.

        Nothing happens where the response is complete. Reading on raises `ResponseCutOff` (an `httpx.ReadError`);
        leaving the `stream()` block gives the app its grace to end, as always.

        Example:
            >>> async def test_leaving(client):
            ...     async with client.stream("GET", "/events") as response:
            ...         await response.disconnect()
        """
        __tracebackhide__ = True
        if self._body is not None:
            self._body.acts("disconnect")
            await self._body.disconnect()

    async def expect_nothing(self) -> None:
        """Let the app run until it rests, and see that no piece of the body has come. Takes no time by the clock.

        A thread that is at work for the app is not waited for: let it end before, with `client.sleep()`.

        Raises:
            UnexpectedMessage: one has come; it can still be read.
        """
        __tracebackhide__ = True
        if self._body is not None:
            self._body.acts("expect_nothing")
            await self._body.expect_nothing()


Kind = TypeVar("Kind", bound=_Response)


def body_of(response: httpx.Response) -> SyncBody | AsyncBody | None:
    """The body of a response that arrives, below what httpx puts around it; None where it was there at once."""
    body: SyncBody | AsyncBody | None = response._body if isinstance(response, _Response) else None
    return body


def response_for(kind: type[Kind], call: AppCall[HTTPExchange], body: Any, request: httpx.Request) -> Kind:
    """The response as far as it is known: a 500 where the app failed before it started one.

    Args:
        kind: the class of the client's responses.
        call: the call of the app, with what that has sent.
        body: the body that arrives, or a stream of what has arrived already.
        request: what is answered.
    """
    exchange = call.exchange
    response = kind(
        exchange.status if exchange.started else 500,
        headers=exchange.headers,
        stream=body,
        request=request,
        extensions=extensions_of(exchange),
    )
    if isinstance(body, (SyncBody, AsyncBody)):
        response._body = body  # of the same colour as the class
    if not call.over:
        call.when_ended(lambda: response.extensions.update({"asgi.exception": exchange.exception}))
    if exchange.debug is not None:
        show_debug(response, exchange.debug)
    return response


def extensions_of(exchange: HTTPExchange) -> dict[str, Any]:
    """What a response says beyond HTTP."""
    found: dict[str, Any] = {
        "http_version": b"HTTP/" + exchange.scope["http_version"].encode("ascii"),
        #: What the app raised, whether the test sees it raised or not; of a stream, when the app has ended.
        "asgi.exception": exchange.exception,
    }
    offered = exchange.scope.get("extensions")
    if offered and not HINTS.isdisjoint(offered):
        found.update({name: hints for name, hints in exchange.hints.items() if name in offered})
    if exchange.declared_trailers:
        found["http.response.trailers"] = exchange.trailers
    if exchange.debug is not None:
        found["http.response.debug"] = exchange.debug
    return found


def show_debug(response: httpx.Response, debug: dict[str, Any]) -> None:
    """Give a response what the app has sent about it as attributes, as Starlette's client has them."""
    for name in ("template", "context"):
        if name in debug:
            setattr(response, name, debug[name])
