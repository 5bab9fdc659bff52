"""One pass of an asyncio loop through what is ready, by its private parts, and nowhere else.

`run_forever()` is the public way. Of the 7.5 µs that a chunk of a stream takes with it, 0.9 µs are its look at a
selector and at timers of which the runner knows already that there is nothing to see. Where a Python release has
changed these parts, the public way is taken; `tests/drivers/on_asyncio/test_ready_pass.py` fails then.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from asyncio.events import _set_running_loop
from typing import Any

#: Whether asyncio's loops have what is needed here.
KNOWN = (
    hasattr(asyncio.Handle, "_run")
    and "_cancelled" in asyncio.Handle.__slots__
    and all(hasattr(asyncio.BaseEventLoop, name) for name in ("_asyncgen_firstiter_hook", "_asyncgen_finalizer_hook"))
)


def full_pass(loop: Any) -> bool:
    """Run what is ready, and every timer and file whose time has come.

    Returns:
        Whether another pass would run a callback or a timer.
    """
    loop.stop()
    loop.run_forever()
    return _has_more(loop)


def ready_pass(loop: Any, hooks: Any) -> bool:
    """Run what is ready on `loop`, one of asyncio's own; to all that runs in it, it is a pass of `run_forever()`.

    The short way of `full_pass()`, without its look at files, for when there are none to be looked at; where a timer is
    due, that one is taken.

    Args:
        hooks: those for async generators of whoever calls, to be given back.

    Returns:
        Whether another pass would run a callback or a timer.
    """
    if not KNOWN or loop._debug or (loop._scheduled and _timer_is_due(loop)):
        return full_pass(loop)
    ready = loop._ready
    loop._thread_id = threading.get_ident()
    sys.set_asyncgen_hooks(loop._asyncgen_firstiter_hook, loop._asyncgen_finalizer_hook)
    _set_running_loop(loop)
    try:
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()
    finally:
        loop._stopping = False  # whoever has called loop.stop() has ended this pass
        loop._thread_id = None
        _set_running_loop(None)
        sys.set_asyncgen_hooks(*hooks)
    return bool(ready or loop._scheduled) and _has_more(loop)


def _has_more(loop: Any) -> bool:
    return bool(loop._ready) or (bool(loop._scheduled) and _timer_is_due(loop))


def _timer_is_due(loop: Any) -> bool:
    """Whether the time of the first of its timers has come."""
    return bool(loop._scheduled[0].when() <= loop.time())
