"""How granian is run, in a process of its own, which has another one for each worker."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from .mailbox import ChildNotes, Mailbox, wait_a_moment
from .settings import Settings, configured, refuse_own
from .worker import load

#: What is decided here.
_OWN = ("target", "address", "host", "port", "uds", "interface", "lifespan", "factory", "reload")


def check(settings: Settings) -> None:
    """Refuse, in the parent, what cannot be run.

    Raises:
        ModuleNotFoundError: granian is not installed.
        UsageError: an option is decided here.
    """
    __tracebackhide__ = True
    import granian  # noqa: F401  # here is where the test finds out

    refuse_own(settings, _OWN)


def run(box: Mailbox, notes: ChildNotes) -> None:
    """Serve until this process is told to terminate; all as `Mailbox.order` has it."""
    from granian import Granian  # not above: the parent looks at this module, too
    from granian.constants import Interfaces

    settings, app, address, _ = box.order()
    interface = Interfaces.ASGINL if settings.lifespan == "off" else Interfaces.ASGI
    host, port = address
    server: Any = configured(
        Granian, settings, "granian.Granian", target=app, address=host, port=port, interface=interface
    )
    threading.Thread(target=_watch, args=(address, notes.up), daemon=True).start()
    server.serve(target_loader=partial(_load_in_worker, box.folder))


def _load_in_worker(folder: Path, app: str) -> Any:
    box = Mailbox(folder)
    return load(app, ChildNotes(box), box)


def _watch(address: tuple[str, int], up: Callable[[], None]) -> None:
    """Call `up()` when a worker listens; the parent keeps the address for it, so nobody else can."""
    while True:
        with closing(socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)) as probe:
            if probe.connect_ex(address) == 0:
                up()
                return
        wait_a_moment()
