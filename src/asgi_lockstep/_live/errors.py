"""What can go wrong with a live server; the class says whose fault it is.

LockstepError
├── AppFailed                   the app raised in a child process, from which only the text comes back
└── ServerFailed                the server ended instead of serving
    └── ServerTimedOut          ... or has not started, or stopped, within the time limit
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .._exception_parts import seconds_in_words
from ..errors import LockstepError

#: What a phase that takes too long is not, in words.
_DONE = {"start": "started", "stop": "stopped"}


class AppFailed(LockstepError):
    """The app raised in a child process; the text has its traceback there.

    Args:
        request: in which call of the app, for example `"GET /items"`, or `"lifespan startup"`.
        server: which server runs the app there.
        happened: what was raised, as the last line of a traceback says it.
        traceback: the whole traceback, as text.
    """

    def __init__(self, request: str, server: str, happened: str, traceback: str) -> None:
        self.request = request
        self.server = server
        self.happened = happened
        self.traceback = traceback
        super().__init__(f"the app failed in {request}, in the child process of {server}: {happened}\n{traceback}")


class ServerFailed(LockstepError):
    """The server has ended instead of serving.

    Args:
        server: which one, for example `"uvicorn"`.
        happened: what became of it, to be read after "it".
        log: its last log lines, oldest first.
    """

    def __init__(self, server: str, happened: str, log: Sequence[str] = ()) -> None:
        self.server = server
        self.log = tuple(log)
        super().__init__("\n".join([f"{server} does not serve the app: it {happened}.", *_lines_of_log(log)]))


class ServerTimedOut(ServerFailed):
    """The server has not started, or not stopped, within `timeout` seconds.

    Args:
        server: which one, for example `"uvicorn"`.
        phase: `"start"` or `"stop"`.
        limit: how long it could take, in seconds.
        standing: what holds it up, a line each: calls of the app, its other tasks, threads.
        log: its last log lines, oldest first.
    """

    def __init__(
        self, server: str, phase: Literal["start", "stop"], limit: float, standing: Sequence[str], log: Sequence[str]
    ) -> None:
        self.server = server
        self.phase = phase
        self.limit = limit
        self.standing = tuple(standing)
        self.log = tuple(log)
        lines = [f"{server} has not {_DONE[phase]} within {seconds_in_words(limit)}; it was cut off."]
        lines += ["What the app does:", *(f"  {line}" for line in standing)] if standing else []
        advice = f"End that, or give it longer: LiveServer(..., timeout={2 * limit:g})." if standing else ""
        LockstepError.__init__(self, "\n".join([*lines, *_lines_of_log(log), *([advice] if advice else [])]))


def _lines_of_log(log: Sequence[str]) -> list[str]:
    return ["The last lines of its log:", *(f"  {line}" for line in log)] if log else []
