"""What has to come out of a turn, and a loop would keep to itself.

A loop lets `KeyboardInterrupt` and `SystemExit` out, and logs whatever else a callback raises: what `pytest.fail()`
does, or the handler of an alarm that comes in code of the app.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ..calls.interrupts import interrupt_in
from ..calls.tasks import do_nothing


class Swallowed:
    """Notes what a callback of a loop has raised, if that is no `Exception`: it must not be logged, but raised.

    Args:
        loop: one of ours; its method of that name is replaced, because every loop tells it, whoever handles it then.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: Callable[[dict[str, Any]], None] = loop.call_exception_handler
        self.exception: BaseException | None = None
        setattr(loop, "call_exception_handler", self._told)  # noqa: B010 - of this loop only

    def _told(self, context: dict[str, Any]) -> None:
        exception = context.get("exception")
        if interrupt_in(exception) is None:
            self._handle(context)
        else:
            self.exception = interrupt_in(exception)
            self._loop.stop()

    def let_go(self) -> None:
        """Notice nothing more: the loop is closed, and each would hold the other."""
        delattr(self._loop, "call_exception_handler")
        self._handle = do_nothing

    def let_out(self) -> None:
        """Raise what was noted."""
        exception, self.exception = self.exception, None
        if exception is not None:
            raise exception
