"""An alarm whose handler raises, as pytest-timeout's does."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

if sys.platform == "win32":
    pytest.skip("there are no alarms on Windows", allow_module_level=True)


class Alarm(BaseException):
    """What pytest-timeout raises is no `Exception` either."""


def ring(*_: object) -> NoReturn:
    """The handler."""
    raise Alarm


@contextmanager
def alarm_set() -> Iterator[None]:
    """In this block the handler is there, and Ctrl-C is as Python has it: a shell has its background ignore it."""
    before = signal.signal(signal.SIGALRM, ring)
    ctrl_c = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGINT, ctrl_c)
        signal.signal(signal.SIGALRM, before)


def come_in(file: str) -> None:
    """The signal comes in code of a file."""
    exec(compile("raise_signal(SIGALRM)", file, "exec"), vars(signal).copy())


def come_in_asyncio() -> None:
    """The signal comes in the middle of a loop."""
    come_in(asyncio.events.__file__)
