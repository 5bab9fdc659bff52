"""What an import costs, with files that are compiled already: ours on top of the library that it stands on."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from asgi_lockstep._httpx import CHOICE

_PROGRAM = """
import time
begin = time.perf_counter()
import {library}
between = time.perf_counter()
import asgi_lockstep
print(between - begin, time.perf_counter() - between)
"""


def milliseconds_more(rounds: int) -> tuple[float, float]:
    """The import of the library, and what ours takes on top of it; the shortest of the rounds, in new processes."""
    found = []
    with tempfile.TemporaryDirectory() as compiled:
        told = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment = {**told, "PYTHONPYCACHEPREFIX": compiled}
        for _ in range(1 + rounds):  # the first one compiles
            command = [sys.executable, "-c", _PROGRAM.format(library=CHOICE.name)]
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
            found.append([float(part) * 1000 for part in done.stdout.split()])
    return min(library for library, _ in found[1:]), min(ours for _, ours in found[1:])
