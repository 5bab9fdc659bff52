"""How far an app is in a conversation that somebody else carries: a server, or a middleware."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .._types import Message, Scope
from .checks import Checked
from .framing import NOT_BEGUN, Framing, framing_of
from .header_rules import HEADS
from .tables import PROTOCOLS, HTTPState, LifespanState, State

#: The messages that carry a piece of the body of a response.
_BODIES = frozenset(("http.response.body", "websocket.http.response.body"))

#: What the app is told when its client has gone.
_DISCONNECTS = frozenset(("http.disconnect", "websocket.disconnect"))


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules may look at (`rules.Facts`), after each message anew.

    An exchange keeps the same beside what has been sent; `tests/protocol/test_standing.py` compares both.

    Args:
        scope: that of the conversation; middleware may still add to it.
        state: where the app stands in the table of its protocol.
        declared_trailers: whether its response did.
        was_accepted: whether it has accepted the websocket.
        framing: what the head of its response says about the body.
        body_sent: how many bytes of the body it has sent.
        disconnected: whether it has been told that its client has gone.
    """

    scope: Scope
    state: State
    declared_trailers: bool = False
    was_accepted: bool = False
    framing: Framing = NOT_BEGUN
    body_sent: int = 0
    disconnected: bool = False

    @classmethod
    def at_first(cls, scope: Scope) -> Standing:
        """Before the first message."""
        return cls(scope, PROTOCOLS[scope["type"]][1])

    def sent(self, checked: Checked) -> Standing:
        """After the app has sent a message."""
        message_type, content, state = checked
        if message_type in HEADS:
            framing = framing_of(self.scope.get("method"), content["status"], content["headers"].lengths)
            declared = state is HTTPState.STARTED_TRAILERS
            return replace(self, state=state, framing=framing, declared_trailers=declared)
        if message_type in _BODIES:
            return replace(self, state=state, body_sent=self.body_sent + len(content["body"]))
        return replace(self, state=state, was_accepted=self.was_accepted or message_type == "websocket.accept")

    def received(self, message: Message) -> Standing:
        """After the app has received a message."""
        message_type = message["type"]
        if message_type in _DISCONNECTS:
            return self.lost()
        if message_type == "lifespan.shutdown" and self.state is LifespanState.RUNNING:
            return replace(self, state=LifespanState.STOPPING)
        return self

    def lost(self) -> Standing:
        """After the app has learned that its client has gone."""
        return replace(self, disconnected=True)
