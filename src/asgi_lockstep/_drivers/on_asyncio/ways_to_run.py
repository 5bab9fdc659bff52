"""How a loop is run by its runner, whatever has been done to its class."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, NamedTuple


class WaysToRun(NamedTuple):
    """The two ways to run one loop: as its methods of these names."""

    forever: Callable[[], None]
    until_complete: Callable[[asyncio.Future[None] | Coroutine[Any, Any, None]], None]


def ways_to_run(loop: asyncio.AbstractEventLoop) -> WaysToRun:
    """How `loop` is run: by its own methods, and by asyncio's where it has inherited those.

    nest_asyncio gives the class of asyncio's loops methods that can be called inside of each other. They forget a
    `stop()`, and leave no mark at the root task (see `RootTask`). What an app calls in its turn is left to it: it is
    what the user has applied them for.
    """
    if isinstance(loop, asyncio.SelectorEventLoop) and _inherits_from_asyncio(type(loop)):
        base = asyncio.BaseEventLoop
        return WaysToRun(partial(base.run_forever, loop), partial(base.run_until_complete, loop))
    return WaysToRun(loop.run_forever, loop.run_until_complete)


def _inherits_from_asyncio(kind: type) -> bool:
    first = next(parent for parent in kind.__mro__ if "run_forever" in vars(parent))
    return first.__module__.startswith("asyncio.")
