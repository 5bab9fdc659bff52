"""The order rules of ASGI as data: protocol -> state -> event -> next state.

An event is a message type, plus one word where the specification gives its content a meaning for the order
(`http.response.body` with `more_body` is "more"). The exchanges look every message of the app up here and nowhere
else; the error texts are made from the same rows, so a text cannot disagree with the check.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
        # extensions.rst wants it before the start; frameworks render later, and only test clients ever see it.
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
    LifespanState.RUNNING: {},
    LifespanState.STOPPING: {
        "lifespan.shutdown.complete": LifespanState.STOPPED,
        "lifespan.shutdown.failed": LifespanState.STOPPED,
    },
    LifespanState.FAILED: {},
    LifespanState.STOPPED: {},
}

#: The key that splits a message type into two events, with the word that its true value adds.
SPLIT_BY: Final[Mapping[str, tuple[str, str]]] = {
    "http.response.start": ("trailers", " trailers"),
    "http.response.body": ("more_body", " more"),
    "http.response.zerocopysend": ("more_body", " more"),
    "http.response.trailers": ("more_trailers", " more"),
    "websocket.http.response.body": ("more_body", " more"),
}

#: Messages that may only be sent if `scope["extensions"]` has their name (asgi.rst: Extensions).
EXTENSIONS: Final = frozenset(
    (
        "http.response.debug",
        "http.response.early_hint",
        "http.response.pathsend",
        "http.response.push",
        "http.response.trailers",
        "http.response.zerocopysend",
    )
)

#: The one extension whose messages have names of their own.
DENIAL: Final = "websocket.http.response"
_DENIAL_MESSAGES: Final = (f"{DENIAL}.start", f"{DENIAL}.body")

#: What suites written for `starlette.testclient` match on. The first row that fits (message type, state) counts;
#: a state of None fits every state.
FAMILIAR_WORDS: Final[Mapping[tuple[str, State | None], str]] = {
    ("http.response.start", None): 'Received multiple "http.response.start" messages.',
    ("http.response.body", HTTPState.REQUESTED): 'Received "http.response.body" without "http.response.start".',
    ("http.response.body", HTTPState.COMPLETE): 'Received "http.response.body" after response completed.',
    ("http.response.body", HTTPState.TRAILERS): 'Received "http.response.body" after body completed.',
    (
        "http.response.trailers",
        HTTPState.STARTED_TRAILERS,
    ): 'Received "http.response.trailers" before body completed.',
    ("http.response.trailers", HTTPState.COMPLETE): 'Received "http.response.trailers" after response completed.',
    ("http.response.trailers", None): 'Received "http.response.trailers" without declaring trailers.',
}


def extension_of(message_type: str) -> str | None:
    """The extension that a message belongs to, or None."""
    if message_type in EXTENSIONS:
        return message_type
    return DENIAL if message_type in _DENIAL_MESSAGES else None


def event_of(message_type: str, message: Mapping[str, object]) -> str:
    """The event that `message` is: its type, plus the word its content adds."""
    split = SPLIT_BY.get(message_type)
    if split is not None and message.get(split[0], False):
        return message_type + split[1]
    return message_type


def allowed_types(table: Table, state: State, extensions: Collection[str]) -> tuple[str, ...]:
    """The message types that may be sent in `state`, in the order of the table.

    Args:
        extensions: the names of the extensions that the scope advertises.
    """
    types = dict.fromkeys(event.split(" ")[0] for event in table[state])
    return tuple(name for name in types if extension_of(name) in (None, *extensions))


def familiar_words(message_type: str, state: State, declared_trailers: bool) -> str | None:
    """Today's wording for a message out of order, where there is one."""
    if not isinstance(state, HTTPState):
        return None
    if message_type == "http.response.trailers" and not declared_trailers:
        return FAMILIAR_WORDS[message_type, None]
    return FAMILIAR_WORDS.get((message_type, state), FAMILIAR_WORDS.get((message_type, None)))
