"""What has to come out of a turn, and a loop would keep to itself.

A handler of a signal may raise anything, in the middle of a callback of the loop. A loop lets `KeyboardInterrupt` and
`SystemExit` out, and logs whatever else a callback raises: what pytest-timeout ends a test with, for example.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, NoReturn

from ..calls.interrupts import LostInterrupts, interrupt_in


class Swallowed:
    """Notes what a callback of a loop has raised, if that is no `Exception`: it must not be logged, but raised.

    Args:
        loop: one of ours; its method of that name is replaced, because every loop tells it, whoever handles it then.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle = loop.call_exception_handler
        self.exception: BaseException | None = None
        self._lost = LostInterrupts(self._raise_soon)  # the loop may be asleep
        setattr(loop, "call_exception_handler", self._told)  # noqa: B010 - of this loop only

    def _told(self, context: dict[str, Any]) -> None:
        exception = context.get("exception")
        if interrupt_in(exception) is None:
            self._handle(context)
        else:
            self.exception = interrupt_in(exception)
            self._loop.stop()

    def begin(self) -> None:
        """From here to `end()`, raise inside of the loop what would be lost in a finalizer or a weak reference."""
        self._lost.begin()

    def end(self) -> None:
        """Leave that to whoever had it before."""
        self._lost.end()

    def _raise_soon(self, interrupt: BaseException) -> None:
        self._loop.call_soon_threadsafe(partial(_raise, interrupt))

    def let_out(self) -> None:
        """Raise what was noted."""
        exception, self.exception = self.exception, None
        if exception is not None:
            raise exception


def _raise(exception: BaseException) -> NoReturn:
    raise exception
