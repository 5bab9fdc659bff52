"""Runs of pytest in a process of their own, which is what a plugin is to its users. A run costs more than a second, so
that one of them serves everything that is to be seen with one set of plugins: each file in it is a suite of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import pytest

#: What each test of a suite came to: "passed", "skipped", "failed", or "error" if it was a fixture that failed.
Outcomes = Mapping[str, str]

#: Warnings are errors. pytest-asyncio warns of an option that is not set; the suites of users need not care.
_STRICT = ("-W", "error", "-W", "ignore::pytest.PytestWarning", "-p", "no:cacheprovider", "--disable-plugin-autoload")

_REPORT = "report.xml"

_KINDS = {"failure": "failed", "error": "error", "skipped": "skipped"}


@dataclass(frozen=True)
class InnerRun:
    """What a run came to.

    Args:
        outcomes: of each test, by file (without its `.py`, with the class if there is one) and by name.
        messages: those of the tests that have not passed, in the same way.
        lines: what was printed.
    """

    outcomes: Mapping[str, Outcomes]
    messages: Mapping[str, Mapping[str, str]]
    lines: list[str]


def run(pytester: pytest.Pytester, *args: str, **files: str) -> InnerRun:
    """Run pytest in a process of its own, with warnings as errors.

    Args:
        args: more arguments, as "-p", "anyio" for a plugin: no other is there.
        files: the text of each file, by its name without `.py`. They run in the order of their names.
    """
    pytester.makepyfile(**files)
    result = pytester.runpytest_subprocess(*_STRICT, f"--junit-xml={_REPORT}", *args, timeout=60)
    outcomes: dict[str, dict[str, str]] = {}
    messages: dict[str, dict[str, str]] = {}
    for case in ET.parse(pytester.path / _REPORT).iter("testcase"):
        suite, name = case.attrib["classname"], case.attrib["name"]
        outcomes.setdefault(suite, {})[name] = "passed"
        for found in case:
            if found.tag in _KINDS:
                outcomes[suite][name] = _KINDS[found.tag]
                messages.setdefault(suite, {})[name] = found.attrib["message"]
    return InnerRun(outcomes, messages, result.outlines)


def all_passed(*names: str) -> Outcomes:
    """The outcomes of a suite in which every test has passed."""
    return dict.fromkeys(names, "passed")
