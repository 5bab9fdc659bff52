"""`rules=` of a client, a call, or the marker of a test: which rules are errors, which are recorded, which are off."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from .._protocol.rule_book import RULES, SETS, VERDICTS, Verdict, verdicts_of
from .values import check_one_of, check_type

#: The key of a mapping that says over which set its single rules are.
_BASE: Final = "default"


def checked_verdicts(rules: Any) -> Mapping[str, Verdict]:
    """The verdict on each rule.

    Args:
        rules: the name of a set; or a mapping from names of rules to verdicts, in which `"default"` names the set that
            holds for all others, `"servers"` if it is not there.

    Raises:
        UnknownOption: there is no such set, rule or verdict.
        UsageError: it is neither a name nor a mapping.
    """
    __tracebackhide__ = True
    check_type("rules", rules, (str, Mapping), 'a name, or a mapping such as {"upper-case-name": "off"}')
    if isinstance(rules, str):
        check_one_of("rules", rules, SETS)
        return _known_set(rules)
    base = rules.get(_BASE, "servers")
    check_one_of(f"rules[{_BASE!r}]", base, SETS)
    for name, verdict in rules.items():
        check_one_of("rules key", name, (*RULES, _BASE))
        if name != _BASE:
            check_one_of(f"rules[{name!r}]", verdict, VERDICTS)
    return {**_known_set(base), **{name: verdict for name, verdict in rules.items() if name != _BASE}}


@cache
def _known_set(name: str) -> Mapping[str, Verdict]:
    return verdicts_of(name)
