"""`client.timeline`: what has happened, to be iterated, filtered, compared and saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Final, Self, overload

from ..errors import UnknownOption, UsageError
from .events import KINDS, Heading, TimelineEvent, TimelineExchange
from .json_lines import lines_of, parts_of

#: The forms in which a timeline is saved: the end of the file name, the module of the writer, and its function.
_WRITERS: Final = {
    ".trace.json": ("trace_events", "written_trace_events"),
    ".html": ("html", "as_html"),
    ".har": ("har", "written_har"),
    ".svg": ("svg", "as_svg"),
    ".txt": ("text", "as_text"),
    ".jsonl": ("lines", "as_lines"),
}


class Timeline(Sequence[TimelineEvent]):
    """What has happened to a client, the oldest event first, as it was when it was asked for.

    It compares as a list of events does; `[str(event) for event in timeline]` is what tests compare.

    Args:
        events, exchanges, heading: what there is.
        unmasked: gives the same with its secrets; None where they are not known any more.

    Example:
        >>> from asgi_lockstep import TestClient
        >>> async def app(scope, receive, send):
        ...     await send({"type": "http.response.start", "status": 204})
        ...     await send({"type": "http.response.body"})
        >>> client = TestClient(app)
        >>> response = client.get("/notes")
        >>> for event in client.timeline:
        ...     print(event)
        test: GET /notes
        GET /notes: app sends http.response.start 204
        GET /notes: app sends http.response.body
        GET /notes: app returned (response complete)
    """

    def __init__(
        self,
        events: Iterable[TimelineEvent],
        exchanges: Iterable[TimelineExchange] = (),
        heading: Heading | None = None,
        unmasked: Callable[[], Timeline] | None = None,
    ) -> None:
        self._events = tuple(events)
        self.exchanges = tuple(exchanges)
        self.heading = heading or Heading()
        self._unmasked = unmasked

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self)} events in {len(self.exchanges)} exchanges>"

    def __len__(self) -> int:
        return len(self._events)

    @overload
    def __getitem__(self, index: int) -> TimelineEvent: ...
    @overload
    def __getitem__(self, index: slice) -> Timeline: ...
    def __getitem__(self, index: int | slice) -> TimelineEvent | Timeline:
        return self._with(self._events[index]) if isinstance(index, slice) else self._events[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Timeline, list, tuple)):
            return self._events == tuple(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it compares as a list does

    @property
    def title(self) -> str:
        """What it is about, `""` if nobody has said so."""
        return self.heading.title

    @property
    def began(self) -> str:
        """When the client was made, in UTC (ISO 8601): the zero of the times of its events."""
        return self.heading.began

    @property
    def clock(self) -> str:
        """`"real"` or `"virtual"`: the clock of the app."""
        return self.heading.clock

    @property
    def lost(self) -> int:
        """How many events had to make room for newer ones; `timeline=` of the client says how many are kept."""
        return self.heading.lost

    def of(self, request: str | int) -> Timeline:
        """The events of one request, or of all that are called so.

        Args:
            request: what was asked (`"GET /notes"`), its path alone (`"/notes"`), or the number of an exchange.
        """
        numbers = {
            exchange.number
            for exchange in self.exchanges
            if request in (exchange.number, exchange.request, exchange.request.partition(" ")[2])
        }
        return self._with(event for event in self if event.exchange in numbers)

    def of_kind(self, *kinds: str) -> Timeline:
        """The events of these kinds; see `TimelineEvent`.

        Raises:
            UnknownOption: there is no such kind.
        """
        __tracebackhide__ = True
        for kind in kinds:
            if kind not in KINDS:
                raise UnknownOption("kind", kind, KINDS)
        return self._with(event for event in self if event.kind in kinds)

    def last(self, count: int) -> Timeline:
        """The last `count` events."""
        return self._with(self._events[max(0, len(self) - count) :])

    def with_secrets(self) -> Timeline:
        """The same events with what is masked otherwise: `authorization`, `cookie` and `set-cookie`.

        Of a timeline that was saved, they are not known any more.
        """
        if self._unmasked is None:
            return self
        numbers = {event.number for event in self}
        unmasked = self._unmasked()
        return self._with((event for event in unmasked if event.number in numbers), unmasked.exchanges)

    def _with(self, events: Iterable[TimelineEvent], exchanges: Iterable[TimelineExchange] | None = None) -> Timeline:
        """Some of its events, with the exchanges that they belong to."""
        kept = tuple(events)
        numbers = {event.exchange for event in kept}
        known = self.exchanges if exchanges is None else exchanges
        return Timeline(kept, [one for one in known if one.number in numbers], self.heading, self._unmasked)

    def titled(self, title: str) -> Timeline:
        """The same under another title."""
        return Timeline(self, self.exchanges, replace(self.heading, title=title), self._unmasked)

    def text(self, width: int = 100, colour: bool = False) -> str:
        """The events as lines for a terminal, with times and the lines of the source.

        Args:
            width: how many characters fit on a line; what is longer is cut.
            colour: whether to colour them, which takes rich (the extra `cli`).
        """
        return str(_writer("text", "as_text")(self, width, colour))

    def lines(self) -> list[str]:
        """Its saved form: JSON lines."""
        return [*lines_of(self.heading, self.exchanges, self._events)]

    def save(self, path: str | Path, *, title: str | None = None) -> Path:
        """Write it to a file; the end of the name says in which form.

        Args:
            path: `.html` (a page to look at), `.har` (for the developer tools of browsers), `.trace.json` (for
                Perfetto), `.svg` (a diagram), `.txt`, or `.jsonl`, which `Timeline.load()` reads again.
            title: what it is about; as it is called already by default.

        Returns:
            The path.

        Raises:
            UsageError: the name has none of these ends.
        """
        path = Path(path)
        writer = next((writer for end, writer in _WRITERS.items() if path.name.endswith(end)), None)
        if writer is None:
            raise UsageError(f"A timeline cannot be saved as {path.name!r}. Write one of: *{', *'.join(_WRITERS)}.")
        written = _writer(*writer)(self if title is None else self.titled(title))
        path.write_text(written, encoding="utf-8")
        return path

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """A timeline that was saved as `.jsonl`.

        Raises:
            UsageError: the file is none.
        """
        path = Path(path)
        with path.open(encoding="utf-8") as file:
            heading, exchanges, events = parts_of(file, path.name)
        return cls(events, exchanges, heading)


def _writer(module: str, function: str) -> Callable[..., str]:
    """A function of `writers/`, which is imported when it is needed: few tests write, and each in one form."""
    found: Callable[..., str] = getattr(import_module(f".writers.{module}", __package__), function)
    return found
