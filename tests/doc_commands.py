"""The commands of pages, each in a process of its own, as for a user.

But that process has imported already what takes a second: it is a fork of one that has done nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parent.parent

#: With the plugins that pages are about: others take half a second to import, or change the order of tests. Warnings
#: are errors, but for those of pytest about itself.
_PYTEST = ["pytest", "-p", "no:cacheprovider", "--disable-plugin-autoload", "-p", "anyio", "-p", "asyncio"]
_PYTEST += ["-p", "asgi_lockstep"]
_PYTEST += ["-W", "error", "-W", "ignore::pytest.PytestWarning"]

#: Waits for commands on its standard input. A command that takes a minute is ended by a signal.
_FIRST = """
import json, os, runpy, signal, sys
import anyio.pytest_plugin, fastapi, pytest, pytest_asyncio.plugin, sqlalchemy.ext.asyncio, unittest.main
import asgi_lockstep

def run(module, words, folder, output):
    signal.alarm(60)
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream in (1, 2):
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
    sys.path.insert(0, folder)
    sys.argv = [module, *words]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code
    return 0

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            code = run(*json.loads(line))
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code if isinstance(code, int) else 1)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Commands:
    """Runs commands, while its block lasts."""

    def __enter__(self) -> Self:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environment |= {"COLUMNS": "80", "PYTHONPATH": str(ROOT / "src"), "PY_COLORS": "0"}
        self._first = subprocess.Popen(
            [sys.executable, "-c", _FIRST],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._first.communicate()

    def run(self, command: list[str], folder: Path) -> tuple[int, str]:
        """Run `pytest ...` or `python -m ...` in a folder; returns its exit code, and what it has printed."""
        words = [*_PYTEST, *command[1:]] if command[0] == "pytest" else command[2:]
        output = folder / ".output"
        output.unlink(missing_ok=True)
        assert self._first.stdin is not None
        assert self._first.stdout is not None
        print(json.dumps([words[0], words[1:], str(folder), str(output)]), file=self._first.stdin, flush=True)
        return int(self._first.stdout.readline()), output.read_text(encoding="utf-8")
