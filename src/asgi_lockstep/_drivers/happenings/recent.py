"""The recorders that were at work last, for a report about a test that has failed.

The client of that test may be gone when the report is written; what has happened to it is not. A recorder holds no part
of the app, and only a few are kept.
"""

from __future__ import annotations

import threading
from typing import Any, Final

#: How many are kept.
_AT_MOST: Final = 16


class _Recent:
    """The last ones, each once, the newest last."""

    def __init__(self) -> None:
        self.newest: Any = None
        self.recorders: list[Any] = []
        self._changing = threading.Lock()  # servers that run in threads put theirs, too

    def put(self, recorder: Any) -> None:
        """A recorder is at work, and another one was before."""
        with self._changing:
            others = [other for other in self.recorders if other is not recorder]
            self.recorders = [*others, recorder][-_AT_MOST:]
            self.newest = recorder


RECENT: Final = _Recent()
