"""The private parts of asyncio's own loops and tasks that are looked at, nowhere else.

asyncio has no public way to ask a loop that somebody else has made for its timers and files, nor a task whether anybody
has seen its failure. Loops without these attributes (uvloop) answer None.
`tests/drivers/on_asyncio/test_loop_internals.py` fails if a release changes them.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any


def timers(loop: asyncio.AbstractEventLoop) -> list[asyncio.TimerHandle] | None:
    """The timers of `loop` that will fire, the next one first; None if it does not show them."""
    scheduled: list[asyncio.TimerHandle] | None = getattr(loop, "_scheduled", None)
    if scheduled is None:
        return None
    pending = [timer for timer in scheduled if not timer.cancelled() and timer.when() != math.inf]
    return sorted(pending, key=asyncio.TimerHandle.when)


def files(loop: asyncio.AbstractEventLoop) -> list[int] | None:
    """The descriptors that `loop` watches for others; None if it does not show them."""
    get_map: Any = getattr(getattr(loop, "_selector", None), "get_map", None)  # the proactor of Windows has no map
    files = None if get_map is None else get_map()
    if files is None:
        return None
    own = getattr(loop, "_ssock", None)
    return [key.fd for key in files.values() if key.fileobj is not own and key.fd != _number(own)]


def has_async_generators(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether async generators have begun on `loop` and not ended; also where it does not show them."""
    generators: Any = getattr(loop, "_asyncgens", None)
    return generators is None or len(generators) > 0


def is_idle(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether no callback of `loop` is ready to run; asked from inside of one."""
    ready: Any = getattr(loop, "_ready", None)
    return ready is not None and not ready


def failure_of(task: asyncio.Task[Any]) -> BaseException | None:
    """What a task that has ended has raised, without having seen it: `exception()` would keep Python from telling."""
    failure: BaseException | None = getattr(task, "_exception", None)
    return failure


def is_unseen(task: asyncio.Task[Any]) -> bool:
    """Whether a task has failed and nobody has asked for that yet: Python logs it when the task goes."""
    return bool(getattr(task, "_log_traceback", False))


def _number(own: Any) -> int:
    return -1 if own is None else int(own.fileno())
