"""The rules about how an app ends. One that ends without a whole response is an error of its own (`errors.py`)."""

from __future__ import annotations

from typing import Final

from .rules import Facts, Rule
from .tables import HTTPState, WebSocketState

RETURN_VALUE: Final = Rule(
    "return-value", "The app returned {value!r}, and must return nothing.", "asgi.rst: Applications", "SHOULD"
)

NO_LAST_BODY: Final = Rule(
    "no-last-body",
    'The app returned without a last "http.response.body", although its response has all its bytes.',
    "www.rst: Response Start",
)
NO_CLOSE: Final = Rule(
    "no-close",
    "The app returned without closing the websocket that it has accepted: the close code is up to the server.",
    "www.rst: Close",
    "SHOULD",
)

ENDING_RULES: Final = (RETURN_VALUE, NO_LAST_BODY, NO_CLOSE)


def has_whole_body(facts: Facts) -> bool:
    """Whether all bytes of the response have been sent that its head announces, whatever may follow."""
    framing = facts.framing
    return framing.has_no_body or (framing.declared is not None and facts.body_sent >= framing.declared)


def broken_by_returning(facts: Facts) -> Rule | None:
    """The rule that an app breaks by returning where `facts` say, to a client that is still there; None for none."""
    if facts.state is HTTPState.STARTED and has_whole_body(facts):
        return NO_LAST_BODY
    return NO_CLOSE if facts.state is WebSocketState.OPEN else None
