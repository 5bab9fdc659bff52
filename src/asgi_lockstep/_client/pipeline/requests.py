"""`request()` and `send()` of both clients: the way of a request from the test to the app, and of the response back.

A request is prepared, the app is called, and its answer becomes a response. Where httpx has a say in that, it has it: a
request that it has to put together goes its whole way, and a response that it has to look at is handed to it, with what
the app has done already. `tests/fuzz/test_pipeline.py` compares both ways.
"""

from __future__ import annotations

import time
from typing import Any

from ..._httpx import httpx
from ..http.whole_response import AsyncWholeResponse, WholeResponse
from .answer import whole_response, with_elapsed
from .call import collecting
from .prepared import Preparation
from .transport import AsyncTransport, SyncTransport


class Requests(httpx.Client):
    """The requests of the sync client."""

    _preparation: Preparation
    _to_app: SyncTransport
    _httpx_options: dict[str, Any]

    def request(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        auth: Any = httpx.USE_CLIENT_DEFAULT,
        follow_redirects: Any = httpx.USE_CLIENT_DEFAULT,
        **said: Any,
    ) -> httpx.Response:
        """Build a request and send it; see `httpx.Client.request`, whose arguments it takes."""
        __tracebackhide__ = True
        prepared = self._preparation.prepare(self, self._to_app, method, url, auth=auth, **said)
        if prepared is None:
            return super().request(method, url, auth=auth, follow_redirects=follow_redirects, **said)
        begin = time.perf_counter()
        try:
            begun = self._to_app.begin(prepared)
        except httpx.RequestError as exc:
            exc.request = prepared.request
            raise
        seconds = time.perf_counter() - begin
        encoding = self._httpx_options.get("default_encoding", "utf-8")
        response = whole_response(WholeResponse, begun, encoding, seconds)
        if response is not None:
            return response
        request = begun.for_httpx()
        return with_elapsed(super().send(request, auth=auth, follow_redirects=follow_redirects), seconds)

    def send(
        self,
        request: httpx.Request,
        *,
        stream: bool = False,
        auth: Any = httpx.USE_CLIENT_DEFAULT,
        follow_redirects: Any = httpx.USE_CLIENT_DEFAULT,
    ) -> httpx.Response:
        """Send a request that `build_request()` made; see `httpx.Client.send`."""
        __tracebackhide__ = True
        request = collecting(request, not stream)
        return super().send(request, stream=stream, auth=auth, follow_redirects=follow_redirects)


class AsyncRequests(httpx.AsyncClient):
    """The requests of the async client."""

    _preparation: Preparation
    _to_app: AsyncTransport
    _httpx_options: dict[str, Any]

    async def request(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        auth: Any = httpx.USE_CLIENT_DEFAULT,
        follow_redirects: Any = httpx.USE_CLIENT_DEFAULT,
        **said: Any,
    ) -> httpx.Response:
        """Build a request and send it; see `httpx.AsyncClient.request`, whose arguments it takes."""
        __tracebackhide__ = True
        prepared = self._preparation.prepare(self, self._to_app, method, url, auth=auth, **said)
        if prepared is None:
            return await super().request(method, url, auth=auth, follow_redirects=follow_redirects, **said)
        begin = time.perf_counter()
        try:
            begun = await self._to_app.begin(prepared)
        except httpx.RequestError as exc:
            exc.request = prepared.request
            raise
        seconds = time.perf_counter() - begin
        encoding = self._httpx_options.get("default_encoding", "utf-8")
        response = whole_response(AsyncWholeResponse, begun, encoding, seconds)
        if response is not None:
            return response
        request = begun.for_httpx()
        return with_elapsed(await super().send(request, auth=auth, follow_redirects=follow_redirects), seconds)

    async def send(
        self,
        request: httpx.Request,
        *,
        stream: bool = False,
        auth: Any = httpx.USE_CLIENT_DEFAULT,
        follow_redirects: Any = httpx.USE_CLIENT_DEFAULT,
    ) -> httpx.Response:
        """Send a request that `build_request()` made; see `httpx.AsyncClient.send`."""
        __tracebackhide__ = True
        request = collecting(request, not stream)
        return await super().send(request, stream=stream, auth=auth, follow_redirects=follow_redirects)
