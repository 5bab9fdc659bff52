"""Every exception of our own. The class says whose fault it is; each class composes its text from its fields.

LockstepError
├── ProtocolViolation           the app broke the ASGI specification     (an AssertionError too)
│   ├── NoResponse              ... it ended without answering the request
│   └── IncompleteResponse      ... it ended in the middle of its response
├── LifespanFailed              the app said, or showed, that it cannot start or stop
├── BackgroundFailed            what the app did behind a complete response raised
├── LeftoverTasks               the app had tasks still running when its client was closed
├── UnexpectedMessage           something has come from the app where nothing should  (an AssertionError too)
├── TimedOut                    the app did nothing for longer than the test wants to wait
├── Deadlock                    nobody can move: app and test wait for each other
└── UsageError                  the test misused the client              (a RuntimeError too)
    ├── NotAnASGIApp            ... what it was given cannot be an ASGI app   (a TypeError too)
    ├── UnknownOption           ... an option has a value that does not exist (a ValueError too)
    ├── MissingExtra            ... an optional package is not installed      (an ImportError too)
    ├── ClockNotVirtual         ... a virtual clock was asked for on a loop that has none
    ├── SessionNotOpen          ... a websocket session was used before `with`, or after it
    ├── WrongColour             ... the sync client was used as the async one (or the reverse)
    └── WrongFrame              ... text was asked for, and the next frame is binary (or the reverse)
BlockingCall                    a warning: the app blocks its thread
WebSocketDisconnect             no error of anybody: how a websocket ended
"""

from __future__ import annotations

from collections.abc import Sequence

from ._exception_parts import LockstepError as LockstepError
from ._exception_parts import as_it_was, exception_of, seconds_in_words
from .diagnosis import Diagnosis
from .violations import IncompleteResponse as IncompleteResponse
from .violations import NoResponse as NoResponse
from .violations import ProtocolViolation as ProtocolViolation

#: RFC 6455 section 7.4.1: the code of a connection that ended without a close frame.
_ABNORMAL_CLOSURE = 1006


class LifespanFailed(LockstepError):
    """The app said that it cannot start or stop, or did not answer. What it has raised is raised itself instead.

    Args:
        phase: `"startup"` or `"shutdown"`.
        message: what the app said, or what it did instead of answering.
    """

    def __init__(self, phase: str, message: str) -> None:
        self.phase = phase
        self.message = message
        message = message.strip() or "(the app gave no message)"
        # Frameworks send a whole traceback; what happened belongs into the first line, where summaries are cut.
        happened = exception_of(message)
        super().__init__(f"lifespan {phase} failed: " + (f"{happened}\n{message}" if happened else message))


class BackgroundFailed(LockstepError):
    """The app failed in work that nobody waited for (`background="detach"`); chained to what it raised.

    Args:
        request: whose work it was, for example `"POST /jobs"`.
        exception: what the app raised.
        sent_at: the line that has sent the request, as `file:line`; `""` if it is not known.
    """

    def __init__(self, request: str, exception: BaseException, sent_at: str = "") -> None:
        self.request = request
        self.sent_at = sent_at
        where = f", sent at {sent_at}," if sent_at else ""
        super().__init__(f"background work of {request}{where} failed: {exception!r}")


class LeftoverTasks(LockstepError):
    """The app has started tasks that were still running when its client was closed; they were cancelled.

    Args:
        tasks: what there is to say about each: whose it is, where it was created, where it stands.
    """

    def __init__(self, tasks: Sequence[str]) -> None:
        self.tasks = tuple(tasks)
        count = "a task" if len(self.tasks) == 1 else f"{len(self.tasks)} tasks"
        lines = [f"The app had {count} still running when its client was closed:"]
        lines += [f"  {task}" for task in self.tasks]
        lines.append(
            "Servers cancel such tasks in the middle of what they do. End them in the lifespan shutdown, or start them "
            'in a task group. leftover_tasks="wait" waits for them, "cancel" cancels them, "error" raises this.'
        )
        super().__init__("\n".join(lines))


class Deadlock(LockstepError):
    """The test waits for the app, and what it waits for can never happen.

    Args:
        diagnosis: who waits for what.
        app_lives: whether the app still moves, and only nothing in it can reach what it would have to.
    """

    def __init__(self, diagnosis: Diagnosis, app_lives: bool = False) -> None:
        self.diagnosis = diagnosis
        self.app_lives = app_lives
        if app_lives:
            what = diagnosis.request or "that call"
            why = f": the app lives, but nothing in it can reach what {what} waits for."
        else:
            why = ", and nothing in the app can move any more."
        first = f"The test waits for {diagnosis.waits_for}{why}"
        super().__init__("\n".join([first, *diagnosis.lines]))


class TimedOut(LockstepError):
    """The app did nothing for longer than the test wants to wait, and it cannot be ruled out that it still will.

    A client raises it as `AppTimeout`, which is an `httpx.ReadTimeout` too.

    Args:
        diagnosis: who waits for what.
        limit: how long the app may rest, in seconds.
        words: a sentence to begin with instead of the general one.
    """

    def __init__(self, diagnosis: Diagnosis, limit: float, words: str = "") -> None:
        self.diagnosis = diagnosis
        self.limit = limit
        first = words or (
            f"The test waits for {diagnosis.waits_for}, and nothing has come from the app in "
            f"{seconds_in_words(limit)} of idle time."
        )
        super().__init__("\n".join([first, *diagnosis.lines]))


class UnexpectedMessage(LockstepError, AssertionError):
    """`expect_nothing()` was called, and something has come from the app; it is still there to be received.

    Args:
        request: from which exchange, for example `"WEBSOCKET /chat"`.
        messages: what has come, oldest first.
    """

    def __init__(self, request: str, messages: Sequence[object]) -> None:
        self.request = request
        self.messages = tuple(messages)
        listed = ", ".join(map(repr, self.messages))
        super().__init__(f"Nothing was expected from {request}, and the app, which rests now, has sent {listed}.")


class UsageError(LockstepError, RuntimeError):
    """The test used the client in a way that cannot work; the text says what to write instead."""


class NotAnASGIApp(UsageError, TypeError):
    """What was given as `app` cannot be an ASGI application."""

    def __init__(self, app: object, problem: str, instead: str) -> None:
        self.app = app
        super().__init__(f"{problem} {instead}")


class UnknownOption(UsageError, ValueError):
    """An option has a value that does not exist."""

    def __init__(self, option: str, value: object, known: Sequence[str]) -> None:
        self.option = option
        self.value = value
        self.known = tuple(known)
        super().__init__(f"{option}={value!r} does not exist; known are {', '.join(map(repr, known))}.")


class MissingExtra(UsageError, ImportError):
    """An optional package is needed and not installed; `extra` is that of ours that brings it, `""` for none."""

    def __init__(self, package: str, needed_for: str, extra: str) -> None:
        self.package = package
        install = f"'asgi-lockstep[{extra}]'" if extra else package
        super().__init__(f"{needed_for} needs {package}, which is not installed. Run: pip install {install}")


class ClockNotVirtual(UsageError):
    """A virtual clock was asked for on an event loop whose clock cannot be replaced.

    Args:
        loop: which loop it is, in words.
        instead: what to write instead.
    """

    def __init__(
        self, loop: str, instead: str = "Leave out use_uvloop and loop_factory, or the virtual clock."
    ) -> None:
        self.loop = loop
        super().__init__(f'clock="virtual" cannot be had on {loop}: its time cannot be replaced. {instead}')


class SessionNotOpen(UsageError):
    """A websocket session was used before its `with` block, or after it."""

    def __init__(self, method: str, ended: bool, enter: str) -> None:
        when = "after its block has ended" if ended else "before it was opened"
        super().__init__(
            f"{method}() was called on a websocket session {when}. "
            f"Write: {enter} client.websocket_connect(...) as session: ..., and use the session inside."
        )


class WrongColour(UsageError):
    """A sync object was used as an async one, or the reverse.

    Args:
        name: the class that was used.
        written: how.
        instead: what to write.
    """

    def __init__(self, name: str, written: str, instead: str) -> None:
        super().__init__(f"{written} does not work on {name}. {instead}")


class WrongFrame(UsageError):
    """The next websocket frame is of the other kind; it was not consumed."""

    def __init__(self, asked: str, got: str, path: str) -> None:
        super().__init__(
            f"receive_{asked}() was called, but the next frame from {path} is {got}; "
            f"it is still there: call receive_{got}(), or receive() for either kind."
        )


class BlockingCall(RuntimeWarning):
    """The app does something that blocks its thread, so that nothing else can run: a warning, and in the log.

    Args:
        place: where, as `file:line`.
        function: in which function.
        source: the text of the line.
        seconds: for how long, at least.
    """

    __reduce__ = as_it_was

    def __init__(self, place: str, function: str, source: str, seconds: float) -> None:
        self.place = place
        super().__init__(
            f"The app has blocked its thread for {seconds_in_words(seconds)} at {place} in {function}: {source}. On a "
            "server, every other request waits meanwhile. Await something instead, or hand the call to a thread: "
            "await anyio.to_thread.run_sync(...)."
        )


class WebSocketDisconnect(Exception):
    """How a websocket ended.

    Args:
        code: the close code, 1000 for a normal end (RFC 6455 section 7.4).
        reason: the close reason, `""` if none was given.
        refused: the URL, where the app has closed instead of accepting; `""` where it had accepted.
    """

    __reduce__ = as_it_was

    def __init__(self, code: int = 1000, reason: str | None = None, *, refused: str = "") -> None:
        self.code = code
        self.reason = reason or ""
        self.refused = refused
        super().__init__(code, self.reason)

    def __str__(self) -> str:
        if self.refused:
            # What Starlette, FastAPI and others do with a path that they do not know.
            hint = " Is there a route for it?" if (self.code, self.reason) == (1000, "") else ""
            words = f"code {self.code}" + (f", {self.reason}" if self.reason else "")
            return f"the app has refused {self.refused} ({words}) before it accepted: a server answers 403.{hint}"
        if self.code == _ABNORMAL_CLOSURE and not self.reason:
            return "the websocket ended without a close (code 1006): the app returned, or the connection was lost"
        return f"the websocket was closed with code {self.code}" + (f" ({self.reason})" if self.reason else "")
