"""What is still open when Python ends: it is closed, silently, before Python waits for threads that wait for that.

Whatever a test leaves open (an entered client, a stream, a websocket), the interpreter has to end. Python joins its
threads before it calls what is registered with `atexit`, and the workers of anyio, which have served an endpoint, wait
for the end of their loop. So what is open is closed before that; and threads that never end are left behind.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Protocol

from ..calls.python_end import at_exit, let_python_end
from ..clock.real_time import real_time

#: How long closing may take altogether, in seconds.
_AT_EXIT = 0.5


class Closable(Protocol):
    """An event loop that somebody may have left open."""

    def close_at_exit(self, seconds: float) -> None:
        """Close it, without a word, in so many seconds."""


class StillOpen:
    """The loops that are open, in the order in which they were made."""

    def __init__(self) -> None:
        #: A dict, for its order alone. No WeakSet: an interrupt that arrives in its Python code is lost.
        self._open: dict[Closable, None] = {}

    def __contains__(self, loop: object) -> bool:
        return loop in self._open

    def add(self, loop: Closable) -> None:
        """Close `loop` when Python ends, unless it is discarded before."""
        self._open[loop] = None

    def discard(self, loop: Closable) -> None:
        """Forget `loop`, which is closed."""
        self._open.pop(loop, None)

    def forget(self) -> None:
        """Forget all, in a process that was forked: they belong to the other one, whose sockets these are."""
        self._open = {}

    def close(self) -> None:
        """Close what is open, the youngest first."""
        until = real_time() + _AT_EXIT
        for loop in reversed(list(self._open)):
            with suppress(Exception):  # nobody can do anything about it any more
                loop.close_at_exit(max(0.0, until - real_time()))


#: The open loops of this process.
STILL_OPEN = StillOpen()


def _before_python_ends() -> None:
    STILL_OPEN.close()
    let_python_end()


at_exit(_before_python_ends)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=STILL_OPEN.forget)
