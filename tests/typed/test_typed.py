"""Type checkers take what our clients take, and refuse what these refuse; both look at all files of this folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import asgi_lockstep

ROOT = Path(__file__).parents[2]
FILES = [str(Path(__file__).with_name(name)) for name in ("apps.py", "options.py")]

#: Where the package is, also if the one that is installed is another one.
SOURCE = str(Path(asgi_lockstep.__file__).parents[1])


def checked(*command: str) -> tuple[int, str]:
    """The exit code of a type checker and the last line of what it says; all of it if there are complaints."""
    said = subprocess.run(
        [sys.executable, "-m", *command, *FILES],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": SOURCE},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (said.stdout + said.stderr).strip().splitlines()
    return said.returncode, lines[-1] if said.returncode == 0 else "\n".join(lines)


def test_mypy_agrees(tmp_path: Path) -> None:
    """In its strict mode, in which it complains about what need not be ignored, too."""
    pytest.importorskip("mypy")
    found = checked("mypy", "--strict", f"--cache-dir={tmp_path}", "--follow-imports=silent")
    assert found == (0, f"Success: no issues found in {len(FILES)} source files")


def test_pyright_agrees() -> None:
    """In its strict mode, which the files ask for."""
    pytest.importorskip("pyright")
    assert checked("pyright", f"--pythonpath={sys.executable}") == (0, "0 errors, 0 warnings, 0 informations")
