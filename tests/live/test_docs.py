"""What docs/live.md shows is run."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from asgi_lockstep.live import ServerTimedOut

PAGE = (Path(__file__).parents[2] / "docs" / "live.md").read_text(encoding="utf-8")


def found_in_the_page() -> dict[str, Callable[[], Any]]:
    """The tests in its blocks, which are one file."""
    names: dict[str, Any] = {}
    exec(compile("\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)), "docs/live.md", "exec"), names)
    return {name: function for name, function in names.items() if name.startswith("test_")}


TESTS = found_in_the_page()


@pytest.mark.parametrize("name", TESTS)
def test_the_examples_pass(name: str) -> None:
    """As they stand there; an async one on asyncio and on trio."""
    if inspect.iscoroutinefunction(TESTS[name]):
        anyio.run(TESTS[name], backend="asyncio")
        anyio.run(TESTS[name], backend="trio")
    else:
        TESTS[name]()


def test_the_error_is_shown_as_it_is() -> None:
    """Its text, made of the same fields."""
    line = "GET /report, at shop/reports.py:31 in report: await queue.get()"
    assert f"asgi_lockstep.live.ServerTimedOut: {ServerTimedOut('uvicorn', 'stop', 10, [line], [])}\n" in PAGE
