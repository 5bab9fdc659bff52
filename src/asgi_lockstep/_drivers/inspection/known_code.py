"""What the functions and files of other people's code mean here: no other module names one of them.

Where somebody stands says what they wait for, and that is read from the names of files and functions, which their
authors may change at any time. So each row says where it was read, and a test looks all of them up in what is
installed. Our own functions say what they mean themselves: see `means()`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Meaning(Enum):
    """What it means that somebody stands in a function, or in a file."""

    # Threads.
    #: It is ours, or waits for the very thread that asks: it cannot call in.
    CANNOT_CALL_IN = auto()
    #: The main function of a worker, which does what a loop has asked it to.
    WORKER = auto()
    #: A worker waits for a job.
    IDLE = auto()
    #: The worker of an executor, for which Python waits at its end even if it is a daemon.
    OF_EXECUTOR = auto()
    #: One that has no job: Python tells it to end first.
    TOLD_TO_END = auto()
    #: A thread of trio's cache is idle.
    TRIO_CACHE = auto()
    #: A run of trio waits for events.
    TRIO_WAITS = auto()

    # Tasks.
    #: A task waits for a job that it has given to a thread.
    HANDS_OVER = auto()
    #: A task does what a thread waits for.
    CALLED_IN = auto()
    #: A task only waits for the tasks that it has started.
    WAITS_FOR_CHILDREN = auto()
    #: A task sleeps: a timer is pending for it.
    SLEEPS = auto()
    #: A task sleeps for ever, which some libraries make of a sleep without an end.
    SLEEPS_FOR_EVER = auto()
    #: A task waits in ASGI's `receive()`.
    RECEIVES = auto()
    #: Django sends a response, and whoever has called that knows the request.
    SENDS_FOR_DJANGO = auto()
    #: A loop runs what is ready: what called the loop has not caused what happens in there.
    BEGINS_A_STEP = auto()

    # Files.
    #: A blocking method of `threading` adds frames of this file on top.
    PRIMITIVE = auto()
    #: A thread of the test run, which calls into no loop.
    TEST_RUN = auto()
    #: A debugger: a thread that stands in there waits for a person.
    DEBUGGER = auto()
    #: An async library, in which the tasks of others wait.
    ASYNC_LIBRARY = auto()
    #: The library that every request goes through.
    HTTP_LIBRARY = auto()
    #: It belongs to what trio's scheduler is made of.
    PART_OF_TRIO = auto()


#: Some of them: a tuple, since before Python 3.12 it takes longer to look up a member, or its hash, than to compare it.
Meanings = tuple[Meaning, ...]


@dataclass(frozen=True, slots=True)
class KnownFunction:
    """What it means to stand in a function.

    Args:
        file: the end of its file's name, with `/` on every system.
        function: its name.
        means: what it says about who stands there.
        read_in: the package and its version in which this was read.
        line: what the line at which they stand has in it; `""` for any line.
    """

    file: str
    function: str
    means: Meaning
    read_in: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What it means to stand in a file.

    Args:
        part: a part of its name, with `/` on every system.
        means: what it says about who stands there.
        read_in: the package and its version in which this was read; only its name where the name is all that counts.
    """

    part: str
    means: Meaning
    read_in: str


FUNCTIONS = (
    KnownFunction("/concurrent/futures/thread.py", "_worker", Meaning.WORKER, "Python 3.11"),
    KnownFunction("/anyio/_backends/_asyncio.py", "run", Meaning.WORKER, "anyio 4.16"),
    KnownFunction("/trio/_core/_thread_cache.py", "_work", Meaning.WORKER, "trio 0.35"),
    KnownFunction("/aiosqlite/core.py", "_connection_worker_thread", Meaning.WORKER, "aiosqlite 0.22"),
    KnownFunction("/queue.py", "get", Meaning.IDLE, "Python 3.11"),
    KnownFunction("/concurrent/futures/thread.py", "_worker", Meaning.IDLE, "Python 3.11", line=".get("),
    KnownFunction("/concurrent/futures/thread.py", "_worker", Meaning.OF_EXECUTOR, "Python 3.11"),
    KnownFunction("/concurrent/futures/thread.py", "_worker", Meaning.TOLD_TO_END, "Python 3.11", line=".get("),
    KnownFunction("/aiosqlite/core.py", "_connection_worker_thread", Meaning.IDLE, "aiosqlite 0.22", line=".get("),
    KnownFunction("/trio/_core/_thread_cache.py", "_work", Meaning.TRIO_CACHE, "trio 0.35"),
    KnownFunction("/trio/_core/_io_epoll.py", "get_events", Meaning.TRIO_WAITS, "trio 0.35"),
    KnownFunction("/trio/_core/_io_kqueue.py", "get_events", Meaning.TRIO_WAITS, "trio 0.35"),
    KnownFunction("/trio/_core/_io_windows.py", "get_events", Meaning.TRIO_WAITS, "trio 0.35"),
    KnownFunction("/anyio/_backends/_asyncio.py", "run_sync_in_worker_thread", Meaning.HANDS_OVER, "anyio 4.16"),
    KnownFunction("/asyncio/threads.py", "to_thread", Meaning.HANDS_OVER, "Python 3.11"),
    KnownFunction("/trio/_threads.py", "to_thread_run_sync", Meaning.HANDS_OVER, "trio 0.35"),
    KnownFunction("/asgiref/sync.py", "__call__", Meaning.HANDS_OVER, "asgiref 3.13"),
    KnownFunction("/aiosqlite/core.py", "_execute", Meaning.HANDS_OVER, "aiosqlite 0.22"),
    KnownFunction("/aiosqlite/core.py", "_connect", Meaning.HANDS_OVER, "aiosqlite 0.22"),
    KnownFunction("/anyio/_backends/_asyncio.py", "task_wrapper", Meaning.CALLED_IN, "anyio 4.16"),
    KnownFunction("/trio/_threads.py", "unprotected_afn", Meaning.CALLED_IN, "trio 0.35"),
    KnownFunction("/anyio/_backends/_asyncio.py", "__aexit__", Meaning.WAITS_FOR_CHILDREN, "anyio 4.16"),
    KnownFunction("/asyncio/taskgroups.py", "__aexit__", Meaning.WAITS_FOR_CHILDREN, "Python 3.11"),
    KnownFunction("/trio/_core/_run.py", "_nested_child_finished", Meaning.WAITS_FOR_CHILDREN, "trio 0.35"),
    KnownFunction("/asyncio/tasks.py", "sleep", Meaning.SLEEPS, "Python 3.11", line="await future"),  # not of sleep(0)
    KnownFunction("/trio/_timeouts.py", "sleep_until", Meaning.SLEEPS, "trio 0.35"),
    KnownFunction("/anyio/_core/_eventloop.py", "sleep_forever", Meaning.SLEEPS_FOR_EVER, "anyio 4.16"),
    KnownFunction("/django/core/handlers/asgi.py", "send_response", Meaning.SENDS_FOR_DJANGO, "Django 5.2"),
    KnownFunction("/asyncio/events.py", "_run", Meaning.BEGINS_A_STEP, "Python 3.11"),
)

FILES = (
    KnownFile("/threading.py", Meaning.PRIMITIVE, "Python 3.11"),
    KnownFile("/execnet/gateway_base.py", Meaning.TEST_RUN, "execnet 2.1"),
    KnownFile("/bdb.py", Meaning.DEBUGGER, "Python 3.11"),
    KnownFile("/pdb.py", Meaning.DEBUGGER, "Python 3.11"),
    KnownFile("/cmd.py", Meaning.DEBUGGER, "Python 3.11"),
    KnownFile("/pydevd", Meaning.DEBUGGER, "pydevd"),
    KnownFile("/debugpy/", Meaning.DEBUGGER, "debugpy"),
    KnownFile("/ipdb/", Meaning.DEBUGGER, "ipdb"),
    KnownFile("/pudb/", Meaning.DEBUGGER, "pudb"),
    KnownFile("/anyio/", Meaning.ASYNC_LIBRARY, "anyio 4.16"),
    KnownFile("/trio/", Meaning.ASYNC_LIBRARY, "trio 0.35"),
    KnownFile("/httpx2/", Meaning.HTTP_LIBRARY, "httpx2 2.16"),
    KnownFile("/httpx/", Meaning.HTTP_LIBRARY, "httpx 0.28"),
    KnownFile("/outcome/", Meaning.PART_OF_TRIO, "outcome 1.3.0"),
    KnownFile("/sortedcontainers/", Meaning.PART_OF_TRIO, "sortedcontainers 2.4.0"),
    KnownFile("/sniffio/", Meaning.PART_OF_TRIO, "sniffio 1.3.1"),
    KnownFile("/attr/", Meaning.PART_OF_TRIO, "attrs 26.1"),
)

#: How the names of code begin that has no file because somebody has typed it: for doctest, a prompt, IPython. All other
#: names in angle brackets are those of code that a library has made, such as `<string>` of dataclasses and of mocks.
TYPED = ("<doctest ", "<stdin>", "<console>", "<python-input-", "<ipython-input-")

#: The modules whose signal handlers are no part of the app: those of the test run and of the loop.
SIGNAL_HANDLERS = (
    "_pytest",
    "pytest_timeout",
    "unittest.signals",
    "asyncio.runners",
    "coverage",
    "signal",
    "_signal",
    "trio._core",
)

#: How the names of the threads begin in which pytest-timeout waits, which call into no loop.
TIMEOUT_THREADS = "pytest_timeout"

#: The types of awaitables that do not show what they await, and refer to it: those of `anext()`, of `asend()` and
#: `athrow()`, and of `coroutine.__await__()`.
WRAPPERS = ("async_generator_asend", "async_generator_athrow", "coroutine_wrapper", "anext_awaitable")


#: The rows by the name of their function: nearly every function has none, and that is known at once.
_BY_NAME: dict[str, list[KnownFunction]] = {}


def _learn(*rows: KnownFunction) -> None:
    for row in rows:
        _BY_NAME.setdefault(row.function, []).append(row)


_learn(*FUNCTIONS)


def means(meaning: Meaning) -> Callable[[F], F]:
    """Decorate a function of ours: say what it means that somebody stands in there."""

    def note(function: F) -> F:
        code = function.__code__
        _learn(KnownFunction(_with_slashes(code.co_filename), code.co_name, meaning, "asgi-lockstep"))
        return function

    return note


def stands_in(meanings: Meanings, file: str, function: str, line: Callable[[], str]) -> bool:
    """Whether one of `meanings` is that of standing in a function, at a line with the text that `line()` returns."""
    rows = _BY_NAME.get(function)
    if rows is None:
        return False
    file = _with_slashes(file)
    return any(
        row.means in meanings and file.endswith(row.file) and (not row.line or row.line in line()) for row in rows
    )


@cache
def meanings_of_file(file: str) -> tuple[Meaning, ...]:
    """What is known of everybody who stands in a file."""
    file = _with_slashes(file)
    return tuple(row.means for row in FILES if row.part in file)


def _with_slashes(file: str) -> str:
    return file.replace("\\", "/")
