"""Other threads: which of them may still call into the loop of the thread that asks, or will go on by themselves.

Only what is certain counts. That a thread waits can be read from the code at which it stands; that it will go on
waiting cannot: its job may have been handed over a moment ago. (Its local variables would tell, and must not be
read: before Python 3.13 that writes to the frame of a running thread.) So a stall is never claimed while any thread
exists that is not ours; and how long to be patient with a client's clean-up may be decided by a look.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

from .known_code import TIMEOUT_THREADS, Meaning, Meanings, meanings_of_file
from .source_lines import Place, frame_is_in, line_of_app

#: What the innermost frame of a thread says about it.
_CANNOT_CALL_IN: Meanings = (Meaning.CANNOT_CALL_IN,)
_DOES_NOT_WORK = (Meaning.CANNOT_CALL_IN, Meaning.TRIO_CACHE, Meaning.WAITS_FOR_TRIO)
_HAS_NO_JOB = (Meaning.CANNOT_CALL_IN, Meaning.TRIO_CACHE, Meaning.IDLE)
_IDLE = (Meaning.IDLE,)
_WAITS_FOR_EVER = (Meaning.WAITS_FOR_EVER,)

#: What the outermost frame of a thread says about it.
_WATCHDOG = (Meaning.WATCHDOG,)

#: What any frame of a thread says about it.
_WORKER = (Meaning.WORKER,)
_PRIMITIVE, _TEST_RUN = Meaning.PRIMITIVE, Meaning.TEST_RUN

#: How often a loop looks, with a pause in seconds between, before it believes that no worker is busy.
LOOKS = 3
PAUSE = 0.001


@dataclass(frozen=True)
class UnknownThread:
    """A thread that was not started with `threading`."""

    ident: int

    @property
    def name(self) -> str:
        """Its number: `threading` has not named it."""
        return f"unknown thread {self.ident}"


AnyThread = threading.Thread | UnknownThread


def other_threads() -> bool:
    """Whether there is any thread but the calling one, as far as `threading` knows: the cheap question."""
    return threading.active_count() > 1


def threads_that_may_call_in(harmless: Meanings = (), idle: Meanings = ()) -> list[AnyThread]:
    """Every thread of which it is not certain that it cannot call into the loop of the calling thread.

    Args:
        harmless: where the caller knows that a thread cannot have a job.
        idle: the main functions of workers of which the caller knows that they have no job if they look idle.
    """
    return [thread for thread, stack in _others() if not stack or not _is_harmless(stack, harmless, idle)]


def working_threads() -> list[AnyThread]:
    """The threads that will go on by themselves: neither ours, nor waiting without a time limit."""
    return [
        thread
        for thread, stack in _others(_WAITS_FOR_EVER)
        if stack and not frame_is_in(stack[0], _DOES_NOT_WORK) and not _is_idle_worker(stack, _WORKER)
    ]


def describe_thread(thread: AnyThread) -> str:
    """The name of a thread, and the line at which it stands."""
    place = line_of_app([Place.of(frame) for frame in reversed(stack_of(thread.ident or 0))])
    return f"thread {thread.name!r}" + (f", at {place} in {place.function}: {place.source}" if place else "")


def stack_of(thread: int) -> list[FrameType]:
    """The frames of a thread, by its number, the innermost first."""
    # Where it stands now: for whoever reports it, and already history when it is shown.
    return list(_stack(sys._current_frames().get(thread)))


def busy_workers() -> list[AnyThread]:
    """The worker threads that look as if they were at work. That proves nothing, so it decides about patience alone."""
    return [
        thread
        for thread, stack in _others()
        if any(frame_is_in(frame, _WORKER) for frame in stack) and not frame_is_in(stack[0], _HAS_NO_JOB)
    ]


def _others(without: Meanings = ()) -> Iterator[tuple[AnyThread, list[FrameType]]]:
    """Each other thread with its stack, the innermost frame first, and none of those of a lock.

    Args:
        without: threads of which this is known by their innermost frame are left out.
    """
    # The frames are of one moment, and the list of threads of another: a thread that has ended in between has no frame,
    # and one that has just begun is unknown. Both may call in as far as is known, and the next look knows better.
    frames = sys._current_frames()
    if len(frames) == 1:
        return
    here, known = threading.get_ident(), {thread.ident: thread for thread in threading.enumerate()}
    for ident in {*frames, *known} - {here, None}:
        thread = known.get(ident) or UnknownThread(ident or 0)
        stack = list(_stack(frames.get(ident or 0)))
        if _only_watches(thread, stack) or (without and stack and frame_is_in(stack[0], without)):
            continue
        while len(stack) > 1 and _PRIMITIVE in meanings_of_file(stack[0].f_code.co_filename):
            del stack[0]
        yield thread, stack


def _is_harmless(stack: list[FrameType], harmless: Meanings, idle: Meanings) -> bool:
    return frame_is_in(stack[0], _CANNOT_CALL_IN + harmless) or (bool(idle) and _is_idle_worker(stack, idle))


def _is_idle_worker(stack: list[FrameType], workers: Meanings) -> bool:
    return any(frame_is_in(frame, workers) for frame in stack) and frame_is_in(stack[0], _IDLE)


def _only_watches(thread: AnyThread, stack: list[FrameType]) -> bool:
    """Whether it is our watchdog, or belongs to pytest-timeout or to pytest-xdist, which call into no loop."""
    if thread.name.startswith(TIMEOUT_THREADS) or (stack and frame_is_in(stack[-1], _WATCHDOG)):
        return True
    return any(_TEST_RUN in meanings_of_file(frame.f_code.co_filename) for frame in stack)


def _stack(top: FrameType | None) -> Iterator[FrameType]:
    while top is not None:
        yield top
        top = top.f_back
