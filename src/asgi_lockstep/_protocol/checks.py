"""Whether a message may be sent, and what it carries: pure functions over the tables, the shapes and the rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from .._types import Message
from .content_rules import CONTENT_RULES, SCREENS
from .kind_rules import BOTH_OF_TWO, FLAG_NOT_BOOL, NOT_ONE_OF_TWO
from .order_rules import NO_MESSAGE, NOT_OFFERED, OTHER_PROTOCOL, UNKNOWN_TYPE, order_rule
from .rules import UNREADABLE, Broken, Content, ContentRule, Facts, Finding
from .shapes import SHAPES, Key, Shape
from .tables import HTTP, LIFESPAN, WEBSOCKET, State, Table

#: What a message that may be sent comes to: its type, what it carries, and the state that it leads to.
Checked = tuple[str, Content, State]

#: Of each key its name, its default, the types of the values that need not be read, and the key itself.
_Keys = tuple[tuple[str, Any, frozenset[type], Key], ...]

Screen = Callable[[Content, Any, bool], bool]

#: All that a check needs to know of one message type in one state: shape, keys, flag, the states that it leads to
#: without the flag and with it, extension, one_of, screen, rules. A plain tuple, which unpacks in no time.
_Row = tuple[
    Shape,
    _Keys,
    str | None,
    State | None,
    State | None,
    str | None,
    tuple[str, str] | None,
    Screen | None,
    tuple[ContentRule, ...],
]


def _row(shape: Shape, events: Mapping[str, State]) -> _Row:
    flag, after, after_flag = None, events.get(shape.type), None
    if shape.flag is not None:
        flag, after_flag = shape.flag.name, events.get(f"{shape.type} {shape.flag.word}")
    rules = tuple(rule for rule in CONTENT_RULES if shape.type in rule.messages)
    keys = tuple((key.name, key.default, key.as_they_are, key) for key in shape.keys)
    return shape, keys, flag, after, after_flag, shape.extension, shape.one_of, SCREENS.get(shape.type), rules


#: Looked up for every message, and so put together once.
_ROWS: Final = {
    state: {message_type: _row(shape, events) for message_type, shape in SHAPES.items()}
    for table in (HTTP, WEBSOCKET, LIFESPAN)
    for state, events in table.items()
}


def check(message: Message, facts: Facts) -> Checked | Broken:
    """What `message` comes to in an exchange that stands as `facts` say, or what is to be said against it.

    Neither is changed, but for an iterator of headers, which can be read only once: the content has its pairs.
    """
    try:
        shape, keys, flag, after, after_flag, extension, one_of, screen, rules = _ROWS[facts.state][message["type"]]
    except (TypeError, KeyError):
        return Broken((_refused(message, facts),))
    more, found = False, None
    if flag is not None:
        value = message.get(flag, False)
        if value is not False:
            if value:
                after, more = after_flag, True
            if value is not True:
                found = [Finding(FLAG_NOT_BOOL, shape.type, {"key": flag, "value": value})]
    if after is None or not (extension is None or extension in offered(facts)):
        return Broken((_refused(message, facts),))
    if one_of is not None and message.get(one_of[1]) is None:
        # The usual frame has a short way, without `_read()` and the rules: that about frames finds nothing wrong with
        # ASCII. `test_the_usual_frame_is_read_as_any_other` compares both.
        text = message.get(one_of[0])
        if type(text) is str and text.isascii():
            return shape.type, {one_of[0]: text, one_of[1]: None}, after
    content: dict[str, Any] = {}
    for name, default, as_they_are, key in keys:
        value = message.get(name, default)
        if type(value) not in as_they_are:
            read = key.kind.read(shape.type, name, value)
            if not isinstance(read, Finding):
                value = read
            elif key.only_in in (None, facts.state):
                found = [read] if found is None else [*found, read]
                value = read.instead
        content[name] = value
    if found is None and one_of is None and (not rules or (screen is not None and screen(content, facts, more))):
        return shape.type, content, after
    return _look_closer(shape, content, after, facts, more, rules, found or [])


def _look_closer(
    shape: Shape,
    content: Content,
    after: State,
    facts: Facts,
    more: bool,
    rules: tuple[ContentRule, ...],
    found: list[Finding],
) -> Checked | Broken:
    """The long way of a check: each rule is asked, and what servers that go on make of the message is put together."""
    if any(value is UNREADABLE for value in content.values()):
        return Broken(tuple(found), readable=False)
    if shape.one_of is not None:
        one, other = shape.one_of
        fields = {"one": one, "other": other}
        if content[one] is None and content[other] is None:
            return Broken((*found, Finding(NOT_ONE_OF_TWO, shape.type, fields)))
        if content[one] is not None and content[other] is not None:
            found.append(Finding(BOTH_OF_TWO, shape.type, fields))
            content = {**content, one: None}
    for rule in rules:
        broken = rule.find(content, facts, more)
        if broken is not None:
            found.append(Finding(rule, shape.type, broken))
    if not found:
        return shape.type, content, after
    for finding in found:
        if isinstance(finding.rule, ContentRule):
            mended = finding.rule.mend(content, facts, more)
            if mended is None:
                return Broken(tuple(found), readable=False)
            content = mended
    return Broken(tuple(found), (shape.type, content, after))


def _refused(message: Message, facts: Facts) -> Finding:
    """Why a message may not be sent, whatever it carries."""
    message_type = _type_of(message)
    if message_type is None:
        return Finding(NO_MESSAGE, repr(message), {})
    own, protocol = facts.scope["type"], message_type.split(".")[0]
    if protocol != own and protocol in ("http", "websocket", "lifespan"):
        # An app that does not look at the scope answers everything alike.
        return Finding(OTHER_PROTOCOL, message_type, {"scope": own})
    if message_type not in SHAPES:
        return Finding(UNKNOWN_TYPE, message_type, {"hint": _hint(message_type)})
    if extension_of(message_type) not in (None, *offered(facts)):
        return Finding(NOT_OFFERED, message_type, {})
    rule = order_rule(message_type, facts.state, facts.declared_trailers, facts.was_accepted)
    return Finding(rule, message_type, {})


def _hint(unknown: str) -> str:
    """What may have been meant by a type that does not exist."""
    from difflib import get_close_matches  # which is needed for this text alone

    similar = get_close_matches(unknown, SHAPES, n=1, cutoff=0.8)
    return f' (did you mean "{similar[0]}"?)' if similar else ""


def _type_of(message: Message) -> str | None:
    try:
        message_type = message["type"]
    except (TypeError, KeyError):
        return None
    return message_type if isinstance(message_type, str) else None


def offered(facts: Facts) -> Collection[str]:
    """The extensions that the scope advertises now; middleware may have added to it."""
    return facts.scope.get("extensions") or ()


def extension_of(message_type: str) -> str | None:
    """The extension that a message belongs to, or None."""
    shape = SHAPES.get(message_type)
    return None if shape is None else shape.extension


def allowed_types(table: Table, state: State, extensions: Collection[str]) -> tuple[str, ...]:
    """The message types that may be sent in `state`, in the order of the table.

    Args:
        extensions: the names of the extensions that the scope advertises.
    """
    types = dict.fromkeys(event.split(" ")[0] for event in table[state])
    return tuple(name for name in types if extension_of(name) in (None, *extensions))
