"""The tables of docs/rules.md are made of those of the rules."""

from __future__ import annotations

import re

from tools.rules_page import GROUPS, MARK, PAGE, page

from asgi_lockstep._protocol.catalogue import RULES

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_is_what_the_tables_make() -> None:
    """`make rules-page` writes it anew, below what is written by hand."""
    assert TEXT.count(MARK) == 1
    assert page(TEXT) == TEXT


def test_each_rule_is_in_one_group() -> None:
    """And no group has any other."""
    assert sorted(rule.id for _, _, rules in GROUPS for rule in rules) == sorted(rule.id for rule in RULES)


def test_each_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    """A sentence with a bar in it would begin another cell."""
    rows = [line for line in TEXT.splitlines() if line.startswith(("| rule |", "| ---", "| `")) and line.count("|") > 3]
    assert {len(re.split(r"(?<!\\)\|", row)) - 2 for row in rows} == {10}
    assert sum(row.startswith("| `") for row in rows) == len(RULES)
