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
from dataclasses import dataclass
from types import FrameType

from .source_lines import Place, standing

Places = tuple[tuple[str, str], ...]

#: Our own threads, and threads that wait for the very thread that asks: the end of a file name, a function in it.
_OURS = (
    ("/asgi_lockstep/_drivers/inspection/watchdog.py", "_look_on"),
    ("/asgi_lockstep/_drivers/turning/worker_thread.py", "_serve"),
    ("/asgi_lockstep/_drivers/turning/worker_thread.py", "_wait_for"),
    ("/asgi_lockstep/_drivers/turning/turn_lock.py", "_wait"),
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

#: The file in which the threads of pytest-xdist stand.
_XDIST = "/execnet/gateway_base.py"

#: The frames that a blocking method of `threading` adds on top.
_PRIMITIVES = "/threading.py"

#: IdleTime workers of anyio: harmless where no task waits for a job that it has given to one of them.
ANYIO_WORKERS = (("/anyio/_backends/_asyncio.py", "run"),)

#: Where a thread stands that waits without a time limit for a lock, an event, a condition or a queue.
_FOR_EVER = ("wait", "waiter.acquire()")

#: Where a thread waits for a run of trio to do what it has asked for.
_FOR_TRIO = (("/trio/_threads.py", "_send_message_to_trio"),)


#: How often a loop looks, with a pause in seconds between, before it believes that no worker is busy.
LOOKS = 3
PAUSE = 0.001


@dataclass(frozen=True)
class UnknownThread:
    """A thread that was not started with `threading`."""

    ident: int

    @property
    def name(self) -> str:
        """Its number has to do."""
        return f"unknown thread {self.ident}"


AnyThread = threading.Thread | UnknownThread


def other_threads() -> bool:
    """Whether there is any thread but the calling one, as far as `threading` knows: the cheap question."""
    return threading.active_count() > 1


def threads_that_may_call_in(harmless: Places = (), idle: Places = ()) -> list[AnyThread]:
    """Every thread of which it is not certain that it cannot call into the loop of the calling thread.

    Args:
        harmless: where the caller knows that a thread cannot have a job.
        idle: the main functions of workers of which the caller knows that they have no job if they look idle.
    """
    return [
        thread
        for thread, stack in _others()
        if not (stack and (_is_in(stack[0], (*_OURS, *harmless)) or (idle and _is_idle_worker(stack, idle))))
    ]


def working_threads() -> list[AnyThread]:
    """The threads that will go on by themselves: neither ours, nor waiting without a time limit."""
    return [
        thread
        for thread, stack in _others(_FOR_EVER)
        if stack and not _is_in(stack[0], (*_OURS, *TRIO_CACHE, *_FOR_TRIO)) and not _is_idle_worker(stack, _WORKERS)
    ]


def describe_thread(thread: AnyThread) -> str:
    """The name of a thread, and the line at which it stands."""
    place = standing([Place.of(frame) for frame in reversed(stack_of(thread.ident or 0))])
    return f"thread {thread.name!r}" + (f", at {place} in {place.function}: {place.source}" if place else "")


def stack_of(thread: int) -> list[FrameType]:
    """The frames of a thread, by its number, the innermost first."""
    return list(_stack(sys._current_frames().get(thread)))


def _is_idle_worker(stack: list[FrameType], workers: Places) -> bool:
    return any(_is_in(frame, workers) for frame in stack) and _is_idle(stack[0])


def busy_workers() -> list[AnyThread]:
    """The worker threads that look as if they were at work."""
    return [
        thread
        for thread, stack in _others()
        if any(_is_in(frame, _WORKERS) for frame in stack)
        and not _is_in(stack[0], _OURS)
        and not _is_idle(stack[0])
        and not _is_in(stack[0], TRIO_CACHE)
    ]


def _is_idle(frame: FrameType) -> bool:
    return any(
        _is_in(frame, ((end, function),)) and word in linecache.getline(frame.f_code.co_filename, frame.f_lineno)
        for end, function, word in _IDLE
    )


def _others(without: tuple[str, str] | None = None) -> Iterator[tuple[AnyThread, list[FrameType]]]:
    """Each other thread with its stack, the innermost frame first, and none of those of a lock.

    Args:
        without: a function of `threading` and the text of a line in it; threads that stand there are left out.
    """
    frames = sys._current_frames()
    if len(frames) == 1:
        return
    here, known = threading.get_ident(), {thread.ident: thread for thread in threading.enumerate()}
    for ident in {*frames, *known} - {here, None}:
        thread = known.get(ident) or UnknownThread(ident or 0)
        stack = list(_stack(frames.get(ident or 0)))
        if _is_of_the_test_run(thread, stack) or (without is not None and stack and _stands_at(stack[0], without)):
            continue
        while stack and _file(stack[0]).endswith(_PRIMITIVES) and len(stack) > 1:
            del stack[0]
        yield thread, stack


def _is_of_the_test_run(thread: AnyThread, stack: list[FrameType]) -> bool:
    """Whether it belongs to pytest-timeout or to pytest-xdist, which call into no loop."""
    return thread.name.startswith("pytest_timeout") or any(_file(frame).endswith(_XDIST) for frame in stack)


def _stands_at(frame: FrameType, place: tuple[str, str]) -> bool:
    code = frame.f_code
    if code.co_name != place[0] or not _file(frame).endswith(_PRIMITIVES):
        return False
    return linecache.getline(code.co_filename, frame.f_lineno).strip() == place[1]


def _is_in(frame: FrameType, places: Places) -> bool:
    return any(frame.f_code.co_name == function and _file(frame).endswith(end) for end, function in places)


def _stack(top: FrameType | None) -> Iterator[FrameType]:
    while top is not None:
        yield top
        top = top.f_back


def _file(frame: FrameType) -> str:
    return frame.f_code.co_filename.replace("\\", "/")
