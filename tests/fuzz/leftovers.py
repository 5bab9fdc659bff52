"""What a run may leave behind: nothing, and no words either."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from asgi_lockstep._protocol.exchange import Exchange

#: How often to look again for what a thread that ends lets go of a little later, and for how long to wait for it.
_LOOKS, _PAUSE = 100, 0.01

#: Who logs what must not be; our own logger is listened to for tasks that cannot be ended.
_LOGGERS = ("asyncio", "trio", "concurrent.futures", "asgi_lockstep")

#: What is said of an app by trio, where it does not close its async generators, and by Python, where it interrupts the
#: loop of the test before a child of anyio's task group has begun.
_OF_THE_APP = ("was garbage collected before it had been exhausted", "coroutine 'play' was never awaited")


class Ear(logging.Handler):
    """Hears what libraries log, and what is raised where nobody can catch it.

    Args:
        is_expected: whether an exception may be spoken of.
    """

    def __init__(self, is_expected: Callable[[BaseException], bool]) -> None:
        super().__init__(logging.WARNING)
        self._is_expected = is_expected
        #: What has been said that must not be.
        self.complaints: list[str] = []
        #: Whether a task of the app ignores its cancellation: it is thrown away with its loop, and may be found.
        self.ignored = False

    def emit(self, record: logging.LogRecord) -> None:
        """Keep an error that is not one of the app."""
        message = record.getMessage()
        self.ignored = self.ignored or ("ignore" in message and "cancellation" in message)
        exception = record.exc_info[1] if record.exc_info else None
        if record.levelno < logging.ERROR or "Task was destroyed" in message:
            return
        if exception is None or not self._is_expected(exception):
            self.complaints.append(f"logged: {message} {exception!r}")

    def unraisable(self, args: Any) -> None:
        """As `sys.unraisablehook`."""
        if not any(words in str(args.exc_value) for words in _OF_THE_APP):
            self.complaints.append(f"unraisable: {args.err_msg} {args.object!r} {args.exc_value!r}")

    def in_a_thread(self, args: Any) -> None:
        """As `threading.excepthook`."""
        self.complaints.append(f"in a thread: {args.exc_value!r}")


@contextmanager
def listening(ear: Ear) -> Iterator[None]:
    """Meanwhile everything is heard."""
    hooks = sys.unraisablehook, threading.excepthook
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    heard_by_others = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(ear)
        logger.propagate = False  # pytest keeps what it hears, and with it what was raised
    sys.unraisablehook, threading.excepthook = ear.unraisable, ear.in_a_thread
    try:
        yield
    finally:
        sys.unraisablehook, threading.excepthook = hooks
        for logger, propagates in zip(loggers, heard_by_others, strict=True):
            logger.removeHandler(ear)
            logger.propagate = propagates


def threads() -> set[threading.Thread]:
    """Those that are alive, without trio's, which keeps idle ones for a while."""
    return {thread for thread in threading.enumerate() if not thread.name.startswith("Trio thread")}


def threads_left(before: set[threading.Thread]) -> list[str]:
    """Those that do not end."""
    left = threads() - before
    for thread in left:
        thread.join(_LOOKS * _PAUSE)
    return [f"left: {thread}" for thread in left if thread.is_alive()]


def garbage_left() -> list[str]:
    """Exchanges, and loops that are not closed, of those made since `gc.freeze()`."""
    pause, left = threading.Event(), [""]
    for _ in range(_LOOKS):
        gc.collect()
        left = [f"left: {thing!r}" for thing in gc.get_objects() if _must_be_gone(thing)]
        if not left:
            break
        pause.wait(_PAUSE)
    return left


def _must_be_gone(thing: object) -> bool:
    if isinstance(thing, asyncio.AbstractEventLoop):
        return not thing.is_closed()
    return isinstance(thing, Exchange)
