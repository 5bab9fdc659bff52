"""The clock whose time passes only by jumping from one timer to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable


class VirtualClock:
    """What time it is on a loop with virtual time, in seconds since that has begun.

    Args:
        quiet_threads: the names of threads, or patterns of them, that never call into the app, and hold nothing up.
    """

    def __init__(self, quiet_threads: Iterable[str] = ()) -> None:
        self.now = 0.0
        self.quiet_threads = tuple(quiet_threads)
        #: Called after each jump; None where nothing else has to follow it.
        self._listener: Callable[[float], object] | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.now!r}>"

    def jump_to(self, moment: float) -> None:
        """Let it be `moment`, in seconds of this clock; time never goes back."""
        before, self.now = self.now, max(self.now, moment)
        if self._listener is not None:
            self._listener(self.now - before)

    def leave_out(self, quiet_threads: Iterable[str]) -> None:
        """Have these threads, too, hold nothing up."""
        self.quiet_threads = (*self.quiet_threads, *(name for name in quiet_threads if name not in self.quiet_threads))

    def listen(self, listener: Callable[[float], object]) -> None:
        """Have `listener` called after each jump, with its length in seconds; whoever listened before is forgotten."""
        self._listener = listener

    def stop_listening(self) -> None:
        """Have nobody called any more."""
        self._listener = None
