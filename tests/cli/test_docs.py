"""What docs/command-line.md shows is run, in a real shell, and printed as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import asgi_lockstep

PAGE = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")

APP = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0]
BLOCKS = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)

#: The command, on a clock that passes as if each request took about as long as the one before.
PROGRAM = """
import random, sys
from asgi_lockstep._cli import bench, request

chance, now = random.Random(1), 0.0

def seconds():
    global now
    now += 0.0001 * (1 + chance.random() ** 4)
    return now

bench.seconds = request.seconds = seconds
sys.argv[0] = "asgi-lockstep"
from asgi_lockstep.__main__ import main
main()
"""

#: How many calls a framework makes is its own business, and changes.
CALLS = re.compile(r"^\(\d+ calls")

#: What stands between the outputs of two commands.
END = "@@ end of a command"

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the page is about a shell")


def commands(block: str) -> list[str]:
    """The commands of a block."""
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def shown(block: str, folder: Path) -> str:
    """What a terminal shows of the commands of a block; each begins on a line of its own."""
    (folder / "shop.py").write_text(APP, encoding="utf-8")
    (folder / "program.py").write_text(PROGRAM, encoding="utf-8")
    script = [f'asgi-lockstep() {{ "{sys.executable}" "{folder}/program.py" "$@"; }}', "true"]
    for command in commands(block):
        script += [command, "status=$?", f'echo "{END}"', "(exit $status)"]
    source = str(Path(asgi_lockstep.__file__).parents[1])
    ran = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": source, "PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "error"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=60,
    )
    outputs = ran.stdout.decode("utf-8").replace(str(folder), "/home/me").split(f"{END}\n")
    lines = []
    for command, output in zip(commands(block), outputs, strict=False):
        lines += [f"$ {command}", *(line.rstrip() for line in output.rstrip("\n").splitlines())]
    return "".join(f"{CALLS.sub('(12 calls', line)}\n" for line in lines)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: commands(block)[0])
def test_the_commands_print_what_stands_below_them(block: str, tmp_path: Path) -> None:
    """The whole output of each, errors and exit statuses included."""
    assert shown(block, tmp_path) == block
