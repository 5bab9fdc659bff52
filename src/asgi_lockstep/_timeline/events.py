"""What has happened, as data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from .._drivers.inspection.source_lines import Place, shown_shortly

#: What the saved form says of itself.
FORMAT: Final = "asgi-lockstep timeline"
VERSION: Final = 1

#: What kinds of events there are.
KINDS: Final = (
    "test",
    "fails",
    "receives",
    "sends",
    "refused",
    "waits",
    "task_starts",
    "task_ends",
    "logs",
    "raises",
    "ends",
)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of code.

    Args:
        file: its file, from the working directory if it lies in there; that of an installed package as it is imported.
        line: its number; 0 for code without lines.
        function: the function that it is in.
        source: what it says, `""` if it cannot be read.
    """

    file: str
    line: int
    function: str
    source: str

    @classmethod
    def of(cls, place: Place) -> Self:
        """The line that `place` is."""
        return cls(shown_shortly(place.file), place.line, place.function, place.source)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class TimelineExchange:
    """A request with its response, a websocket, or the lifespan.

    Args:
        number: its place among the exchanges of the client.
        kind: `"http"`, `"websocket"` or `"lifespan"`.
        request: what was asked, for example `"GET /notes"`.
        scope: what the app was called with, in what JSON can hold; secrets are masked.
        sent_at: the line of the test; None where there is none.
        endpoint: the function that answers, where the framework has said which; None otherwise.
    """

    number: int
    kind: str
    request: str
    scope: dict[str, Any]
    sent_at: SourceLine | None = None
    endpoint: SourceLine | None = None

    def as_dict(self) -> dict[str, Any]:
        """The same as a line of the saved form."""
        fields = asdict(self)
        return {"exchange": fields.pop("number"), **fields}


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """Something that has happened.

    Args:
        number: its place among all events of the client.
        kind: `"test"` (the test does something), `"fails"` (what comes out of that is an exception), `"receives"`,
            `"sends"`, `"refused"` (a `send()` that has raised), `"waits"` (the app, in `receive()` or `send()`),
            `"task_starts"`, `"task_ends"`, `"logs"`, `"raises"` (the app), or `"ends"` (the app, for one exchange). A
            failure that the app sends says which exception it handles meanwhile.
        time: when, in seconds of real time since the client was made.
        loop_time: when, in seconds of the app's clock; the same where that is real.
        jump: how many seconds a virtual clock has jumped since the event before.
        exchange: the number of the exchange that it belongs to; None for none.
        request: what was asked in that, `""` for none.
        text: what has happened, in a line.
        message: the ASGI message, in what JSON can hold: bytes as text, or as base64 where they are none. Secrets are
            masked, and content is cut after a kilobyte; `body_length` (`text_length`, `bytes_length`) is its length.
        place: the line of the test, or of the app; where a library has sent or received for that, the function that
            answers, if the framework has said which. None where it is not known.
        task: the name of the task of the app's that it is about, `""` for none.
        step: the group that it is in, `""` for none.
        details: more lines, for example a traceback; `""` for none.
    """

    number: int
    kind: str
    time: float
    loop_time: float
    exchange: int | None
    request: str
    text: str
    jump: float = 0.0
    message: dict[str, Any] | None = None
    place: SourceLine | None = None
    task: str = ""
    step: str = ""
    details: str = ""

    def __str__(self) -> str:
        return f"{self.request}: {self.text}" if self.request and self.kind != "test" else self.text

    def as_dict(self) -> dict[str, Any]:
        """The same as a line of the saved form."""
        fields = asdict(self)
        times = {name: round(fields[name], 6) for name in ("time", "loop_time", "jump")}
        return {"event": fields.pop("number"), **fields, **times}


@dataclass(frozen=True, slots=True)
class Heading:
    """What is true of a timeline as a whole.

    Args:
        title: what it is about.
        began: when the client was made, in UTC (ISO 8601).
        clock: `"real"`, or `"virtual"`.
        lost: how many events had to make room for newer ones.
    """

    title: str = ""
    began: str = ""
    clock: str = "real"
    lost: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The same as the first line of the saved form."""
        return {"format": FORMAT, "version": VERSION, **asdict(self)}
