"""What a rule of ASGI is, and what it is to break one.

The rules themselves are rows: about the order of messages in `order_rules.py`, about the kinds of their values in
`kind_rules.py`, about what they say in `content_rules.py`. What real servers do with an app that breaks one is in
`consequences.py`, and what a client makes of that in `rule_book.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, Final, Literal, Protocol

from .._types import Scope
from .framing import Framing
from .tables import State

#: Where the specification can be read.
SPECIFICATIONS: Final = "https://asgi.readthedocs.io/en/latest/specs"

#: The pages of the specification, by the files of which they are made.
_PAGES: Final = {"asgi": "main", "www": "www", "lifespan": "lifespan", "extensions": "extensions"}

#: What a message carries: each key of its shape with its value, read.
Content = Mapping[str, Any]

#: How strongly the specification has it: it says that the app must, or should; it names a type; or the sentence is one
#: of HTTP (RFC 9110) or of websockets (RFC 6455), on which ASGI stands.
Level = Literal["MUST", "SHOULD", "TYPE", "RFC"]


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

    @property
    def was_accepted(self) -> bool:
        """Whether the app has accepted the websocket."""
        ...

    @property
    def framing(self) -> Framing:
        """What the head of the response says about its body."""
        ...

    @property
    def body_sent(self) -> int:
        """How many bytes of the body have been sent before."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that an app can break.

    Args:
        id: its name, which no other rule has.
        words: the sentence for whoever breaks it: `{type}` is the type of the message, and the other names in braces
            are the fields of the finding.
        section: where the specification says so.
        level: how strongly.
    """

    id: str
    words: str
    section: str
    level: Level = "MUST"

    @property
    def address(self) -> str:
        """Where the section can be read."""
        page, _, heading = self.section.partition(".rst: ")
        if not heading:
            number, _, part = self.section.removeprefix("RFC ").partition(" section ")
            return f"https://www.rfc-editor.org/rfc/rfc{number}#section-{part}"
        of_message = "-send-event" if page in ("www", "lifespan") else ""
        return f"{SPECIFICATIONS}/{_PAGES[page]}.html#{heading.lower().replace(' ', '-')}{of_message}"


#: What the words of a rule show of a message that breaks it.
Fields = Mapping[str, Any]

Find = Callable[[Content, Any, bool], Fields | None]
Mend = Callable[[Content, Any, bool], Content | None]


def as_it_is(content: Content, _facts: Facts, _more: bool) -> Content:
    """What arrives of a message that servers send as it is."""
    return content


def as_nothing(_content: Content, _facts: Facts, _more: bool) -> None:
    """What arrives of a message with which no server can do anything."""


@dataclass(frozen=True, slots=True)
class ContentRule(Rule):
    """A rule about what messages say.

    Args:
        messages: the types of the messages that it is about.
        find: given the content of a message, the facts of its exchange, and whether more of the body follows; returns
            the fields of a finding, or None, and changes nothing.
        mend: given the same; returns what arrives of the message where a server goes on, None if none could.
    """

    messages: tuple[str, ...] = ()
    find: Find = lambda _content, _facts, _more: None
    mend: Mend = as_it_is


#: How many characters of a value a sentence shows: its beginning and its end.
_BEGINNING, _END = 120, 60


def _shortened(text: str) -> str:
    """What a sentence shows of a text: all of it, unless it is so long that the sentence would have no end."""
    if len(text) <= _BEGINNING + _END:
        return text
    return f"{text[:_BEGINNING]} ... {text[-_END:]} ({len(text)} characters)"


class _Sentences(Formatter):
    """Sentences whose values are shown as they are written in code, long ones shortened."""

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        """See `string.Formatter`."""
        text = super().convert_field(value, conversion)
        return _shortened(text) if conversion == "r" else text


_SENTENCES: Final = _Sentences()


class _Unreadable:
    """What stands for the value of which nothing can be made."""

    def __repr__(self) -> str:
        return "UNREADABLE"


UNREADABLE: Final = _Unreadable()


@dataclass(frozen=True, slots=True)
class Finding:
    """One message that breaks one rule.

    Args:
        rule: which one.
        message_type: the type of the message, or what was sent instead of a message.
        fields: what the words of the rule show of it.
        instead: for a value, what the servers that go on make of it.
    """

    rule: Rule
    message_type: str
    fields: Mapping[str, Any]
    instead: Any = field(default=UNREADABLE, compare=False)

    @property
    def words(self) -> str:
        """The sentence of the rule, with the fields of this finding."""
        return _SENTENCES.vformat(self.rule.words, (), {**self.fields, "type": _shortened(self.message_type)})


@dataclass(frozen=True, slots=True)
class Broken:
    """What is to be said of a message that breaks rules.

    Args:
        findings: each of them, in the order in which they were found.
        checked: what servers that go on make of the message: its type, content and the state that it leads to; None
            where they take no notice of it.
        readable: whether anything can be made of it at all.
    """

    findings: tuple[Finding, ...]
    checked: tuple[str, Content, State] | None = None
    readable: bool = True
