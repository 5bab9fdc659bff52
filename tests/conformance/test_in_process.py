"""Our clients against the consensus of the servers, on the recorded cases."""

from __future__ import annotations

import pytest

from conformance.case import Case
from conformance.cases import ALL, BY_NAME
from conformance.consensus import consensus, differences
from conformance.differences import DIFFERENCES
from conformance.in_process import outcome
from matrix import Driver


@pytest.mark.client_decides
@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_ours_gives_what_most_servers_give(driver: Driver, case: Case) -> None:
    """Field by field, except for the cases of which `DIFFERENCES` says why not; and those do differ."""
    found = differences(outcome(driver, case), consensus()[case.name])
    if case.name in DIFFERENCES:
        assert found, f"{case.name} differs no more: take it out of differences.py"
    else:
        assert found == {}


def test_differences_are_of_cases_that_there_are() -> None:
    """A reason for a case that was renamed would be about nothing."""
    assert sorted(DIFFERENCES.keys() - BY_NAME.keys()) == []
    assert all(reason.strip() for reason in DIFFERENCES.values())
