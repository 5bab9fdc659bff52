"""Moments until which something has to have happened."""

from __future__ import annotations

from .._drivers.clock.real_time import real_time


class Deadline:
    """A moment.

    Args:
        limit: how many seconds from now; None for never.
    """

    def __init__(self, limit: float | None) -> None:
        self._limit = limit
        self._at = None if limit is None else real_time() + limit

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.left} of {self._limit} seconds are left>"

    @property
    def left(self) -> float | None:
        """How many seconds are left, None for ever; never 0, so that what is there already is taken."""
        return None if self._at is None else max(self._at - real_time(), 0.001)

    @property
    def has_passed(self) -> bool:
        """Whether it is over."""
        return self._at is not None and real_time() >= self._at
