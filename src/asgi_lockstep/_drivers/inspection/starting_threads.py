"""Threads that have been started, and have not begun: Python shows a thread only when it has its first frame.

`threading` waits for the threads that it starts; what is below it (`_thread`, extensions) does not, and on a machine
with much to do it takes such a thread longer to begin than a loop takes to look for it. The system knows how many
threads there are. It also counts those that never run Python (of a numeric library, or of uvloop) and those that have
just ended, so each one has a moment to begin, and counts for nothing afterwards.
"""

from __future__ import annotations

import os
import sys

from ..clock.real_time import real_time

#: How long a thread may take to begin, in seconds.
TIME_TO_BEGIN = 0.0625

#: Where Linux lists the threads of this process. Elsewhere there is no list that costs nothing to read.
_LIST = "/proc/self/task"


def _without_frames() -> int:
    """How many threads the system has that do not run Python now; 0 where that cannot be known."""
    try:
        while True:
            # Two counts that differ by the threads that have not begun, if they are of the same moment.
            threads, frames = len(os.listdir(_LIST)), len(sys._current_frames())
            if threads == len(os.listdir(_LIST)):  # none has begun or ended between the two
                return max(0, threads - frames)
    except OSError:
        return 0


class NewThreads:
    """Knows how many threads never run Python, and so whether there are others that have not begun."""

    def __init__(self) -> None:
        self._native = _without_frames()

    def may_begin(self, since: float) -> bool:
        """Whether a thread that has been started may still begin, and then call in.

        Args:
            since: when whoever asks began to look, in seconds of `real_time()`.
        """
        without = _without_frames()
        if without < self._native or real_time() - since >= TIME_TO_BEGIN:
            self._native = without
        return without > self._native


#: The new threads of this process.
NEW_THREADS = NewThreads()
