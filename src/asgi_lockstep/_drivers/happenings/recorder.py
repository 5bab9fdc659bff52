"""What happens, as it happens: small tuples in a ring, of which events are made when somebody reads them.

Every request feels this: a message costs a third of a microsecond. So names, texts and lines of source are found out
later, and nothing is kept that the app could still change, or would not expect to be kept alive: a message is a copy
whose body is cut, an exception is what it says, and of a line its code and instruction.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from itertools import count
from types import CodeType, FrameType
from typing import Any, Final, NamedTuple, Protocol

from ..._types import HeaderPairs, Message
from ..clock.real_time import real_time
from ..inspection.endpoints import endpoint_of
from ..inspection.source_lines import Link, Owner, Place, frame_of_test, owners
from .ended import Ended
from .exceptions import ExceptionSaid
from .handled import Answering
from .kept_message import CONTENT, cut, cut_in, explain
from .known_task import KnownTask
from .readable import readable
from .recent import RECENT

#: How many events a client keeps, if it is not told otherwise.
KEPT: Final = 200

#: How far from a `receive()` or `send()` of the app a line of the user's is looked for, in functions: through the
#: methods of a framework's request or websocket, and not through all of its middlewares.
_NEAR: Final = 8

#: How Python ends iterators, which is no failure of anything.
_ENDS: Final = (GeneratorExit, StopIteration, StopAsyncIteration)

_OF_COROUTINES: Final = CO_COROUTINE | CO_GENERATOR | CO_ASYNC_GENERATOR
_USER: Final = Owner.USER


class Clock(Protocol):
    """What tells the time of the app."""

    @property
    def now(self) -> float:
        """In seconds."""
        ...


class _RealClock:
    """The clock of an app whose time is real: no other time has to be kept."""

    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now = 0.0


REAL_CLOCK: Final = _RealClock()


class Begun(NamedTuple):
    """What is kept of an exchange that has begun. It refers to nothing of it, which could hold a part of the app.

    Args:
        exchange: its place among the exchanges of the client.
        template: what the app is called with; it may be shared with other exchanges, and no app gets it itself.
        headers: the headers that belong to it; none where they are in it.
    """

    exchange: int
    template: Mapping[str, Any]
    headers: HeaderPairs

    @property
    def scope(self) -> dict[str, Any]:
        """What the app was called with, as it was then; without the state, which is the app's."""
        scope = {name: value for name, value in self.template.items() if name != "state"}
        return {**scope, "headers": [*self.headers]} if self.headers else scope


class Happening(NamedTuple):
    """What is kept of one event.

    Args:
        number: its place among all events of the client.
        time, loop_time: when, in seconds of `real_time()` and of the clock of the app.
        kind: one of `KINDS` of `_timeline/events.py`.
        note: how the exchange has begun that it belongs to: the fields of that event, whose payload is a `Begun`; None
            for none.
        payload: what there is to say, by kind; see `_timeline/reading.py`.
        code, instruction: the line; None for none.
        step: the group that it is in, `""` for none.
    """

    number: int
    time: float
    loop_time: float
    kind: str
    note: Note | None
    payload: Any
    code: CodeType | None
    instruction: int
    step: str


#: Both are made as plain tuples, which takes a fifth of the time.
Note = tuple[Any, ...]

#: How many fields there are in a `Begun`, and where the payload stands in a `Happening`.
BEGUN: Final = 3
PAYLOAD: Final = 5
_CODE: Final = 6


class Recorder:
    """What has happened to one client, and to those that were derived from it.

    Args:
        kept: how many events are kept, the newest; 0 for none.
    """

    __slots__ = ("__weakref__", "_coming", "began", "began_at", "clock", "exchanges", "happenings", "numbers", "step")

    def __init__(self, kept: int = KEPT) -> None:
        self.happenings: deque[tuple[Any, ...]] = deque(maxlen=kept)
        self.clock: Clock = REAL_CLOCK
        self.began = real_time()
        self.began_at = dt.datetime.now(dt.UTC)
        self.step = ""
        #: Which exception the test may get, by its identity, and the number and times of that event; None for none.
        self._coming: tuple[int, int, float, float] | None = None
        #: The next numbers of an event and of an exchange.
        self.numbers = count()
        self.exchanges = count()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.happenings)} events>"

    def follow(self, clock: Clock | None) -> None:
        """From now on, the time of the app is that of `clock`; None for real time."""
        self.clock = clock or REAL_CLOCK

    def exchange(self, scope: Mapping[str, Any]) -> Note:
        """The note of an exchange for which the test has sent no request.

        Args:
            scope: what the app is called with.
        """
        begun = next(self.exchanges), own_template(scope), ()
        return 0, 0.0, 0.0, "test", None, begun, None, 0, ""

    def request(self, template: Mapping[str, Any], headers: HeaderPairs, frame: FrameType | None) -> Note:
        """Keep that the test sends a request; returns the note of its exchange.

        Args:
            template, headers: see `Begun`.
            frame: where the test stands; None where that is not known.
        """
        if RECENT.newest is not self:
            RECENT.put(self)
        begun = next(self.exchanges), template, headers
        code, at = (None, 0) if frame is None else (frame.f_code, frame.f_lasti)
        note = next(self.numbers), real_time(), self.clock.now, "test", None, begun, code, at, self.step
        self.happenings.append(note)
        return note

    def add(
        self, kind: str, payload: Any = None, note: Note | None = None, code: CodeType | None = None, at: int = 0
    ) -> None:
        """Keep an event that is happening now; `at` is the instruction of its line in `code`."""
        self.happenings.append(
            (next(self.numbers), real_time(), self.clock.now, kind, note, payload, code, at, self.step)
        )

    def passes(self, note: Note, kind: str, message: Message, frame: FrameType, call: Answering) -> None:
        """Keep that a message passes: all in one function, because every message of every request does.

        Args:
            note: its exchange.
            kind: `"receives"` or `"sends"`.
            message: it; a copy is kept, since apps use theirs again.
            frame: the innermost function of the app.
            call: asked why it has failed, where the message says that something has.
        """
        near, code = frame, frame.f_code
        if owners.get(code.co_filename) is not _USER:
            near = _near_line(frame)
            code = near.f_code
        kept = {**message}
        if "headers" in kept:
            if type(kept["headers"]) is list:  # another kind may be there to be read once
                kept["headers"] = kept["headers"][:]
            if kind == "sends":
                explain(kept, frame, call)
        elif "body" in kept:
            if kept["body"] is not None and len(kept["body"]) > CONTENT:
                cut_in(kept, "body")
        elif "text" in kept or "bytes" in kept:
            cut_in(kept, "text", "bytes")
        elif kind == "sends":
            explain(kept, frame, call)
        self.happenings.append(
            (next(self.numbers), real_time(), self.clock.now, kind, note, kept, code, near.f_lasti, self.step)
        )

    def waits(self, note: Note, where: str, frame: FrameType) -> None:
        """Keep that the app waits in `receive()` or `send()`, as `where` says; `frame` is its innermost function."""
        code = frame.f_code
        if owners.get(code.co_filename) is not _USER:
            frame = _near_line(frame)
            code = frame.f_code
        self.happenings.append(
            (next(self.numbers), real_time(), self.clock.now, "waits", note, where, code, frame.f_lasti, self.step)
        )

    def refuses(self, note: Note, message: object, refusal: BaseException, frame: FrameType) -> None:
        """Keep that a `send()` of the app raises; `message` may be anything, and is kept in words."""
        near = _near_line(frame)
        self.add("refused", (readable(message), ExceptionSaid.of(refusal)), note, near.f_code, near.f_lasti)

    def ends(self, note: Note, exchange: Ended) -> None:
        """Keep how the app has ended, and which function has answered, where the framework says that in the scope."""
        is_usual = exchange.app_end == "returned" and not exchange.disconnected
        how = exchange.state if is_usual else (exchange.app_words, exchange.state)
        self.add("ends", (how, endpoint_of(exchange.scope)), note)

    def task_starts(self, note: Note, task: KnownTask, place: Place | None) -> None:
        """Keep that a task of the app has been made, at `place`; `note` is of the exchange that it comes from."""
        self.add("task_starts", (task, place), note)

    def task_ends(self, note: Note, task: KnownTask, how: str, failure: BaseException | None = None) -> None:
        """Keep that a task of the app has ended.

        Args:
            note: of the exchange that it comes from.
            task: which one.
            how: what is said of it, for example `"is cancelled"`; nothing is, where it has failed.
            failure: with what.
        """
        raised = None if failure is None else ExceptionSaid.of(failure)
        self.add("task_ends", (task, task.name, how, raised), note)

    def logs(
        self, note: Note, level: str, logger: str, message: str, failure: ExceptionSaid | None, at: tuple[str, int, str]
    ) -> None:
        """Keep what the app has logged, with the exception that belongs to it; `at` is the file, line and function."""
        self.add("logs", (level, logger, message, failure, at), note)

    def fails(self, failure: BaseException) -> None:
        """Keep that an exception comes out of what the test has called; once, where it comes out of several calls."""
        if isinstance(failure, _ENDS):
            return
        note = ExceptionSaid.of(failure, 0)
        newest = self.happenings[-1] if self.happenings else None
        if newest is not None and newest[3] == "fails" and str(newest[5]) == str(note):
            return
        coming, self._coming = self._coming, None
        if coming is None or coming[0] != id(failure):
            self.add("fails", note)
        else:
            self.happenings.append((*coming[1:], "fails", None, note, None, 0, self.step))

    def will_fail(self, failure: BaseException) -> None:
        """Keep the moment at which an exception comes up, which the test may get when the app was ended for it."""
        self._coming = id(failure), next(self.numbers), real_time(), self.clock.now

    def acts(self, action: str, value: object = None, note: Note | None = None, ours: int = 2) -> None:
        """Keep that the test does something.

        Args:
            action: the name of the method.
            value: what it was given, if that cannot change any more.
            note: with which exchange; None for none.
            ours: how many functions of ours have surely called each other, the innermost of which is this one.
        """
        if RECENT.newest is not self:
            RECENT.put(self)
        frame = sys._getframe(ours)
        code: CodeType | None = frame.f_code
        if owners.get(frame.f_code.co_filename) is not _USER or "__tracebackhide__" in frame.f_code.co_varnames:
            frame = frame_of_test(frame) or frame
            # A fixture of a plugin, for example, is no line of the test.
            code = frame.f_code if owners[frame.f_code.co_filename] is _USER else None
        payload = action, value if value is None else cut(value)
        self.happenings.append(
            (next(self.numbers), real_time(), self.clock.now, "test", note, payload, code, frame.f_lasti, self.step)
        )

    @contextmanager
    def grouped(self, title: str) -> Iterator[None]:
        """Group what happens inside of the block under `title`."""
        before = self.step
        self.step = f"{before} > {title}" if before else title
        try:
            yield
        finally:
            self.step = before


def line_of(note: Note) -> Link | None:
    """Where the test has sent the request of an exchange; None where it has sent none, or that is not known."""
    code, at = note[_CODE], note[_CODE + 1]
    return None if code is None else Link(code, at)


def own_template(scope: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a scope that an app gets: nothing that belongs to the app, which may write anything into it."""
    return {name: readable(value) for name, value in scope.items() if name != "state"}


def _near_line(frame: FrameType) -> FrameType:
    """The innermost function of the user's near a call of ours, of those that await each other; else the innermost."""
    near: FrameType | None = frame
    steps = 0
    while near is not None and steps < _NEAR and near.f_code.co_flags & _OF_COROUTINES:
        if owners[near.f_code.co_filename] is _USER:
            return near
        near = near.f_back
        steps += 1
    return frame


#: Where the events of calls go that belong to no client.
UNRECORDED: Final = Recorder(0)
