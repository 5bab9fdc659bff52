"""Hypothesis strategies for ASGI: what clients, servers and apps may say. Needs the extra `hypothesis`.

    requests()                  what a client can be given: `client.request(**request)`
    http_events()               what an app may receive for one request, on any server
    websocket_events()          ... over one websocket
    lifespan_events()           ... in its lifespan
    http_app_messages()         what an app may send to answer one request: to test middleware, and servers
    websocket_app_messages()    ... over one websocket
    lifespan_app_messages()     ... in its lifespan

Everything that they make is legal by the ASGI specification; each has arguments to narrow it down.

Example:
    >>> from hypothesis import given
    >>> from asgi_lockstep import TestClient
    >>> async def app(scope, receive, send):
    ...     await send({"type": "http.response.start", "status": 200})
    ...     await send({"type": "http.response.body", "body": scope["path"].encode()})
    >>> @given(requests(methods=["GET"]))
    ... def test_every_path_is_answered(request):
    ...     assert TestClient(app).request(**request).status_code == 200
    >>> test_every_path_is_answered()
"""

from __future__ import annotations

from .errors import MissingExtra

try:
    import hypothesis  # noqa: F401  # first, so that its absence is told in words, and nothing else is
except ImportError:
    raise MissingExtra("hypothesis", "asgi_lockstep.strategies", "hypothesis") from None

from ._strategies.app_messages import lifespan_app_messages, websocket_app_messages
from ._strategies.events import http_events, lifespan_events, websocket_events
from ._strategies.http_messages import http_app_messages
from ._strategies.requests import requests

__all__ = (
    "http_app_messages",
    "http_events",
    "lifespan_app_messages",
    "lifespan_events",
    "requests",
    "websocket_app_messages",
    "websocket_events",
)
