"""Requests for `client.request(**request)`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .values import Headers, any_path, header_pairs, texts

#: The methods of RFC 9110 and RFC 5789 that reach an app, the most harmless first.
METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")

Params = list[tuple[str, str]]


def requests(
    *,
    methods: Iterable[str] | SearchStrategy[str] = METHODS,
    paths: SearchStrategy[str] | None = None,
    params: SearchStrategy[Params] | None = None,
    headers: SearchStrategy[Headers] | None = None,
    bodies: SearchStrategy[bytes] | None = None,
) -> SearchStrategy[dict[str, Any]]:
    """Requests that any client can send, as arguments for `client.request(**request)`, sync and async.

    Args:
        methods: those to choose from, or a strategy for them; by default those of HTTP.
        paths: strategy for decoded paths, which begin with `/`; they are encoded where a URL needs it. By default any.
        params: strategy for the query, as pairs of texts; by default a few of any.
        headers: strategy for lists of headers as pairs of bytes; by default a few of any but those that say how the
            request is sent (`host`, `content-length`, ...), which the client adds itself.
        bodies: strategy for bodies in bytes; by default any of up to 200 bytes. They are sent with every method but
            GET, HEAD and OPTIONS, which have none.

    Returns:
        Strategy for dicts with `method`, `url`, `headers`, and `params` and `content` where there are any.

    Example:
        >>> from hypothesis import given
        >>> from asgi_lockstep import TestClient
        >>> async def app(scope, receive, send):
        ...     await send({"type": "http.response.start", "status": 404})
        ...     await send({"type": "http.response.body"})
        >>> @given(requests(methods=["GET"]))
        ... def test_no_request_is_a_server_error(request):
        ...     assert TestClient(app).request(**request).status_code < 500
        >>> test_no_request_is_a_server_error()
    """
    chosen = methods if isinstance(methods, SearchStrategy) else st.sampled_from([*methods])
    return st.builds(
        _request,
        method=chosen,
        path=any_path() if paths is None else paths,
        params=st.lists(st.tuples(texts(), texts()), max_size=3) if params is None else params,
        headers=st.lists(header_pairs(), max_size=3) if headers is None else headers,
        body=st.binary(max_size=200) if bodies is None else bodies,
    )


def _request(method: str, path: str, params: Params, headers: Headers, body: bytes) -> dict[str, Any]:
    request: dict[str, Any] = {"method": method, "url": quote(path), "headers": headers}
    if params:
        request["params"] = params
    if body and method not in ("GET", "HEAD", "OPTIONS"):
        request["content"] = body
    return request
