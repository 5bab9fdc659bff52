"""Addresses without a clash: bound before the server starts, and handed over, or kept for it."""

from __future__ import annotations

import errno
import os
import socket
import sys

from ...errors import UsageError

#: How many connections may wait; asyncio's servers and ours would have it otherwise each.
_BACKLOG = 1024


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens already, for a server that takes one: whoever connects waits until it serves.

    Raises:
        UsageError: the port is taken, or there is no such host.
    """
    __tracebackhide__ = True
    made = _bound(host, port, reuse=os.name == "posix" and port != 0)
    made.listen(_BACKLOG)
    return made


def kept(host: str, port: int) -> socket.socket:
    """A socket that does not listen, and keeps its port for a server that binds it once more (Linux, macOS).

    Where the system has no such ports (Windows) close it before the server starts, and look at `is_free()` should that
    fail.

    Raises:
        UsageError: the port is taken, or there is no such host.
    """
    __tracebackhide__ = True
    if port:
        _bound(host, port, reuse=False).close()  # the second of two that share a port would not notice
    return _bound(host, port, reuse=False, share=True)


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there."""
    try:
        _bound(host, port, reuse=False).close()
    except UsageError:
        return False
    return True


def _bound(host: str, port: int, *, reuse: bool, share: bool = False) -> socket.socket:
    __tracebackhide__ = True
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        if reuse:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # of one that has just been closed
        if share and sys.platform != "win32":  # which has no such ports
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((host, port))
    except (OSError, OverflowError) as exc:
        made.close()
        raise _refused(host, port, exc) from None
    return made


def _refused(host: str, port: int, exc: Exception) -> UsageError:
    if isinstance(exc, OSError) and exc.errno == errno.EADDRINUSE:
        return UsageError(
            f"port={port} of {host} is taken by another server. Leave port= out, and a free one is found."
        )
    return UsageError(f"host={host!r}, port={port} cannot be listened at: {exc}.")
