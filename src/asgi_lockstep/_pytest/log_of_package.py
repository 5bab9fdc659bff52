"""What the package says in its log: that a client was not entered, for example, which may be why a test fails."""

from __future__ import annotations

import logging
from collections import deque
from typing import Final

from .._drivers.clock.real_time import real_time

#: How many of the last messages are kept.
_AT_MOST: Final = 50

_LOGGER: Final = logging.getLogger("asgi_lockstep")


class _Messages(logging.Handler):
    """The last messages, each with its moment."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.kept: deque[tuple[float, str]] = deque(maxlen=_AT_MOST)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.kept.append((real_time(), record.getMessage()))


_MESSAGES: Final = _Messages()


def listen() -> None:
    """From here on messages are kept; calling it again changes nothing."""
    _LOGGER.addHandler(_MESSAGES)


def messages_since(moment: float) -> list[str]:
    """What was said since `moment`, in seconds of `real_time()`."""
    return [message for at, message in _MESSAGES.kept if at >= moment]
