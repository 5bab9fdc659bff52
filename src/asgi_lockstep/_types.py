"""The shapes of ASGI: scopes, messages and the callables that carry them (asgi.rst, www.rst, lifespan.rst)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Literal, NotRequired, TypedDict

#: What crosses `receive` and `send`. The TypedDicts below say what each type carries; they cannot be the type of
#: the callables, because applications are annotated with plain mappings everywhere.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGI3App = Callable[[Scope, Receive, Send], Awaitable[None]]
ASGIInstance = Callable[[Receive, Send], Awaitable[None]]
ASGI2App = Callable[[Scope], ASGIInstance]

#: What a user may give as an app. Frameworks annotate theirs with types of their own, narrower than the messages above
#: (Quart, Litestar, Falcon) or with none, and so all that can be said of an app is with how many arguments it is called
#: and that the last call is awaited; `tests/typed/test_apps.py` has what that takes and refuses.
ASGIApp = Callable[[Any], Callable[[Any, Any], Awaitable[object]]] | Callable[[Any, Any, Any], Awaitable[object]]

HeaderPairs = Iterable[tuple[bytes, bytes]]


class ASGIVersions(TypedDict):
    """`scope["asgi"]` (asgi.rst: Applications)."""

    version: str
    spec_version: NotRequired[str]


class ConnectionScope(TypedDict):
    """The keys that the HTTP and the websocket scope share (www.rst)."""

    asgi: ASGIVersions
    http_version: str
    scheme: str
    path: str
    raw_path: bytes
    query_string: bytes
    root_path: str
    headers: list[tuple[bytes, bytes]]
    client: tuple[str, int] | None
    server: tuple[str, int | None] | None
    state: dict[str, Any]
    extensions: dict[str, dict[str, Any]]


class HTTPScope(ConnectionScope):
    """www.rst: HTTP Connection Scope."""

    type: Literal["http"]
    method: str


class WebSocketScope(ConnectionScope):
    """www.rst: Websocket Connection Scope."""

    type: Literal["websocket"]
    subprotocols: list[str]


class LifespanScope(TypedDict):
    """lifespan.rst: Scope."""

    type: Literal["lifespan"]
    asgi: ASGIVersions
    state: dict[str, Any]


class HTTPRequest(TypedDict):
    """www.rst: Request - receive event."""

    type: Literal["http.request"]
    body: bytes
    more_body: bool


class HTTPDisconnect(TypedDict):
    """www.rst: Disconnect - receive event."""

    type: Literal["http.disconnect"]


class HTTPResponseStart(TypedDict):
    """www.rst: Response Start - send event."""

    type: Literal["http.response.start"]
    status: int
    headers: NotRequired[HeaderPairs]
    trailers: NotRequired[bool]


class HTTPResponseBody(TypedDict):
    """www.rst: Response Body - send event."""

    type: Literal["http.response.body"]
    body: NotRequired[bytes]
    more_body: NotRequired[bool]


class HTTPResponseTrailers(TypedDict):
    """extensions.rst: HTTP Trailers."""

    type: Literal["http.response.trailers"]
    headers: NotRequired[HeaderPairs]
    more_trailers: NotRequired[bool]


class HTTPResponseDebug(TypedDict):
    """extensions.rst: Debug."""

    type: Literal["http.response.debug"]
    info: dict[str, Any]


class WebSocketConnect(TypedDict):
    """www.rst: Connect - receive event."""

    type: Literal["websocket.connect"]


class WebSocketAccept(TypedDict):
    """www.rst: Accept - send event."""

    type: Literal["websocket.accept"]
    subprotocol: NotRequired[str | None]
    headers: NotRequired[HeaderPairs]


class WebSocketReceive(TypedDict):
    """www.rst: Receive - receive event."""

    type: Literal["websocket.receive"]
    bytes: NotRequired[bytes | None]
    text: NotRequired[str | None]


class WebSocketSend(TypedDict):
    """www.rst: Send - send event."""

    type: Literal["websocket.send"]
    bytes: NotRequired[bytes | None]
    text: NotRequired[str | None]


class WebSocketDisconnectMessage(TypedDict):
    """www.rst: Disconnect - receive event."""

    type: Literal["websocket.disconnect"]
    code: int
    reason: str


class WebSocketClose(TypedDict):
    """www.rst: Close - send event."""

    type: Literal["websocket.close"]
    code: NotRequired[int]
    reason: NotRequired[str | None]


class LifespanEvent(TypedDict):
    """lifespan.rst: Startup and Shutdown - receive events."""

    type: Literal["lifespan.startup", "lifespan.shutdown"]


class LifespanReply(TypedDict):
    """lifespan.rst: Startup/Shutdown Complete and Failed - send events."""

    type: Literal[
        "lifespan.startup.complete",
        "lifespan.startup.failed",
        "lifespan.shutdown.complete",
        "lifespan.shutdown.failed",
    ]
    message: NotRequired[str]
