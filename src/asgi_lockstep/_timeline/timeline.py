"""All that happened between a test and its app, in its order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from .events import TimelineEvent, TimelineExchange


@dataclass(frozen=True)
class Timeline(Sequence[TimelineEvent]):
    """A snapshot, oldest first."""

    events: tuple[TimelineEvent, ...]
    title: str
    began: str
    clock: str
    lost: int
    exchanges: tuple[TimelineExchange, ...]

    def __len__(self) -> int:
        return len(self.events)

    @overload
    def __getitem__(self, index: int) -> TimelineEvent: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[TimelineEvent, ...]: ...
    def __getitem__(self, index: int | slice) -> TimelineEvent | tuple[TimelineEvent, ...]:
        return self.events[index]
