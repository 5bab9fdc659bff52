"""Where a suspended coroutine stands: the lines at which each of its frames waits, from public attributes alone."""

from __future__ import annotations

import linecache
import os
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType

#: Where code lies that the user did not write: the standard library, and what is installed (that is us, too).
_INSTALLED = tuple(
    f"{path}{os.sep}"
    for name, path in sysconfig.get_paths().items()
    if name in ("stdlib", "platstdlib", "purelib", "platlib")
)
_OURS = tuple(f"{package}{os.sep}" for package in {Path(__file__).parents[2], Path(__file__).resolve().parents[2]})


#: Functions in which a task waits for a job that it has given to a thread: of anyio, asyncio, trio, asgiref, aiosqlite.
_HAND_OVER = (
    ("/anyio/_backends/_asyncio.py", "run_sync_in_worker_thread"),
    ("/asyncio/threads.py", "to_thread"),
    ("/trio/_threads.py", "to_thread_run_sync"),
    ("/asgiref/sync.py", "__call__"),
    ("/aiosqlite/core.py", "_execute"),
    ("/aiosqlite/core.py", "_connect"),
)

#: Functions in which a task does what a thread waits for (`from_thread.run()` of anyio and trio).
_CALLED_IN = (
    ("/anyio/_backends/_asyncio.py", "task_wrapper"),
    ("/trio/_threads.py", "unprotected_afn"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A line of code at which something stands, or was done."""

    file: str
    line: int
    function: str

    @classmethod
    def of(cls, frame: FrameType, line: int | None = None) -> Place:
        """Where `frame` stands."""
        return cls(frame.f_code.co_filename, frame.f_lineno if line is None else line, frame.f_code.co_name)

    def __str__(self) -> str:
        return f"{shown(self.file)}:{self.line}"

    @property
    def source(self) -> str:
        """The text of the line, `""` if its file cannot be read."""
        return linecache.getline(self.file, self.line).strip()

    @property
    def is_hand_over(self) -> bool:
        """Whether a task that stands here waits for a job that it has given to a thread."""
        return self.is_in(_HAND_OVER)

    @property
    def is_called_in(self) -> bool:
        """Whether a task that stands here does what a thread waits for."""
        return self.is_in(_CALLED_IN)

    def is_in(self, places: Iterable[tuple[str, str]]) -> bool:
        """Whether this is in one of the functions, each with the end of its file's name."""
        file = self.file.replace("\\", "/")
        return any(self.function == function and file.endswith(end) for end, function in places)

    @property
    def is_users(self) -> bool:
        """Whether the user wrote it."""
        return is_users(self.file)


@cache
def is_users(file: str) -> bool:
    """Whether the user wrote this file: it is neither ours, nor Python's, nor installed."""
    return not file.startswith((*_OURS, *_INSTALLED, "<frozen"))


def shown(file: str) -> str:
    """`file` as people know it: from the working directory, if it lies in there."""
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except ValueError:
        return file


def standing(places: Sequence[Place]) -> Place | None:
    """The innermost place that the user wrote, or else the innermost that is not ours."""
    users = [place for place in places if place.is_users]
    others = [place for place in places if not place.file.startswith(_OURS)]
    return next(reversed(users or others), None)
