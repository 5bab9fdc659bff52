"""The README's examples are run, and its output is what they print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def blocks(language: str, file: Path = README) -> list[str]:
    """The code blocks of the README, or of another file, in one language."""
    return re.findall(rf"```{language}\n(.*?)```", file.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_first_example_is_a_complete_test_file(pytester: pytest.Pytester) -> None:
    """Copied into a file, its two tests pass."""
    pytester.makepyfile(test_app=blocks("python")[0])
    result = pytester.runpytest_subprocess("-W", "error", "-q", "-p", "no:asyncio", "-p", "no:randomly")
    result.assert_outcomes(passed=2)


SCRIPTS = [*blocks("python")[1:], *blocks("python", ROOT / "docs" / "waiting.md")]


@pytest.mark.parametrize("script", SCRIPTS, ids=range(len(SCRIPTS)))
def test_the_other_examples_run(script: str) -> None:
    """As scripts."""
    exec(compile(script, "an example", "exec"), {})


STUCK = """
    import anyio
    from asgi_lockstep import TestClient

    async def app(scope, receive, send):
        await receive()
        await anyio.Event().wait()

    def test_report():
        TestClient(app).get("/report")
"""


def test_the_failure_shown_is_the_failure_seen(pytester: pytest.Pytester) -> None:
    """An app that waits for what never comes, in the words of the README.

    In a process of its own: a stall is proven only where no other thread could call in, and frameworks that other
    tests use leave threads behind.
    """
    pytester.makepyfile(test_report=STUCK)
    result = pytester.runpytest_subprocess("-q", "-p", "no:asyncio", "-p", "no:randomly")
    shown = next(block for block in blocks("console") if "Deadlock" in block).strip().splitlines()
    seen = [line.removeprefix("E").strip() for line in result.outlines]
    assert [line.strip() in seen for line in shown] == [True] * len(shown)
