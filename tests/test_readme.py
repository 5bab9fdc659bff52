"""The README's examples are run, and its output is what they print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inner_runs import all_passed, run

README = Path(__file__).parent.parent / "README.md"


def blocks(language: str) -> list[str]:
    """The code blocks of the README in one language."""
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


SCRIPTS = blocks("python")[1:]


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


def test_the_first_examples_are_complete(pytester: pytest.Pytester) -> None:
    """The first one, copied into a file, is two tests that pass; an app that waits for what never comes fails in the
    words of the README.

    In a process of its own: a stall is proven only where no other thread could call in, and frameworks that other
    tests use leave threads behind. So the one that fails comes first.
    """
    found = run(pytester, "-q", test_report=STUCK, test_the_first_example=blocks("python")[0])
    names = re.findall(r"^(?:async )?def (test_\w+)", blocks("python")[0], flags=re.MULTILINE)
    assert (len(names), found.outcomes) == (
        2,
        {"test_report": {"test_report": "failed"}, "test_the_first_example": all_passed(*names)},
    )
    shown = next(block for block in blocks("console") if "Deadlock" in block).strip().splitlines()
    seen = [line.removeprefix("E").strip() for line in found.lines]
    assert [line.strip() in seen for line in shown] == [True] * len(shown)
