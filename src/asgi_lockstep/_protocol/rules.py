"""What an app can do wrong: a row for each rule, with its name, its sentence, and where the specification has it.

Every violation is a finding of one of these rows, or of one in `content_rules.py`, and every text is made from its row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from .._types import Scope
from .tables import HTTPState, State

#: What a message carries: each key of its shape with its value, read.
Content = Mapping[str, Any]


class Facts(Protocol):
    """What a check may look at, besides the message: an exchange, which no check changes."""

    @property
    def scope(self) -> Scope:
        """The scope as it is now; middleware may have added to it."""
        ...

    @property
    def state(self) -> State:
        """Where the exchange stands."""
        ...

    @property
    def declared_trailers(self) -> bool:
        """Whether the response declared trailers."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that a message can break.

    Args:
        id: its name, which no other rule has.
        words: the sentence for whoever breaks it: `{type}` is the type of the message, and the other names in braces
            are the fields of the finding.
        section: where the specification says so.
    """

    id: str
    words: str
    section: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One message that breaks one rule.

    Args:
        rule: which one.
        message_type: the type of the message, or what was sent instead of a message.
        fields: what the words of the rule show of it.
    """

    rule: Rule
    message_type: str
    fields: Mapping[str, Any]

    @property
    def words(self) -> str:
        """The sentence of the rule, with the fields of this finding."""
        return self.rule.words.format(type=self.message_type, **self.fields)


# Messages that may not be sent where they were.

NO_MESSAGE: Final = Rule(
    "no-message", "send() was given {type}, which is not a message with a type.", "asgi.rst: Events"
)
OTHER_PROTOCOL: Final = Rule(
    "other-protocol",
    'Received "{type}" on a {scope} scope: look at scope["type"] first.',
    "asgi.rst: Protocol Specifications",
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

# Instead of the last one, where suites written for `starlette.testclient` match on the words.

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
}

# Values of the wrong kind: which kind each key must be of stands in `shapes.py`.

WRONG_KIND: Final = Rule(
    "wrong-kind", 'The "{key}" of "{type}" is {value!r}, and must be {kind}.', "asgi.rst: Strings and Unicode"
)
NOT_PAIRS: Final = Rule(
    "not-pairs", 'The "{key}" of "{type}" are {value!r}, and must be pairs.', "www.rst: Response Start"
)
NOT_TWO_BYTE_STRINGS: Final = Rule(
    "not-two-byte-strings",
    'A header of "{type}" is {value!r}, and must be two byte strings.',
    "www.rst: Response Start",
)
NOT_ONE_LINE: Final = Rule(
    "not-one-line",
    'A header of "{type}" is {header!r}, and must have no CR, LF or NUL: it would break the response.',
    "www.rst: Response Start",
)
NOT_ONE_OF_TWO: Final = Rule(
    "not-one-of-two", '"{type}" needs either "{one}" or "{other}", and not both.', "www.rst: Send"
)


def order_rule(message_type: str, state: State, declared_trailers: bool) -> Rule:
    """The rule that a message of the right protocol breaks where its table does not allow it."""
    if not isinstance(state, HTTPState):
        return NOT_ALLOWED
    if message_type == "http.response.trailers" and not declared_trailers:
        return TRAILERS_NOT_DECLARED
    in_any_state = OUT_OF_ORDER.get((message_type, None), NOT_ALLOWED)
    return OUT_OF_ORDER.get((message_type, state), in_any_state)
