"""The main program of a child process: `python -m asgi_lockstep._live.serving.child FOLDER`."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from pathlib import Path

from ...errors import UsageError
from . import on_daphne, on_granian
from .mailbox import ChildNotes, Mailbox

_STDIN = 0

#: How each server is run.
PROGRAMS = {"daphne": on_daphne.run, "granian": on_granian.run}


def main(folder: str) -> None:
    """Run the server that is ordered in a folder, as long as the parent lives."""
    box = Mailbox(Path(folder))
    notes = ChildNotes(box)
    settings, *_ = box.order()
    threading.Thread(target=_end_with_parent, args=(box,), name="watches the parent", daemon=True).start()
    try:
        PROGRAMS[settings.server](box, notes)
    except UsageError as exc:
        notes.refused(str(exc))
        raise


def _end_with_parent(box: Mailbox) -> None:
    """Terminate when the parent has ended: what it has of our standard input is closed then.

    Read past `sys.stdin`: a worker that is forked meanwhile would wait for the lock that this thread has of it.
    """
    while os.read(_STDIN, 1):
        pass
    shutil.rmtree(box.folder, ignore_errors=True)  # which the parent would have done
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1])
