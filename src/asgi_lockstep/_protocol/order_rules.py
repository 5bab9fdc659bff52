"""The rules about which message may be sent where, beyond what the tables allow: their names and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .rules import Rule
from .tables import HTTPState, State, WebSocketState

NO_MESSAGE: Final = Rule(
    "no-message", "send() was given {type}, which is not a message with a type.", "asgi.rst: Events"
)
OTHER_PROTOCOL: Final = Rule(
    "other-protocol",
    'Received "{type}" on a {scope} scope: look at scope["type"] first.',
    "asgi.rst: Protocol Specifications",
    "SHOULD",
)
UNKNOWN_TYPE: Final = Rule(
    "unknown-type",
    'Received "{type}", a type of message that no app can send{hint}.',
    "asgi.rst: Events",
)
NOT_OFFERED: Final = Rule(
    "not-offered", 'Received "{type}", but scope["extensions"] does not offer it.', "asgi.rst: Extensions"
)
NOT_ALLOWED: Final = Rule("not-allowed", 'Received "{type}", which is not allowed here.', "asgi.rst: Error Handling")
SEND_AFTER_CLOSE: Final = Rule(
    "send-after-close", 'Received "{type}" after the app has closed the websocket.', "www.rst: Close"
)
CLOSE_TWICE: Final = Rule("close-twice", 'Received "{type}" after the app has closed the websocket.', "www.rst: Close")

# Instead of the last but one, where suites written for `starlette.testclient` match on the words.

START_TWICE: Final = Rule("start-twice", 'Received multiple "{type}" messages.', "www.rst: Response Start")
BODY_BEFORE_START: Final = Rule(
    "body-before-start", 'Received "{type}" without "http.response.start".', "www.rst: Response Body"
)
BODY_AFTER_RESPONSE: Final = Rule(
    "body-after-response", 'Received "{type}" after response completed.', "www.rst: Response Body"
)
BODY_AFTER_BODY: Final = Rule("body-after-body", 'Received "{type}" after body completed.', "www.rst: Response Body")
TRAILERS_BEFORE_END: Final = Rule(
    "trailers-before-end", 'Received "{type}" before body completed.', "extensions.rst: HTTP Trailers"
)
TRAILERS_AFTER_RESPONSE: Final = Rule(
    "trailers-after-response", 'Received "{type}" after response completed.', "extensions.rst: HTTP Trailers"
)
TRAILERS_NOT_DECLARED: Final = Rule(
    "trailers-not-declared", 'Received "{type}" without declaring trailers.', "extensions.rst: HTTP Trailers"
)

#: All that are about order.
ORDER_RULES: Final = (
    NO_MESSAGE,
    OTHER_PROTOCOL,
    UNKNOWN_TYPE,
    NOT_OFFERED,
    NOT_ALLOWED,
    SEND_AFTER_CLOSE,
    CLOSE_TWICE,
    START_TWICE,
    BODY_BEFORE_START,
    BODY_AFTER_RESPONSE,
    BODY_AFTER_BODY,
    TRAILERS_BEFORE_END,
    TRAILERS_AFTER_RESPONSE,
    TRAILERS_NOT_DECLARED,
)

#: Which of these a message out of order breaks. The first row that fits (message type, state) counts; a state of None
#: fits every state.
OUT_OF_ORDER: Final[Mapping[tuple[str, State | None], Rule]] = {
    ("http.response.start", None): START_TWICE,
    ("http.response.body", HTTPState.REQUESTED): BODY_BEFORE_START,
    ("http.response.body", HTTPState.COMPLETE): BODY_AFTER_RESPONSE,
    ("http.response.body", HTTPState.TRAILERS): BODY_AFTER_BODY,
    ("http.response.trailers", HTTPState.STARTED_TRAILERS): TRAILERS_BEFORE_END,
    ("http.response.trailers", HTTPState.COMPLETE): TRAILERS_AFTER_RESPONSE,
    ("http.response.trailers", None): TRAILERS_NOT_DECLARED,
    ("websocket.send", WebSocketState.CLOSED): SEND_AFTER_CLOSE,
    ("websocket.close", WebSocketState.CLOSED): CLOSE_TWICE,
}


def order_rule(message_type: str, state: State, declared_trailers: bool, was_accepted: bool) -> Rule:
    """The rule that a message of the right protocol breaks where its table does not allow it.

    Args:
        message_type: its type.
        state: of the exchange.
        declared_trailers: whether the response did.
        was_accepted: whether the websocket was.
    """
    if isinstance(state, WebSocketState) and not was_accepted:
        return NOT_ALLOWED
    if message_type == "http.response.trailers" and isinstance(state, HTTPState) and not declared_trailers:
        return TRAILERS_NOT_DECLARED
    in_any_state = OUT_OF_ORDER.get((message_type, None), NOT_ALLOWED) if isinstance(state, HTTPState) else NOT_ALLOWED
    return OUT_OF_ORDER.get((message_type, state), in_any_state)
