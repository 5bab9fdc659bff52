"""One thing that happened between a test and its app, and the exchange that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SourceLine:
    """A line of code, as somebody would look it up."""

    file: str
    line: int
    function: str = ""
    source: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class TimelineEvent:
    """One thing that happened."""

    number: int
    kind: str
    time: float
    loop_time: float
    exchange: int | None = None
    request: str = ""
    text: str = ""
    message: dict[str, Any] | None = None
    place: SourceLine | None = None
    task: str = ""
    step: str = ""
    details: str = ""
    jump: float = 0.0


@dataclass(frozen=True)
class TimelineExchange:
    """One conversation: a request and its response, a websocket, or a lifespan."""

    number: int
    kind: str
    request: str
    scope: dict[str, Any]
    sent_at: SourceLine | None = None
    endpoint: SourceLine | None = None
