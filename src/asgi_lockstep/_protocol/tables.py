"""The order rules of ASGI as data: protocol -> state -> event -> next state.

An event is a message type, plus one word where the specification gives its content a meaning for the order
(`http.response.body` with `more_body` is "more"): `shapes.py` says which. Whether a message may be sent is looked up
here and nowhere else; the error texts are made from the same rows, so a text cannot disagree with the check.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final


class HTTPState(Enum):
    """Where the response of one HTTP exchange stands."""

    __hash__ = object.__hash__  # states are looked up for every message; Enum's own hash is Python code

    REQUESTED = "no response yet"  #: the app has sent nothing that a client would see
    STARTED = "response started"  #: status and headers are out, the body is not complete
    STARTED_TRAILERS = "response with trailers started"  #: the same, trailers were declared
    TRAILERS = "body complete, trailers outstanding"  #: the body is complete, the declared trailers are not
    COMPLETE = "response complete"  #: nothing may follow


class WebSocketState(Enum):
    """Where one websocket stands, as seen from the app."""

    __hash__ = object.__hash__  # states are looked up for every message; Enum's own hash is Python code

    CONNECTING = "handshake not answered"  #: neither accepted nor refused
    OPEN = "accepted"  #: messages flow
    DENYING = "denial response started"  #: refused with an HTTP response whose body is not complete
    CLOSED = "closed by the app"  #: nothing may follow


class LifespanState(Enum):
    """Where the lifespan of the app stands."""

    __hash__ = object.__hash__  # states are looked up for every message; Enum's own hash is Python code

    STARTING = "starting"  #: `lifespan.startup` is unanswered
    RUNNING = "running"  #: started; requests are served
    STOPPING = "stopping"  #: `lifespan.shutdown` is unanswered
    FAILED = "startup failed"  #: the app said so
    STOPPED = "stopped"  #: shutdown was answered


State = HTTPState | WebSocketState | LifespanState
Table = Mapping[State, Mapping[str, State]]

#: www.rst: Response Start, Response Body; extensions.rst: HTTP Trailers, Debug.
HTTP: Final[Table] = {
    HTTPState.REQUESTED: {
        # extensions.rst wants a push and an early hint after the start; servers and frameworks send them before it.
        "http.response.early_hint": HTTPState.REQUESTED,
        "http.response.push": HTTPState.REQUESTED,
        "http.response.debug": HTTPState.REQUESTED,
        "http.response.start": HTTPState.STARTED,
        "http.response.start trailers": HTTPState.STARTED_TRAILERS,
    },
    HTTPState.STARTED: {
        # extensions.rst wants it before the start, which is a rule of its own: some frameworks render later.
        "http.response.debug": HTTPState.STARTED,
        "http.response.early_hint": HTTPState.STARTED,
        "http.response.push": HTTPState.STARTED,
        "http.response.body more": HTTPState.STARTED,
        "http.response.body": HTTPState.COMPLETE,
        "http.response.zerocopysend more": HTTPState.STARTED,
        "http.response.zerocopysend": HTTPState.COMPLETE,
        "http.response.pathsend": HTTPState.COMPLETE,
    },
    HTTPState.STARTED_TRAILERS: {
        "http.response.debug": HTTPState.STARTED_TRAILERS,
        "http.response.early_hint": HTTPState.STARTED_TRAILERS,
        "http.response.push": HTTPState.STARTED_TRAILERS,
        "http.response.body more": HTTPState.STARTED_TRAILERS,
        "http.response.body": HTTPState.TRAILERS,
        "http.response.zerocopysend more": HTTPState.STARTED_TRAILERS,
        "http.response.zerocopysend": HTTPState.TRAILERS,
        "http.response.pathsend": HTTPState.TRAILERS,
    },
    HTTPState.TRAILERS: {
        "http.response.trailers more": HTTPState.TRAILERS,
        "http.response.trailers": HTTPState.COMPLETE,
    },
    HTTPState.COMPLETE: {},
}

#: www.rst: Connect, Accept, Send, Close; extensions.rst: Websocket Denial Response.
WEBSOCKET: Final[Table] = {
    WebSocketState.CONNECTING: {
        "websocket.accept": WebSocketState.OPEN,
        "websocket.close": WebSocketState.CLOSED,
        "websocket.http.response.start": WebSocketState.DENYING,
    },
    WebSocketState.OPEN: {
        "websocket.send": WebSocketState.OPEN,
        "websocket.close": WebSocketState.CLOSED,
    },
    WebSocketState.DENYING: {
        "websocket.http.response.body more": WebSocketState.DENYING,
        "websocket.http.response.body": WebSocketState.CLOSED,
    },
    WebSocketState.CLOSED: {},
}

#: lifespan.rst: Startup Complete ... Shutdown Failed.
LIFESPAN: Final[Table] = {
    LifespanState.STARTING: {
        "lifespan.startup.complete": LifespanState.RUNNING,
        "lifespan.startup.failed": LifespanState.FAILED,
    },
    LifespanState.RUNNING: {
        # lifespan.rst knows both as answers only; frameworks send them when the lifespan ends by itself, because a task
        # that it has started died, and servers accept that.
        "lifespan.shutdown.complete": LifespanState.STOPPED,
        "lifespan.shutdown.failed": LifespanState.STOPPED,
    },
    LifespanState.STOPPING: {
        "lifespan.shutdown.complete": LifespanState.STOPPED,
        "lifespan.shutdown.failed": LifespanState.STOPPED,
    },
    LifespanState.FAILED: {},
    LifespanState.STOPPED: {},
}

#: The table of each protocol, and where the app stands in it at first, by the type of the scope.
PROTOCOLS: Final[Mapping[str, tuple[Table, State]]] = {
    "http": (HTTP, HTTPState.REQUESTED),
    "websocket": (WEBSOCKET, WebSocketState.CONNECTING),
    "lifespan": (LIFESPAN, LifespanState.STARTING),
}
