"""What is said of an app that breaks a rule: the error of one finding."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ProtocolViolation
from .checks import allowed_types, offered
from .consequences import told
from .rules import Facts, Finding
from .scope import request_of
from .tables import Table


def violation_of(
    finding: Finding, facts: Facts, table: Table, *, sent_from: Sequence[object] = (), layer: str = ""
) -> ProtocolViolation:
    """The error that says what was found.

    Args:
        finding: what it is.
        facts: where the app stood.
        table: the order rules of its protocol.
        sent_from: where its `send()` stands, in lines; none where it is not about a message.
        layer: the name of the app, where it is one of several that lie inside of each other.
    """
    return ProtocolViolation(
        finding.message_type,
        request=request_of(facts.scope),
        state=facts.state.value,
        allowed=allowed_types(table, facts.state, offered(facts)),
        words=finding.words,
        section=finding.rule.address,
        rule=finding.rule.id,
        sent_from=sent_from,
        servers=told(finding.rule.id),
        layer=layer,
    )
