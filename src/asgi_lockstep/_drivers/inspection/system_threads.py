"""What the system says of the threads of this process, whatever language they run: which of them can move by itself.

A thread that sleeps in a futex of this process alone, without a time limit, moves again only when another thread of
this process wakes it; so nobody ever moves where every other thread sleeps like that. One look is enough, made of three
passes over all of them: their states and how often they were switched, the calls in which they stand, and the first
again, unchanged. Who has been woken is running from that moment on, before it runs; who waits for Python's lock does so
with a time limit. Only Linux tells, in `/proc`; where that cannot be read, or threads are no threads of the system,
nothing is known.
"""

from __future__ import annotations

import _thread
import os
import socket
import struct
import sys
import sysconfig
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from types import BuiltinFunctionType
from typing import NamedTuple

_TASKS = "/proc/self/task"
_FILES = "/proc/self/fd"

#: The numbers of the calls in which threads sleep, by the machine, and what texts call them. Every other call is a
#: number in a text, and the thread one that may move.
_CALLS = {
    "x86_64": {
        0: "read", 7: "poll", 23: "select", 35: "nanosleep", 43: "accept", 45: "recvfrom", 47: "recvmsg", 61: "wait4",
        128: "sigtimedwait", 202: "futex", 230: "nanosleep", 232: "epoll_wait", 247: "waitid", 270: "select",
        271: "poll", 281: "epoll_wait", 288: "accept", 426: "io_uring_enter",
    },
    "aarch64": {
        22: "epoll_wait", 63: "read", 72: "select", 73: "poll", 95: "waitid", 98: "futex", 101: "nanosleep",
        115: "nanosleep", 137: "sigtimedwait", 202: "accept", 207: "recvfrom", 212: "recvmsg", 242: "accept",
        260: "wait4", 426: "io_uring_enter",
    },
}.get(os.uname().machine if hasattr(os, "uname") else "", {})  # fmt: skip

#: futex(2): the flag of those that only this process uses, and the two ways to wait.
_FUTEX_PRIVATE, _FUTEX_WAITS = 128, (0, 9)

#: epoll_wait(2): for how many milliseconds a loop waits that has no timer; asyncio and trio say a day, others -1.
_FOR_EVER = 24 * 3600 * 1000

#: All signals but those that nobody can block: KILL, STOP, and the two of glibc.
_ALL_SIGNALS = 0xFFFFFFFE7FFBFEFF

#: A thread that runs may be on its way to sleep (a worker that has just handed over its result): how often it is looked
#: at again, and the pause in seconds.
_AGAIN, _ON_ITS_WAY = 4, 0.00005


class Stand(NamedTuple):
    """Where a thread stands, as the system sees it.

    Args:
        asleep: whether only another thread of this process can wake it.
        call: the call in which it sleeps, `"running"` if it does not, `""` if that cannot be known.
        blocks_signals: whether no signal reaches it.
    """

    asleep: bool
    call: str
    blocks_signals: bool = False


#: What is said of the call of a thread that does not sleep.
RUNNING = "running"
_MOVES = Stand(False, RUNNING)


def other_numbers() -> list[int]:
    """The numbers of the other threads of this process (`Thread.native_id`).

    Raises:
        OSError: the system does not list them.
    """
    here = threading.get_native_id()
    return [number for number in map(int, os.listdir(_TASKS)) if number != here]


def are_threads_real() -> bool:
    """Whether what Python calls a thread is one of the system, and has waits that can be told from the outside.

    gevent and eventlet replace threads by something of their own. Without a GIL a thread may spin where it seems to
    sleep, and nothing has been measured.
    """
    return isinstance(_thread.start_new_thread, BuiltinFunctionType) and not sysconfig.get_config_var("Py_GIL_DISABLED")


def name_of(number: int) -> str:
    """What the system calls a thread: its library has said so, or else it is called as the process is."""
    with suppress(OSError), open(f"{_TASKS}/{number}/comm") as file:
        return file.read().rstrip("\n")
    return "?"


def stands() -> dict[int, Stand]:
    """Where each other thread of this process stands, by its number; looks again while one may be on its way to sleep.

    If all of them are asleep, they were so at one and the same moment: that between the first reads and the last.

    Raises:
        OSError: the system does not list them.
    """
    found = _look()
    for _ in range(_AGAIN):
        if not any(stand.call == RUNNING for stand in found.values()):
            break
        time.sleep(_ON_ITS_WAY)  # nothing is decided by it: who still runs then counts as running
        found = _look()
    return found


def _look() -> dict[int, Stand]:
    # To look at one thread after the other would not do: one that was seen asleep may be woken by another, which is
    # asleep when its turn comes.
    before = {number: _status(number) for number in other_numbers()}
    calls = {number: _call(number) for number in before}
    after = {number: _status(number) for number in other_numbers()}
    return {
        number: _stand(status, calls[number]) if status == before.get(number) else _MOVES
        for number, status in after.items()
    }


def _stand(status: _Status | None, call: list[str]) -> Stand:
    if status is None:
        return Stand(False, "")  # it has ended, or this system does not tell
    if status.state != "S" or len(call) < 7:
        return _MOVES
    name = _CALLS.get(int(call[0]), f"the system call {call[0]}")
    asleep = (name == "futex" and _waits_for_this_process(call)) or (
        name == "epoll_wait" and _watches_this_process(call)
    )
    return Stand(asleep, name, status.blocked | _ALL_SIGNALS == status.blocked)


class _Status(NamedTuple):
    """What `/proc` says of a thread: unchanged, it has not run in between."""

    state: str
    switches: tuple[str, ...]
    blocked: int


def _status(number: int) -> _Status | None:
    try:
        with open(f"{_TASKS}/{number}/status") as file:
            read = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        switches = read["voluntary_ctxt_switches"], read["nonvoluntary_ctxt_switches"]
        return _Status(read["State"][0], switches, int(read["SigBlk"], 16))
    except (OSError, KeyError):
        return None


def _call(number: int) -> list[str]:
    try:
        with open(f"{_TASKS}/{number}/syscall") as file:
            return file.read().split()
    except OSError:
        return []


def _waits_for_this_process(call: list[str]) -> bool:
    """Whether a `futex` call waits without a time limit for something that only this process can change."""
    operation, limit = int(call[2], 16), int(call[4], 16)
    return bool(operation & _FUTEX_PRIVATE) and operation & 0x7F in _FUTEX_WAITS and limit == 0


def _watches_this_process(call: list[str]) -> bool:
    """Whether an `epoll_wait` call waits without a time limit for files that only this process can write to."""
    limit = int(call[4], 16) & 0xFFFFFFFF
    return limit >= _FOR_EVER and all(only_this_process_writes(watched) for watched in _watched_by(int(call[1], 16)))


def _watched_by(epoll: int) -> Iterator[int]:
    with open(f"/proc/self/fdinfo/{epoll}") as file:
        for line in file:
            if line.startswith("tfd:"):
                yield int(line.split()[1])


def only_this_process_writes(descriptor: int) -> bool:
    """Whether what can be read from a file comes from this process: an eventfd, or one end of a pair made here."""
    with suppress(OSError):
        kind = os.readlink(f"{_FILES}/{descriptor}")
        if kind == "anon_inode:[eventfd]":
            return True
        if kind.startswith("pipe:"):
            return _has_both_ends(kind)
        if kind.startswith("socket:"):
            return _is_end_of_own_pair(descriptor)
    return False


def _has_both_ends(kind: str) -> bool:
    """Whether this process can also write to a pipe, and no child can, which may have inherited it."""
    for number in os.listdir(_TASKS):
        with open(f"{_TASKS}/{number}/children") as file:
            if file.read().strip():
                return False
    return any(_link(other) == kind and _is_for_writing(other) for other in os.listdir(_FILES))


def _link(descriptor: str) -> str:
    with suppress(OSError):
        return os.readlink(f"{_FILES}/{descriptor}")
    return ""


def _is_for_writing(descriptor: str) -> bool:
    with open(f"/proc/self/fdinfo/{descriptor}") as file:
        flags = next(line.split()[1] for line in file if line.startswith("flags:"))
    return bool(int(flags, 8) & (os.O_WRONLY | os.O_RDWR))


def _is_end_of_own_pair(descriptor: int) -> bool:
    """Whether a socket has no name, its peer neither, and this very process has made both."""
    if sys.platform == "win32" or not hasattr(socket, "SO_PEERCRED"):
        return False
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        if copy.family != socket.AF_UNIX or copy.getsockname() or copy.getpeername():
            return False
        made_by, _, _ = struct.unpack("3i", copy.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        return bool(made_by == os.getpid())
