"""docs/frameworks/exceptions.md: each file of it is a suite, which pytest runs in a process of its own."""

from __future__ import annotations

import pytest

from docs.pages import files_of, names_of_tests
from inner_runs import all_passed, run

FILES = {name.removesuffix(".py"): block for name, block in files_of("docs/frameworks/exceptions.md").items()}


def test_all_tests_of_the_page_pass(pytester: pytest.Pytester) -> None:
    """With warnings as errors."""
    found = run(pytester, **FILES)
    assert found.outcomes == {name: all_passed(*names_of_tests(block)) for name, block in FILES.items()}
