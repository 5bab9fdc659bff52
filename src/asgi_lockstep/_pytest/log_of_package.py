"""What the package says in its log: that a client was not entered, for example, which may be why a test fails."""

from __future__ import annotations

import logging
import os
from collections import deque
from contextlib import suppress
from typing import Final

from .._drivers.clock.real_time import real_time
from ..errors import BlockingCall

#: How many of the last messages are kept.
_AT_MOST: Final = 50

_LOGGER: Final = logging.getLogger("asgi_lockstep")


class _Messages(logging.Handler):
    """The last messages, each with its moment."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.kept: deque[tuple[float, str]] = deque(maxlen=_AT_MOST)
        self._stderr: int | None = None

    def write_to(self, stderr: int | None) -> None:
        """Write to a descriptor what must not wait; None for none."""
        self._stderr = stderr

    def write_no_more(self, stderr: int) -> None:
        """Unless another run writes to another one by now."""
        if self._stderr == stderr:
            self._stderr = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one; that the thread is blocked is said at once, since the test may never end, and what is captured with
        it is never shown.
        """
        message = record.getMessage()
        self.kept.append((real_time(), message))
        blocks = isinstance(record.args, tuple) and any(isinstance(value, BlockingCall) for value in record.args)
        if blocks and self._stderr is not None:
            with suppress(OSError):
                os.write(self._stderr, f"\nasgi_lockstep: {message}\n".encode())


_MESSAGES: Final = _Messages()


def listen(stderr: int | None) -> None:
    """From here on messages are kept, and written to the descriptor `stderr`; calling it again changes nothing else."""
    _MESSAGES.write_to(stderr)
    _LOGGER.addHandler(_MESSAGES)


def write_no_more(stderr: int) -> None:
    """Before `stderr` is closed."""
    _MESSAGES.write_no_more(stderr)


def messages_since(moment: float) -> list[str]:
    """What was said since `moment`, in seconds of `real_time()`."""
    return [message for at, message in _MESSAGES.kept if at >= moment]
