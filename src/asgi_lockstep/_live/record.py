"""What is known of the calls of an app that a server runs: which are under way, and what they have raised."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from itertools import count
from types import TracebackType
from typing import Protocol

from .._drivers.happenings.recorder import UNRECORDED, Note, Recorder
from ..errors import LifespanFailed

#: The request header by which a client of ours finds the call of the app that it has caused.
CALL_HEADER = "x-asgi-lockstep-call"


class Notes(Protocol):
    """Who is told of the calls of an app: a record, or the way to one in another process."""

    def begun(self, number: Hashable, call: str, request: str) -> Note | None:
        """The app was called; returns what the timeline has of the request, if a client of ours has sent it.

        Args:
            number: tells this call from all others.
            call: what `CALL_HEADER` has said, `""` where the client is not one of ours.
            request: for texts, for example `"GET /items"`.
        """

    def ended(self, number: Hashable, exception: BaseException | None) -> None:
        """A call has ended, and with what."""

    def lifespan_failed(self, phase: str, exception: BaseException | None, message: str) -> None:
        """The app has failed to start or stop, or has said so.

        Args:
            phase: `"startup"` or `"shutdown"`.
            exception: what it has raised, if anything.
            message: what it has said.
        """

    def lifespan_refused(self, exception: BaseException) -> None:
        """The app has raised before it received or sent anything: it does not know the lifespan."""


class Record:
    """What is known of the calls of one app; from all threads.

    Args:
        exceptions: where each exception of the app goes, the oldest first; whoever takes one out has dealt with it.
        timeline: where what happens is kept; by default, where nobody looks.
    """

    def __init__(self, exceptions: list[BaseException], timeline: Recorder = UNRECORDED) -> None:
        self.exceptions = exceptions
        self.timeline = timeline
        #: What the app raised, or said, instead of starting.
        self.startup_failure: BaseException | None = None
        #: What it raised because it has no lifespan.
        self.refusal: BaseException | None = None
        self._changed = threading.Condition()
        self._calls: dict[Hashable, tuple[str, str]] = {}
        #: What the timeline has of the requests of our clients for which the app was not called yet.
        self._sent: dict[str, Note | None] = {}
        #: What the calls of our clients have raised, and was not raised in the test yet.
        self._failures: dict[str, BaseException] = {}
        #: Each exception with its traceback as it was in the app: the server's own frames are in the way, and are still
        #: added while the test raises it.
        self._noted: list[tuple[BaseException, TracebackType | None]] = []
        #: What was raised in the test already, or whose client does not want to know.
        self._claimed: list[BaseException] = []
        self._silent: set[str] = set()
        self._numbers = count(1)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self._calls)} calls under way, {len(self.exceptions)} exceptions>"

    # What the recorder tells.

    def begun(self, number: Hashable, call: str, request: str) -> Note | None:
        """See `Notes.begun`."""
        with self._changed:
            self._calls[number] = call, request
            return self._sent.pop(call, None)

    def ended(self, number: Hashable, exception: BaseException | None) -> None:
        """See `Notes.ended`."""
        with self._changed:
            call, _ = self._calls.pop(number)
            if exception is not None:
                self._note(call, exception)
            self._changed.notify_all()

    def lifespan_failed(self, phase: str, exception: BaseException | None, message: str) -> None:
        """See `Notes.lifespan_failed`."""
        failure = LifespanFailed(phase, message) if exception is None else exception
        if phase == "startup":
            self.startup_failure = failure
        else:
            self._note("", failure)

    def lifespan_refused(self, exception: BaseException) -> None:
        """See `Notes.lifespan_refused`."""
        self.refusal = exception

    def check_startup(self, insists: bool) -> None:
        """Raise if the app has not started, whatever its server makes of that.

        Args:
            insists: whether it has to have a lifespan.
        """
        __tracebackhide__ = True
        self.refresh()
        failure = self.startup_failure or (self.refusal if insists else None)
        if failure is not None:
            raise failure

    # What clients ask.

    def new_call(self, raises: bool, sent: Note | None = None) -> str:
        """What to send as `CALL_HEADER`.

        Args:
            raises: whether the client raises what its call of the app raises; nobody else does, where it does not.
            sent: what the timeline has of its request, if anything.
        """
        call = str(next(self._numbers))
        self._sent[call] = sent
        if not raises:
            self._silent.add(call)
        return call

    def requests(self) -> Sequence[str]:
        """The calls that are under way, for example `"GET /items"`."""
        self.refresh()
        with self._changed:
            return [request for _, request in self._calls.values()]

    def is_under_way(self, call: str) -> bool:
        """Whether the app still works on a call of one of our clients."""
        self.refresh()
        with self._changed:
            return any(call == one for one, _ in self._calls.values())

    def wait_for_end(self, call: str, limit: float | None) -> None:
        """Wait until the app has ended a call, or has never been called: at most `limit` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: all(call != one for one, _ in self._calls.values()), limit)

    def claim(self, call: str) -> BaseException | None:
        """What a call has raised, to be raised now, once."""
        self.refresh()
        failure = self._failures.pop(call, None)
        if failure is None:
            return None
        self._claimed.append(failure)
        return self._as_raised(failure)

    def unclaimed(self) -> list[BaseException]:
        """What nobody has raised yet, the oldest first."""
        self.refresh()
        left = [exception for exception in self.exceptions if not any(exception is one for one in self._claimed)]
        return [self._as_raised(exception) for exception in left]

    def refresh(self) -> None:
        """Take in what has been told; for a record that has to look."""

    def _note(self, call: str, exception: BaseException) -> None:
        self.exceptions.append(exception)
        self._noted.append((exception, exception.__traceback__))
        if call in self._silent:
            self._claimed.append(exception)
        elif call:
            self._failures[call] = exception

    def _as_raised(self, exception: BaseException) -> BaseException:
        tracebacks = [traceback for noted, traceback in self._noted if noted is exception]
        return exception.with_traceback(tracebacks[-1]) if tracebacks else exception
