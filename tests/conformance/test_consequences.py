"""What our tables say about servers is what was recorded of them."""

from __future__ import annotations

import pytest

from asgi_lockstep._protocol.catalogue import RULES
from asgi_lockstep._protocol.consequences import CONSEQUENCES, NAMES, NOBODY_OFFERS, SERVERS, Consequence
from conformance.cases import BY_NAME
from conformance.consensus import recorded
from conformance.rule_cases import CASES, consequence

#: The recordings, in the order of our table.
STACKS = ("uvicorn-h11", "uvicorn-httptools", "hypercorn", "daphne", "granian")


@pytest.mark.parametrize("rule", CASES)
def test_a_row_is_what_servers_did(rule: str) -> None:
    """Whoever records anew, and finds that a server has changed, finds the row here, too."""
    did = [consequence(recorded()[stack][CASES[rule]]) for stack in STACKS]
    if rule == "failure-not-text":  # a startup that failed ends the server, as it asks for
        did = [Consequence.GOES_ON if what is Consequence.FAILS else what for what in did]
    assert did == [CONSEQUENCES[rule][server] for server in SERVERS]


def test_each_rule_has_a_row_and_each_row_a_rule() -> None:
    """A rule without one would have no verdict."""
    assert sorted(NAMES) == sorted(rule.id for rule in RULES)


def test_each_row_has_a_case_and_each_case_is_there() -> None:
    """But for what no server offers; and a case violates what its rule says."""
    assert sorted(CASES) == sorted(set(NAMES) - set(NOBODY_OFFERS))
    assert [rule for rule, name in CASES.items() if BY_NAME[name].conforms] == []
