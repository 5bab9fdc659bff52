"""The end of Python, at which it waits for threads: what is called before that, and for which threads it does not wait.

There is no public name for either; the private ones stand here alone. Where a release of Python has changed them,
`atexit` has to do, and Python waits for every thread; `tests/drivers/calls/test_python_end.py` fails then.
"""

from __future__ import annotations

import atexit
import concurrent.futures.thread  # noqa: F401  # it waits for its threads: who is registered later is called earlier
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from weakref import ref

from ..clock.real_time import real_time
from ..inspection.files_and_signals import signal_handlers
from ..inspection.known_code import Meaning, Meanings
from ..inspection.source_lines import frame_is_in
from ..inspection.threads import describe_thread, is_of_executor, stack_of, threads_that_may_move

#: The threads that had not ended when the loop was closed for which they work. One that ends is kept by nobody: it
#: refers to its loop, and to what was on that.
_LEFT: list[ref[threading.Thread]] = []

#: How long Python waits for them at its end altogether, in seconds.
_PATIENCE = 0.5

_TOLD_TO_END: Meanings = (Meaning.TOLD_TO_END,)


def at_exit(call: Callable[[], None]) -> None:
    """Have `call()` made when Python ends, before it waits for threads."""
    register = getattr(threading, "_register_atexit", None)
    if register is not None:
        register(call)
    atexit.register(call)  # also for what a thread has opened while Python waited for it


def leave_behind(thread: threading.Thread) -> None:
    """Have Python wait for `thread` no longer than a moment when it ends: the loop of its job is closed.

    Python would wait without end for a job that waits for something that never comes, and with it a test run whose
    tests have all ended.
    """
    _LEFT[:] = [*(ref(other) for other in left_behind()), ref(thread)]


def let_python_end() -> None:
    """Keep Python from waiting for threads that are left behind, and for those that provably never move again."""
    until = real_time() + _PATIENCE
    for thread in left_behind():
        thread.join(max(0.0, until - real_time()))
    for thread in dict.fromkeys([*left_behind(), *_that_never_end()]):
        if sys.stderr is not None:  # the handlers of loggers may be closed, or be those of a test
            where = describe_thread(thread)
            print(f"asgi_lockstep: Python ends, and does not wait for a thread that does not: {where}", file=sys.stderr)
        _wait_no_more(thread)
    _LEFT.clear()


def left_behind() -> list[threading.Thread]:
    """The threads that are left behind, and have not ended."""
    return [thread for kept in [*_LEFT] if (thread := kept()) is not None and thread.is_alive()]


def _that_never_end() -> list[threading.Thread]:
    """The threads for which Python waits, if nobody can ever wake one of them.

    That is so where every other thread sleeps until somebody of this process wakes it: this thread, the last one that
    moves, only tells the idle workers of executors to end. A handler of a signal could, while Python waits.
    """
    if signal_handlers():
        return []
    awaited = [thread for thread in _awaited() if not _is_told_to_end(thread)]
    return awaited if awaited and not threads_that_may_move() else []


def _awaited() -> list[threading.Thread]:
    """The threads for which Python waits at its end."""
    here = threading.current_thread()
    others = [thread for thread in threading.enumerate() if thread is not here and thread.is_alive()]
    return [thread for thread in others if not thread.daemon or is_of_executor(thread)]


def _is_told_to_end(thread: threading.Thread) -> bool:
    """Whether it is the idle worker of an executor."""
    stack = stack_of(thread.ident or 0)
    return bool(stack) and frame_is_in(stack[0], _TOLD_TO_END)


def _wait_no_more(thread: Any) -> None:
    """Have Python take `thread` for one that has ended; it goes on as a daemon does, and stops with the process."""
    private: Any = threading
    with suppress(AttributeError):  # another release of Python, which waits
        if sys.version_info < (3, 13):
            with private._shutdown_locks_lock:
                private._shutdown_locks.discard(thread._tstate_lock)
            thread._is_stopped = True
            thread._tstate_lock = None
        else:
            handle = thread._handle if hasattr(thread, "_handle") else thread._os_thread_handle
            handle._set_done()
            private._thread_shutdown = _wait_for_others  # that of Python would not see it, and go round for ever


def _wait_for_others() -> None:
    """Wait for the threads that have not ended, as Python does at its end."""
    while awaited := _awaited():
        awaited[0].join()
