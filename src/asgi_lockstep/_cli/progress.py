"""A bar on stderr that shows how far a command is, where that is a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn

from .terminal import stderr

#: Say that so much more is done, and what is being done now.
Advance = Callable[[int, str], None]


@contextmanager
def progress(total: float | None, counter: ProgressColumn) -> Iterator[Advance]:
    """A bar around a block, which is gone after it.

    Args:
        total: how much there is to do; None if nobody knows.
        counter: what stands beside the bar.

    Yields:
        What moves it; without a terminal it does nothing.
    """
    console = stderr()
    if not console.is_terminal:
        yield lambda _more, _words: None
        return
    with Progress(TextColumn("{task.description}"), BarColumn(), counter, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda more, words: bar.update(task, advance=more, description=words)
