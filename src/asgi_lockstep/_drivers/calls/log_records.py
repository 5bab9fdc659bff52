"""What an app logs, for the timeline of its client.

A handler would be seen by others: `basicConfig()` does nothing where there is one, and Python's last resort is silent.
What makes the records is asked for each record that a logger lets through, and nobody notices who asks.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Protocol

from ..happenings.exceptions import ExceptionSaid
from ..happenings.recorder import Note, Recorder
from .app_call import calling

_NOTHING = (None, None, None)


class Recorded(Protocol):
    """A call of an app, and where what happens in it is kept."""

    @property
    def recorder(self) -> Recorder: ...

    @property
    def note(self) -> Note: ...


class _Factory:
    """Makes records as they were made before, and keeps those that are made while an app is called.

    Args:
        before: what made them before.
    """

    def __init__(self, before: Any) -> None:
        self._before = before

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self._before(*args, **kwargs)
        call = calling.get() or _served.get()
        if call is not None:
            _keep(call, record)
        return record


#: The call of the app that is running, where a server has made it.
_served: ContextVar[Recorded | None] = ContextVar("asgi_lockstep_served", default=None)

_listening: list[_Factory] = []


def listen_to_logs() -> None:
    """From now on, keep what apps log; once in a process, so that whoever replaces it later has his way."""
    if not _listening:
        _listening.append(_Factory(logging.getLogRecordFactory()))
        logging.setLogRecordFactory(_listening[0])


@contextmanager
def logs_of(call: Recorded | None) -> Iterator[None]:
    """Keep what is logged inside of the block as what a call of the app has logged, which a server has made.

    Args:
        call: which one; None where it is the server that logs.
    """
    before = _served.set(call)
    try:
        yield
    finally:
        with suppress(ValueError):  # it was thrown away with its loop, in another context
            _served.reset(before)


def _keep(call: Recorded, record: logging.LogRecord) -> None:
    try:
        message = record.getMessage()
    except Exception as mistake:  # logging says itself that text and arguments do not go together
        message = f"{record.msg!r} ({type(mistake).__name__} in its arguments)"
    failure = (record.exc_info or _NOTHING)[1]
    said = None if failure is None else ExceptionSaid.of(failure)
    at = record.pathname, record.lineno, record.funcName or ""
    call.recorder.logs(call.note, record.levelname, record.name, message, said, at)
