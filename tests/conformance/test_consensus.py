"""What counts as a consensus, and what as a difference from it."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.cases import ALL
from conformance.consensus import NotRecorded, agreed, class_of, consensus, differences, kind, recorded, recorded_of
from conformance.stacks import STACKS


def results(*values: str) -> list[dict[str, str]]:
    """Five outcomes that only have a result."""
    return [{"result": value} for value in values]


def test_every_stack_has_recorded_every_case() -> None:
    """And no other: a case that was added or changed is recorded anew."""
    names = sorted(case.name for case in ALL)
    assert {stack: sorted(cases) for stack, cases in recorded().items()} == dict.fromkeys(STACKS, names)


def test_every_case_has_a_result_that_is_agreed_on_or_is_split() -> None:
    """Nothing else stands for a result."""
    meanings = {class_of(outcome["result"]) for outcome in consensus().values() if "result" in outcome}
    assert meanings == {"works", "refused", "hangs"}


def test_three_of_five_are_a_consensus() -> None:
    """A field that is split is not there."""
    outcomes: list[dict[str, Any]] = [{"result": "200", "a": number // 2} for number in range(5)]
    assert agreed(outcomes) == {"result": "200"}
    assert agreed([*outcomes[:4], {"result": "200", "a": 1}]) == {"result": "200", "a": 1}


def test_results_that_are_split_agree_on_what_they_mean() -> None:
    """Closed, cut short and answered by the server are the same to a test: the app does not work there."""
    assert agreed(results("closed", "500", "truncated after 200", "200", "hang")) == {"result": "refused"}
    assert agreed(results("200", "201", "202", "hang", "closed")) == {"result": "works"}
    assert agreed(results("200", "201", "hang", "hang", "closed")) == {}


def test_a_bool_is_not_a_number() -> None:
    """1 and True are equal, and not the same answer."""
    assert agreed([{"result": "200", "a": value} for value in (1, 1, True, True, 2)]) == {"result": "200"}


@pytest.mark.parametrize(
    ("expected", "found", "different"),
    [
        ("200", "200", ""),
        ("200", "201", "other"),
        ("200", "500", "false alarm"),
        ("200", "hang", "false alarm"),
        ("closed", "500", ""),
        ("closed", "200", "false pass"),
        ("refused", "truncated after 200", ""),
        ("refused", "hang", "other"),
        ("works", "418", ""),
        ("hang", "hang after 200", ""),
    ],
)
def test_a_difference_has_a_kind(expected: str, found: str, different: str) -> None:
    """Which way a test would be wrong."""
    seen = differences({"result": found}, {"result": expected})
    assert (kind(seen) if seen else "") == different


def test_a_body_is_compared_only_where_the_app_answers() -> None:
    """What a server says in place of the app is its own."""
    assert differences({"result": "500", "body": "ours"}, {"result": "500", "body": "theirs"}) == {}
    assert differences({"result": "200", "body": "a"}, {"result": "200", "body": "b"}) == {"body": ("b", "a")}


def test_what_only_the_app_sees_is_a_kind_of_its_own() -> None:
    """A test that looks at responses does not notice it."""
    assert kind({"app.raised": (True, False)}) == "only the app"
    assert kind({"app.raised": (True, False), "body": ("a", "b")}) == "other"


def test_fields_that_one_does_not_have_are_not_compared() -> None:
    """A client in process has no 100 to wait for."""
    assert differences({"result": "200"}, {"result": "200", "continued": True}) == {}


def test_a_case_that_is_not_recorded_says_how_to_record_it() -> None:
    """Its name, the stacks that lack it, and the command."""
    with pytest.raises(NotRecorded) as caught:
        recorded_of("status.new")
    assert caught.value.args == (
        "The case 'status.new' was not recorded under daphne, granian, hypercorn, uvicorn-h11, uvicorn-httptools. "
        "Run: PYTHONPATH=tests python -m conformance.record --case status.new",
    )
