"""What docs/migrating.md says to write instead is run, against the app that the page shows."""

from __future__ import annotations

import inspect
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import pytest

from inner_runs import all_passed, run

PAGE = (Path(__file__).parent.parent / "docs" / "migrating.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of the page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def labelled(label: str) -> dict[str, str]:
    """The blocks of Python that stand below a line with that label: the second one of the first way is "1.2"."""
    pattern = rf"^{label}:\n\n```python\n(.*?)```"
    found = {way: re.findall(pattern, text, flags=re.DOTALL | re.MULTILINE) for way, text in WAYS.items()}
    return {f"{way}.{number}": block for way in found for number, block in enumerate(found[way], 1)}


#: The app of all examples, which they import from `shop`.
SHOP = blocks("python")[0]

#: The sections about the ways to test, by their numbers.
WAYS = dict(re.findall(r"^## (\d)\. (.*?)(?=^## |\Z)", PAGE, flags=re.DOTALL | re.MULTILINE))

BEFORE = labelled("Before")
NOW = labelled("Now")

#: Those with the marker of the plugin, which pytest has to run; each other one is run here.
MARKED = {name: block for name, block in NOW.items() if "pytest.mark.asgi" in block}
OTHERS = {name: block for name, block in NOW.items() if name not in MARKED}


def names_of_tests(block: str) -> list[str]:
    """The functions of a block that are tests."""
    return re.findall(r"^(?:async )?def (test_\w+)", block, flags=re.MULTILINE)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The app of the page, as if it were new."""
    module = ModuleType("shop")
    monkeypatch.setitem(sys.modules, "shop", module)
    exec(compile(SHOP, "shop.py", "exec"), module.__dict__)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", OTHERS)
def test_what_to_write_now_passes(name: str) -> None:
    """All tests of each block; an async one on asyncio and on trio, as anyio's plugin runs it."""
    names: dict[str, Any] = {}
    exec(compile(OTHERS[name], f"block {name}", "exec"), names)
    for test in [names[test] for test in names_of_tests(OTHERS[name])]:
        if inspect.iscoroutinefunction(test):
            anyio.run(test, backend="asyncio")
            anyio.run(test, backend="trio")
        else:
            test()


def test_no_block_is_left_out() -> None:
    """Each is the app, or has a label in one of the five ways, which have both labels; and each has a test to run."""
    firsts = {f"{way}.1" for way in "12345"}
    assert (firsts - BEFORE.keys(), firsts - NOW.keys()) == (set(), set())
    found = [*BEFORE.values(), *NOW.values()]
    assert sorted([SHOP, *found]) == sorted(blocks("python"))
    assert [block for block in found if not names_of_tests(block)] == []


def test_a_suite_that_polls_is_run_as_it_is(pytester: pytest.Pytester) -> None:
    """By the plugin and its option, as the page calls them; and the header says on which library, and why."""
    command = next(line for line in blocks("console") if "--asgi-driver" in line)
    suite = {name.replace("1.", "test_"): block for name, block in BEFORE.items() if name.startswith("1.")}
    found = run(pytester, *shlex.split(command.removeprefix("$ pytest")), shop=SHOP, **suite)
    assert found.outcomes == {file: all_passed(*names_of_tests(block)) for file, block in suite.items()}
    said = r"asgi-lockstep: .* hand out asgi_lockstep\.TestClient, on httpx2? [\d.]+, because .+"
    assert [bool(re.fullmatch(said, line)) for line in found.lines].count(True) == 1


def test_a_test_that_polls_has_a_marker(pytester: pytest.Pytester) -> None:
    """With the plugin in the configuration, as the page writes it."""
    pytester.makeini(blocks("ini")[0])
    [block] = MARKED.values()
    found = run(pytester, shop=SHOP, test_marked=block)
    assert found.outcomes == {"test_marked": all_passed(*names_of_tests(block))}
