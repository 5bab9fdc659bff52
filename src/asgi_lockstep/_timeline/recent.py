"""The recorders that were at work last, for a report about a test that has failed.

The client of that test may be gone when the report is written; what has happened to it is not. A recorder holds no part
of the app, and only a few are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .recorder import Recorder
    from .timeline import Timeline

#: How many are kept.
_AT_MOST: Final = 16


class _Recent:
    """The last ones, each once, the newest last."""

    def __init__(self) -> None:
        self.newest: Recorder | None = None
        self._recorders: list[Recorder] = []

    def put(self, recorder: Recorder) -> None:
        """A recorder is at work, and another one was before."""
        others = [other for other in self._recorders if other is not recorder]
        self._recorders = [*others, recorder][-_AT_MOST:]
        self.newest = recorder

    @property
    def recorders(self) -> list[Recorder]:
        """All of them."""
        return self._recorders


RECENT: Final = _Recent()


def clients_since(moment: float) -> list[Timeline]:
    """What has happened since `moment`, of each client to which anything has, the one first that did so first.

    Args:
        moment: in seconds of `real_time()`.
    """
    from .reading import read  # most processes never read a timeline

    timelines = [read(recorder, since=moment) for recorder in RECENT.recorders]
    return sorted((timeline for timeline in timelines if timeline), key=lambda timeline: timeline[0].time)
