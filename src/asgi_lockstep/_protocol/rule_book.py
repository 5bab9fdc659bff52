"""What a client makes of an app that breaks a rule: an error, a record, or nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final, Literal

from ..errors import ProtocolViolation
from .consequences import NAMES, most_refuse

#: An error out of the app's `send()`; a violation that is kept for whoever asks; nothing.
Verdict = Literal["error", "record", "off"]
VERDICTS: Final = ("error", "record", "off")

#: What no sentence of the specification forbids, and is a record where each rule of it is an error: servers have their
#: own end for a websocket that is left open, and a transfer coding is theirs to ignore.
NO_DUTY: Final = frozenset(("no-close", "unknown-coding"))

#: The names of the sets of verdicts: as most servers have it; each rule an error; none of them anything.
SETS: Final = ("servers", "spec", "off")

#: The names of all rules.
RULES: Final = NAMES

#: How many violations a client keeps, the newest ones.
KEPT: Final = 1000


def verdicts_of(name: str) -> dict[str, Verdict]:
    """The verdict on each rule of one of the `SETS`."""
    if name == "servers":
        return {rule: "error" if most_refuse(rule) else "record" for rule in RULES}
    if name == "spec":
        return {rule: "record" if rule in NO_DUTY else "error" for rule in RULES}
    return dict.fromkeys(RULES, "off")


class RuleBook:
    """The verdicts of one client, or of one call, and what was recorded by them.

    Args:
        verdicts: for each rule.
        recorded: where records go: the newest `KEPT` of a client.
    """

    __slots__ = ("recorded", "verdicts")

    def __init__(self, verdicts: Mapping[str, Verdict], recorded: deque[ProtocolViolation] | None = None) -> None:
        self.verdicts = verdicts
        self.recorded = deque(maxlen=KEPT) if recorded is None else recorded

    def with_verdicts(self, verdicts: Mapping[str, Verdict]) -> RuleBook:
        """Other verdicts, whose records go to the same place."""
        return RuleBook(verdicts, self.recorded)


#: Of an exchange that has no client: as most servers have it.
BY_ITSELF: Final = RuleBook(verdicts_of("servers"))
