"""The code in the pages of docs/ is run, by one convention.

A fenced block is one of these:

    ```python                         a part of the page's program: all of them run in order, in one namespace, and
                                      after each its functions `test_...`; an async one on asyncio and on trio
    ```python title="test_app.py"     a file; a later block of the same name replaces it. So are `ini` and `toml`, and
                                      blocks whose first line is a comment with a name: `# shop/models.py`
    ```python title="Before"          a title that names no file: code for another library. It is compiled
    ```console                        commands after `$ `, and what they print. `pytest` and `python -m` are run
                                      with the files so far; with no word below them, they have to succeed
    ```text                           anything else

A line `...` of an output stands for any lines. Durations, the times of a timeline, empty lines, and how far pytest
indents an error, do not count. Files that no command has run are run at the end of their page, and have to pass.
"""

from __future__ import annotations

import inspect
import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from doc_commands import Commands

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*) *(?P<options>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    """A block of code in a page.

    Args:
        page: where it is.
        line: its first line there, counted from 1.
        title: what its first line gives as title, or "".
    """

    page: Path
    line: int
    language: str
    title: str
    text: str

    @property
    def file(self) -> str:
        """The file that it is, by the last word of its title or a comment in its first line; "" if it is none."""
        name = self.title.rpartition(" ")[2]
        comment = re.match(r"# ([\w/]+\.\w+)\n", self.text)
        return name if "." in name else comment[1] if comment else ""

    @property
    def is_program(self) -> bool:
        """Whether it is a part of its page's program."""
        return self.language == "python" and not self.title and not self.file

    def compiled(self) -> Any:
        """Its code, with the lines of the page, so that a traceback leads there."""
        return compile("\n" * (self.line - 1) + self.text, str(self.page), "exec")


def blocks_of(page: Path) -> list[Block]:
    """All blocks of a page that have a language, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page,
            text.count("\n", 0, found.start("text")) + 1,
            found["language"],
            "".join(re.findall(r'title="([^"]*)"', found["options"])),
            textwrap.dedent(found["text"]),
        )
        for found in _FENCE.finditer(text)
        if found["language"]
    ]


def run_program(blocks: list[Block]) -> None:
    """Run the program of a page, and after each block the tests in it."""
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks:
        before = {**names}
        exec(block.compiled(), names)
        tests = [name for name in names if name.startswith("test_") and names[name] is not before.get(name)]
        for test in [names[name] for name in tests]:
            needs = [*inspect.signature(test).parameters]
            assert not needs, f"{block.page}:{block.line} takes fixtures {needs}: give it a title, and pytest runs it."
            if inspect.iscoroutinefunction(test):
                anyio.run(test, backend="asyncio")
                anyio.run(test, backend="trio")
            else:
                test()


@dataclass(frozen=True)
class Project:
    """The files of a page, in a folder, and the commands that run there."""

    folder: Path
    commands: Commands

    def play(self, blocks: list[Block]) -> Iterator[str]:
        """Write the files and run the commands of a page in order.

        Yields:
            What is not as the page has it.
        """
        new: set[str] = set()
        for block in blocks:
            if block.file:
                path = self.folder / block.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")
                new.add(block.file)
            elif block.language == "console":
                for command, shown in commands_of(block.text):
                    yield from self._check(command, shown, f"line {block.line}")
                    new -= self._run_by(command, new)
        tests = sorted(file for file in new if re.fullmatch(r"test_\w+\.py", file))
        if tests:
            yield from self._check(["pytest", "-q", *tests], [], "the end")

    def _run_by(self, command: list[str], new: set[str]) -> set[str]:
        """The new files that a command has run: those it names, or all."""
        named = {word.partition("::")[0] for word in command} & new
        return named or new

    def _check(self, command: list[str], shown: list[str], where: str) -> Iterator[str]:
        if command[0] != "pytest" and command[:2] != ["python", "-m"]:
            return
        code, output = self.commands.run(command, self.folder)
        missing = first_missing(shown, output)
        if missing or (not shown and code):
            expected = f"shows\n{missing}" if missing else "has it succeed"
            yield f"{where}: {shlex.join(command)} has printed\n{output}\nand the page {expected}"


def commands_of(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """The commands in a block, each with the lines that are shown below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        yield shlex.split(command, comments=True), shown


def first_missing(shown: list[str], output: str) -> str:
    """The first lines up to a `...` that the output does not have, in the order of the page; "" if it has all."""
    lines = _comparable(output.splitlines())
    at = 0
    for part in "\n".join(shown).split("\n...\n") if shown else []:
        wanted = _comparable(part.splitlines())
        starts = [i for i in range(at, len(lines) - len(wanted) + 1) if lines[i : i + len(wanted)] == wanted]
        if not starts:
            return part
        at = starts[0] + len(wanted)
    return ""


def _comparable(lines: list[str]) -> list[str]:
    """Lines without what differs from run to run."""
    kept = [re.sub(r"^E +", "E   ", line.rstrip()) for line in lines if line.strip() and line != "..."]
    kept = [re.sub(r"^ *\d+\.\d+ ms  ", "0.0 ms  ", line) for line in kept]
    return [re.sub(r"\bin \d+\.\d+s\b( =+)?", "in 0.00s", line) for line in kept]
