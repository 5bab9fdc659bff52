"""The heads of requests and responses, as HTTP/1.1 writes them."""

from __future__ import annotations

from typing import Any

from .terminal import Screen


def head_of_request(request: Any) -> str:
    """The request line and the headers of a request of a client."""
    line = f"{request.method} {request.url.raw_path.decode('ascii')} HTTP/1.1"
    return "\n".join([line, *_lines(request.headers)])


def head_of_response(response: Any) -> str:
    """The status line and the headers of a response."""
    line = f"{response.http_version} {response.status_code} {response.reason_phrase}".rstrip()
    return "\n".join([line, *_lines(response.headers)])


def _lines(headers: Any) -> list[str]:
    return [f"{name.decode('latin-1')}: {value.decode('latin-1')}" for name, value in headers.raw]


def print_heads(screen: Screen, response: Any, with_requests: bool) -> None:
    """Print the heads of a response and of the redirects that have led to it.

    Args:
        screen: where to.
        response: the last one.
        with_requests: whether those of the requests, too.
    """
    for one in [*response.history, response]:
        heads = [head_of_request(one.request)] if with_requests else []
        for head in [*heads, head_of_response(one)]:
            screen.syntax(head, "http")
            screen.text()
