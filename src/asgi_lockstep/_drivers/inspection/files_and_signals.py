"""Files that a loop watches, and handlers of signals: what else may come from outside."""

from __future__ import annotations

import errno
import signal
import socket
from contextlib import suppress
from functools import partial
from inspect import unwrap

from .known_code import SIGNAL_HANDLERS


def describe_file(descriptor: int) -> str:
    """What a loop waits for at a file descriptor: a socket with its peer, or something else."""
    try:
        # The very descriptor, and no copy: os.dup() cannot copy a socket of Windows.
        borrowed = socket.socket(fileno=descriptor)
    except OSError as exc:
        state = "which is closed" if exc.errno == errno.EBADF else "a pipe or a device"
        return f"file descriptor {descriptor}, {state}"
    try:
        kind = "listening" if borrowed.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) else "unconnected"
        with suppress(OSError):
            kind = f"connected to {_address(borrowed.getpeername())}"
        return f"socket {descriptor}, {kind}, at {_address(borrowed.getsockname())}"
    finally:
        borrowed.detach()  # it is another's to close


def signal_handlers() -> list[str]:
    """The handlers of signals that the app or the test has set: a signal may come at any time."""
    found = []
    for number in signal.valid_signals():
        handler = signal.getsignal(number)
        handler = unwrap(handler) if callable(handler) else handler  # see `held_signals`
        handler = handler.func if isinstance(handler, partial) else handler
        module = getattr(handler, "__module__", None) or ""
        if callable(handler) and not any(f"{module}.".startswith(f"{other}.") for other in SIGNAL_HANDLERS):
            name = getattr(handler, "__qualname__", repr(handler))
            found.append(f"a handler of {signal.Signals(number).name}: {module}.{name}")
    return found


def _address(address: object) -> str:
    return f"{address[0]}:{address[1]}" if isinstance(address, tuple) and address else repr(address)
