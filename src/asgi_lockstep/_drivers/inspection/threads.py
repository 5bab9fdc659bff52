"""Other threads: which of them may still call into the loop of the thread that asks, and where they stand.

What a thread may do is no guess from the functions in which it stands: the system says whether it sleeps until somebody
of this process wakes it (`system_threads`). Names serve for texts, for a few threads that call into no loop whatever
they wait for (each has its reason in `_calls_nobody`), and to decide about patience with a clean-up.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from types import FrameType

from . import system_threads
from .known_code import TIMEOUT_THREADS, Meaning, Meanings, meanings_of_file
from .source_lines import Owner, Place, frame_is_in, line_of_app, owners
from .system_threads import Stand

_CANNOT_CALL_IN: Meanings = (Meaning.CANNOT_CALL_IN,)
_TRIO_CACHE: Meanings = (Meaning.TRIO_CACHE,)
_TRIO_WAITS: Meanings = (Meaning.TRIO_WAITS,)
_OF_EXECUTOR: Meanings = (Meaning.OF_EXECUTOR,)
_WORKER: Meanings = (Meaning.WORKER,)
_IDLE: Meanings = (Meaning.IDLE, Meaning.TRIO_CACHE)
_PRIMITIVE, _TEST_RUN = Meaning.PRIMITIVE, Meaning.TEST_RUN

#: The numbers of threads of ours that call into a loop only to have it look.
WATCHERS: set[int] = set()

#: How the names of the threads in trio's cache begin.
_TRIO_THREADS = "Trio thread"

#: How often a loop looks, with a pause in seconds between, before it believes that no worker is busy.
LOOKS = 3
PAUSE = 0.001


@dataclass(frozen=True)
class OtherThread:
    """A thread of this process, and not the calling one.

    Args:
        number: what the system calls it; None where it does not tell.
        thread: what Python calls it; None if it was not started with `threading`.
        stand: where it stands, as the system sees it.
        stack: its frames, the innermost first; empty if it runs no Python, or none that is known to be its own.
    """

    number: int | None
    thread: threading.Thread | None
    stand: Stand
    stack: list[FrameType] = field(repr=False, default_factory=list)

    @property
    def plain_name(self) -> str:
        """What Python calls it, or else the system."""
        if self.thread is not None:
            return self.thread.name
        return "?" if self.number is None else system_threads.name_of(self.number)

    def waits_in_cache_of_trio(self) -> bool:
        """Whether a run of trio that is turned by somebody waits in it, as that of a client does: for texts."""
        return self.plain_name.startswith(_TRIO_THREADS) and any(
            frame_is_in(frame, _TRIO_WAITS) for frame in self.stack
        )

    def __str__(self) -> str:
        if self.thread is not None:
            return describe_thread(self.thread)
        where = self.stand.call or "an unknown call"
        return f"thread {self.plain_name!r}, which Python has not started: native, in {where}"


def other_threads() -> bool:
    """Whether there is any thread but the calling one, as far as `threading` knows: the cheap question."""
    return threading.active_count() > 1


def threads_that_may_move(quiet: Sequence[str] = ()) -> list[OtherThread]:
    """Every other thread that may do something by itself, and then call into the loop of the calling thread.

    Where there is none, nobody can move but the calling thread, until that wakes somebody. Where the system does not
    list threads, it is every thread that runs Python.

    Args:
        quiet: names of threads, or patterns of them, of which the user says that they call into no loop.
    """
    if not system_threads.are_threads_real():
        return _in_python()
    try:
        if WATCHERS.issuperset(system_threads.other_numbers()):
            return []
        stands = system_threads.stands()
    except OSError:
        return [thread for thread in _in_python() if not _calls_nobody(thread)]
    frames = _frames_of_others()
    known = {thread.native_id: thread for thread in threading.enumerate()}
    found = [_other(number, stand, known.get(number), frames) for number, stand in stands.items()]
    awake = [thread for thread in found if not thread.stand.asleep and not _calls_nobody(thread)]
    awake = [thread for thread in awake if not any(fnmatchcase(thread.plain_name, name) for name in quiet)]
    return _without_readers_of_the_test_run(awake, frames, known.values())


def test_threads() -> bool:
    """Whether there are other threads that the test may have started, and that may use a client."""
    return any(not _calls_nobody(thread) and not _is_of_pool(thread.stack) for thread in _in_python())


def describe_thread(thread: threading.Thread) -> str:
    """The name of a thread, and the line at which it stands."""
    place = line_of_app([Place.of(frame) for frame in reversed(stack_of(thread.ident or 0))])
    return f"thread {thread.name!r}" + (f", at {place.in_words}" if place else "")


def stack_of(thread: int) -> list[FrameType]:
    """The frames of a thread, by its number, the innermost first."""
    # Where it stands now: for whoever reports it, and already history when it is shown.
    return list(_stack(sys._current_frames().get(thread)))


def busy_workers() -> list[OtherThread]:
    """The worker threads that look as if they were at work. That proves nothing, so it decides about patience alone."""
    if not other_threads():
        return []
    return [thread for thread in threads_that_may_move() if _is_busy_worker(thread.stack)]


def workers_at_work() -> list[threading.Thread]:
    """The worker threads that have a job in which nothing of ours is called: mostly one that an app has given them."""
    if not other_threads():
        return []
    return [
        other.thread
        for other in _in_python()
        if other.thread is not None
        and _is_busy_worker(other.stack)
        and not any(owners[frame.f_code.co_filename] is Owner.US for frame in other.stack)
    ]


def runs_code_of_user(thread: threading.Thread) -> bool:
    """Whether a function of the user's is under way in it: a thread in which a run of trio waits has none, say."""
    return any(owners[frame.f_code.co_filename] is Owner.USER for frame in stack_of(thread.ident or 0))


def is_of_executor(thread: threading.Thread) -> bool:
    """Whether it is a worker of an executor of Python's."""
    return any(frame_is_in(frame, _OF_EXECUTOR) for frame in stack_of(thread.ident or 0))


def _is_of_pool(stack: list[FrameType]) -> bool:
    return any(frame_is_in(frame, _WORKER) for frame in stack)


def _is_busy_worker(stack: list[FrameType]) -> bool:
    inner = next((frame for frame in stack if _PRIMITIVE not in meanings_of_file(frame.f_code.co_filename)), None)
    return inner is not None and _is_of_pool(stack) and not frame_is_in(inner, _IDLE)


def _other(number: int, stand: Stand, thread: threading.Thread | None, frames: dict[int, FrameType]) -> OtherThread:
    stack = [] if thread is None else list(_stack(frames.get(thread.ident or 0)))
    return OtherThread(number, thread, stand, stack)


def _in_python() -> list[OtherThread]:
    """The other threads that run Python, where nothing more is known of them."""
    frames, here = _frames_of_others(), threading.get_ident()
    known = {thread.ident: thread for thread in threading.enumerate()}
    stand = Stand(False, "")
    return [
        OtherThread(None, known.get(ident), stand, list(_stack(frames.get(ident or 0))))
        for ident in {*frames, *known} - {here, None}
    ]


def _frames_of_others() -> dict[int, FrameType]:
    """Where the other threads stand: one's own frame would hold itself, and whatever called it, until the next garbage
    collection.
    """
    frames = sys._current_frames()
    frames.pop(threading.get_ident(), None)
    return frames


def _calls_nobody(other: OtherThread) -> bool:
    """Whether it calls into no loop, whatever it waits for."""
    if other.number in WATCHERS:
        return True
    # That of pytest's `faulthandler_timeout`: it writes a traceback when its time has come. It is native and blocks all
    # signals, which those of other libraries that have the name of this process do not.
    if other.thread is None:
        return (
            other.stand.call == "futex"
            and other.stand.blocks_signals
            and "faulthandler" in sys.modules
            and other.number is not None
            and system_threads.name_of(other.number) == system_threads.name_of(os.getpid())
        )
    # One that waits in a call of ours for a thread of ours, which is looked at, too; but not once it has been woken.
    stack = [*_without_primitives(other.stack)]
    waits = other.stand.call != system_threads.RUNNING
    if waits and stack and frame_is_in(stack[0], _CANNOT_CALL_IN):
        return True
    if other.thread is threading.main_thread():
        return False
    # That of pytest-timeout, which ends the test when its time has come.
    if other.thread.name.startswith(TIMEOUT_THREADS):
        return True
    # One of trio's cache without a job: it waits for the next one, and ends when none comes.
    return waits and bool(stack) and frame_is_in(stack[0], _TRIO_CACHE)


def _without_readers_of_the_test_run(
    awake: list[OtherThread],
    frames: dict[int, FrameType],
    known: Iterable[threading.Thread],
) -> list[OtherThread]:
    """The same without those in which execnet reads what the main process of pytest-xdist sends.

    They are started below `threading`, so it is only known how many there are, and that each stands in a read.
    """
    of_threading = {thread.ident for thread in known}
    stacks = [list(_stack(frame)) for ident, frame in frames.items() if ident not in of_threading]
    readers = sum(any(_TEST_RUN in meanings_of_file(frame.f_code.co_filename) for frame in stack) for stack in stacks)
    if readers:
        reading = [thread for thread in awake if thread.thread is None and thread.stand.call == "read"]
        if len(reading) <= readers:
            return [thread for thread in awake if thread not in reading]
    return awake


def _without_primitives(stack: list[FrameType]) -> Iterator[FrameType]:
    """The stack without the frames of a lock on top."""
    on_top = True
    for frame in stack:
        on_top = on_top and _PRIMITIVE in meanings_of_file(frame.f_code.co_filename)
        if not on_top:
            yield frame


def _stack(top: FrameType | None) -> Iterator[FrameType]:
    while top is not None:
        yield top
        top = top.f_back
