"""Requests over the network, with a header by which the call of the app is found again, and what that has raised."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from ..._httpx import httpx
from ..record import CALL_HEADER
from ..serving.contract import Serving
from .failures import Cause
from .handshake import hand_over_handshake, scope_of


class Network:
    """What both transports share.

    Args:
        serving: the server.
        raises: whether the client raises what the app raises.
    """

    def __init__(self, serving: Serving, raises: bool) -> None:
        self._serving = serving
        self.raises = raises

    def cause(self, request: httpx.Request) -> Cause:
        """The call of the app that a request is going to cause."""
        hand_over_handshake(request)
        limit = request.extensions.get("timeout", {}).get("read")
        return Cause(self._serving.record, self.raises, limit, scope_of(request, "http"))

    def note_standing(self, exc: httpx.TimeoutException, request: httpx.Request) -> None:
        """Say where the app stands that has not answered in time, if it goes on: its client has just gone."""
        for line in self._serving.standing_of(f"{request.method} {request.url.path}"):
            exc.add_note(line)


class LiveTransport(Network, httpx.BaseTransport):
    """httpx's transport, which raises what the app has raised."""

    def __init__(self, serving: Serving, raises: bool) -> None:
        super().__init__(serving, raises)
        self._network = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the response when its body begins."""
        __tracebackhide__ = True
        cause = self.cause(request)
        try:
            response = self._network.handle_request(_with_call(request, cause))
        except httpx.TimeoutException as exc:
            self.note_standing(exc, request)
            raise
        except httpx.TransportError:
            failure = cause.failure(wait=True)
            if failure is None:
                raise
            raise failure from None
        return _with_stream(response, _Watched(response, cause))

    def close(self) -> None:
        self._network.close()


class AsyncLiveTransport(Network, httpx.AsyncBaseTransport):
    """The same, awaited."""

    def __init__(self, serving: Serving, raises: bool) -> None:
        super().__init__(serving, raises)
        self._network = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the response when its body begins."""
        __tracebackhide__ = True
        cause = self.cause(request)
        try:
            response = await self._network.handle_async_request(_with_call(request, cause))
        except httpx.TimeoutException as exc:
            self.note_standing(exc, request)
            raise
        except httpx.TransportError:
            failure = await cause.afailure(wait=True)
            if failure is None:
                raise
            raise failure from None
        return _with_stream(response, _AsyncWatched(response, cause))

    async def aclose(self) -> None:
        await self._network.aclose()


class _Watched(httpx.SyncByteStream):
    """The body of a response, at whose end the app may turn out to have failed."""

    def __init__(self, response: httpx.Response, cause: Cause) -> None:
        self._stream: Any = response.stream
        self._cause = cause
        self._may_have_failed = cause.may_have_failed(response.status_code)

    def __iter__(self) -> Iterator[bytes]:
        __tracebackhide__ = True
        try:
            yield from self._stream
        except httpx.TimeoutException:
            raise
        except httpx.TransportError:
            failure = self._cause.failure(wait=True)
            if failure is None:
                raise
            raise failure from None
        failure = self._cause.failure(wait=self._may_have_failed)
        if failure is not None:
            raise failure

    def close(self) -> None:
        self._stream.close()


class _AsyncWatched(httpx.AsyncByteStream):
    """The same, awaited."""

    def __init__(self, response: httpx.Response, cause: Cause) -> None:
        self._stream: Any = response.stream
        self._cause = cause
        self._may_have_failed = cause.may_have_failed(response.status_code)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        __tracebackhide__ = True
        try:
            async for chunk in self._stream:
                yield chunk
        except httpx.TimeoutException:
            raise
        except httpx.TransportError:
            failure = await self._cause.afailure(wait=True)
            if failure is None:
                raise
            raise failure from None
        failure = await self._cause.afailure(wait=self._may_have_failed)
        if failure is not None:
            raise failure

    async def aclose(self) -> None:
        await self._stream.aclose()


def _with_call(request: httpx.Request, cause: Cause) -> httpx.Request:
    """The request as it is sent; the one that the test sees stays as it is."""
    headers = [*request.headers.raw, (CALL_HEADER.encode(), cause.call.encode())]
    return httpx.Request(
        request.method, request.url, headers=headers, stream=request.stream, extensions=request.extensions
    )


def _with_stream(response: httpx.Response, stream: Any) -> httpx.Response:
    return httpx.Response(
        response.status_code, headers=response.headers.raw, stream=stream, extensions=response.extensions
    )
