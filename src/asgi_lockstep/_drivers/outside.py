"""What may still call into a loop from outside of it: other threads.

Only what is certain counts. That a thread waits can be read from the code at which it stands; that it will go on
waiting cannot: its job may have been handed over a moment ago. (Its local variables would tell, and must not be
read: before Python 3.13 that writes to the frame of a running thread.) So a stall is never claimed while any thread
exists that is not ours; and how long to be patient with a client's clean-up may be decided by a look.
"""

from __future__ import annotations

import linecache
import sys
import threading
from collections.abc import Iterator
from types import FrameType

Places = tuple[tuple[str, str], ...]

#: Our own threads, and threads that wait for the very thread that asks: the end of a file name, a function in it.
_OURS = (
    ("/asgi_lockstep/_drivers/worker_thread.py", "_serve"),
    ("/asgi_lockstep/_drivers/worker_thread.py", "_wait_for"),
    ("/asgi_lockstep/_drivers/baton.py", "_wait"),
)

#: The main functions of worker threads, which do what a loop has asked them to.
_WORKERS = (
    ("/concurrent/futures/thread.py", "_worker"),
    ("/anyio/_backends/_asyncio.py", "run"),
    ("/trio/_core/_thread_cache.py", "_work"),
    ("/aiosqlite/core.py", "_connection_worker_thread"),
)

#: Where those stand while they wait for a job: a file, a function, and what the line has in it.
_IDLE = (
    ("/queue.py", "get", ""),
    ("/concurrent/futures/thread.py", "_worker", ".get("),
    ("/aiosqlite/core.py", "_connection_worker_thread", ".get("),
)

#: The threads of trio's cache that are idle, or in which a run sleeps.
TRIO_CACHE = (
    ("/trio/_core/_thread_cache.py", "_work"),
    ("/trio/_core/_io_epoll.py", "get_events"),
    ("/trio/_core/_io_kqueue.py", "get_events"),
    ("/trio/_core/_io_windows.py", "get_events"),
)

#: The frames that a blocking method of `threading` adds on top.
_PRIMITIVES = "/threading.py"

#: How often a loop looks, with a pause in seconds between, before it believes that no worker is busy.
LOOKS = 3
PAUSE = 0.001


def other_threads() -> bool:
    """Whether there is any thread but the calling one."""
    return threading.active_count() > 1


def threads_that_may_call_in(harmless: Places = ()) -> list[threading.Thread]:
    """Every thread of which it is not certain that it cannot call into the loop of the calling thread.

    Args:
        harmless: where the caller knows that a thread cannot have a job.
    """
    return [thread for thread, stack in _others() if not (stack and _is_in(stack[0], (*_OURS, *harmless)))]


def busy_workers() -> list[threading.Thread]:
    """The worker threads that look as if they were at work."""
    return [
        thread
        for thread, stack in _others()
        if any(_is_in(frame, _WORKERS) for frame in stack)
        and not _is_idle(stack[0])
        and not _is_in(stack[0], TRIO_CACHE)
    ]


def _is_idle(frame: FrameType) -> bool:
    return any(
        _is_in(frame, ((end, function),)) and word in linecache.getline(frame.f_code.co_filename, frame.f_lineno)
        for end, function, word in _IDLE
    )


def _others() -> Iterator[tuple[threading.Thread, list[FrameType]]]:
    """Each other thread with its stack, the innermost frame first, and none of those of a lock."""
    if not other_threads():
        return
    here = threading.get_ident()
    frames = sys._current_frames()
    for thread in threading.enumerate():
        if thread.ident != here:
            stack = list(_stack(frames.get(thread.ident or 0)))
            while stack and _file(stack[0]).endswith(_PRIMITIVES) and len(stack) > 1:
                del stack[0]
            yield thread, stack


def _is_in(frame: FrameType, places: Places) -> bool:
    return any(frame.f_code.co_name == function and _file(frame).endswith(end) for end, function in places)


def _stack(top: FrameType | None) -> Iterator[FrameType]:
    while top is not None:
        yield top
        top = top.f_back


def _file(frame: FrameType) -> str:
    return frame.f_code.co_filename.replace("\\", "/")
