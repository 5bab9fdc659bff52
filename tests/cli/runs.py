"""Runs of the command line: in this process, and in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

import asgi_lockstep
from asgi_lockstep._cli.main import cli

#: The folder from which the package is imported.
SOURCE = str(Path(asgi_lockstep.__file__).parents[1])


class Ran(NamedTuple):
    """What came of a run: the exit status, and both streams."""

    status: int
    out: str
    err: str = ""


@dataclass(frozen=True)
class CommandLine:
    """The command line in a folder.

    Args:
        folder: the working directory.
    """

    folder: Path

    def write(self, **modules: str) -> None:
        """Write modules into the folder, each by its name."""
        for name, text in modules.items():
            (self.folder / f"{name}.py").write_text(text, encoding="utf-8")

    def __call__(self, *args: str, stdin: str | bytes = "") -> Ran:
        """Run it in this process."""
        result = CliRunner().invoke(cli, args, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        err = result.stderr.replace(str(self.folder), "FOLDER")
        return Ran(result.exit_code, result.stdout.replace(str(self.folder), "FOLDER"), err)

    def process(self, *args: str) -> subprocess.Popen[str]:
        """Run it in a process of its own, as `python -m asgi_lockstep`."""
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "asgi_lockstep", *args],
            cwd=self.folder,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def outside(self, *args: str, stdin: str = "") -> Ran:
        """The same, until it has ended."""
        with self.process(*args) as process:
            out, err = process.communicate(stdin, timeout=60)
        return Ran(process.returncode, out, err.replace(str(self.folder), "FOLDER"))


def environment() -> dict[str, str]:
    """The environment of a process that imports what this one does, and writes no colours."""
    kept = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "NO_COLOR", "COLUMNS")}
    return {**kept, "PYTHONPATH": SOURCE, "PYTHONIOENCODING": "utf-8"}
