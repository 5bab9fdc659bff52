"""Each rule that ASGI has for servers has a test here, or a reason why it has none."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from server_rules.rule_names import NOT_OURS, OTHERWISE, RULES

HERE = Path(__file__).parent

#: The id of a rule at the beginning of a docstring, perhaps that it is done otherwise, and what is said of it.
_STATED = re.compile(r"([A-Z]+(?:-[A-Z]+)?-\d\d)(, otherwise)?: (.+)\.")


def docstrings() -> Iterator[tuple[str, str]]:
    """Name and docstring of each test of this folder but those of this file."""
    for path in sorted(HERE.glob("test_*.py")):
        if path.name == Path(__file__).name:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield f"{path.name}: {node.name}", ast.get_docstring(node) or ""


def stated(*, otherwise: bool) -> list[tuple[str, str]]:
    """Id and words of each rule that a test states, sorted; those that are done otherwise, or all others."""
    matches = [_STATED.fullmatch(docstring) for _, docstring in docstrings()]
    return sorted((match[1], match[3]) for match in matches if match and bool(match[2]) is otherwise)


def test_each_test_states_one_rule() -> None:
    """In one line, which begins with its id."""
    assert [name for name, docstring in docstrings() if not _STATED.fullmatch(docstring)] == []


def test_each_rule_is_tested_or_has_a_reason() -> None:
    """Tests and tables together have each of the rules, once, and no other."""
    tested = [rule for rule, _ in stated(otherwise=False)]
    assert sorted([*tested, *NOT_OURS, *OTHERWISE]) == sorted(RULES)


def test_the_tests_say_what_the_table_says() -> None:
    """The line of a test is that of its rule in the table, so that neither can be changed alone."""
    tested = [rule for rule, _ in stated(otherwise=False)]
    assert stated(otherwise=False) == sorted((rule, RULES[rule]) for rule in tested)


def test_what_is_done_otherwise_is_tested() -> None:
    """A rule that is not kept has a test of what is done instead, in the words of its table."""
    assert stated(otherwise=True) == sorted(OTHERWISE.items())


def test_a_test_that_a_reason_names_is_there() -> None:
    """A rule that another folder tests stays tested there."""
    named = re.findall(r"`(test_\w+)` of tests/(\S+\.py)", " ".join(NOT_OURS.values()))
    assert [name for name, _ in named] == ["test_asgi2_apps"]
    for name, path in named:
        assert f"def {name}(" in (HERE.parent / path).read_text(encoding="utf-8")


def test_there_are_so_many_rules() -> None:
    """None is lost unnoticed, neither a rule nor its test."""
    assert (len(RULES), len(NOT_OURS), len(OTHERWISE)) == (103, 5, 3)
