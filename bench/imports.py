"""What an import costs, with files that are compiled already: ours on top of the library that it stands on."""

from __future__ import annotations

import subprocess
import sys

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
    program = _PROGRAM.format(library=CHOICE.name)
    found = []
    for _ in range(rounds):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        found.append(tuple(float(part) * 1000 for part in done.stdout.split()))
    return min(library for library, _ in found), min(ours for _, ours in found)
