"""The last lines that a server has logged: kept for texts about it, and not written anywhere."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence

#: How many lines are kept.
_LINES = 10


class LogLines(logging.Handler):
    """A handler that keeps the last lines of one thread.

    It is also what keeps them from stderr, where Python writes what has no handler.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._thread: int | None = None
        self.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))

    def listen_here(self) -> None:
        """Keep what the calling thread logs; servers of other threads may have the same loggers."""
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        if record.thread == self._thread:
            self._lines.extend(self.format(record).splitlines())

    @property
    def lines(self) -> Sequence[str]:
        """What was kept, the oldest first."""
        return [*self._lines]
