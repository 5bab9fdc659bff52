"""Where a trio run is: what of it belongs to a thread is put there for a turn, and taken away after it.

trio lets a thread have one run, and a run one thread, from its first step to its last. A run of ours moves only in
turns. Between them the thread has to be free for others (`trio.run()` in the test, another client), and when the thread
has ended, or another one has to end the run, it must be possible to turn it elsewhere. trio notes the run of a thread
under a private name, which stands here alone; where a release of trio has changed it, a run stays on the thread that
has made it, and `tests/drivers/on_trio/test_place.py` fails.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from typing import Any

import trio

from ..inspection.held_signals import SIGNALS

#: Where trio notes the run of each thread.
_NOTES = getattr(trio._core._run, "GLOBAL_RUN_CONTEXT", None)

#: Whether a run can be taken from its thread, and be put on another.
MOVABLE = isinstance(_NOTES, threading.local)


class _Notes:
    """What a thread knows of the run that is on it, if one is: trio's note, and the hooks for async generators.

    Args:
        note, hooks: as they are read.
    """

    __slots__ = ("_hooks", "_note")

    def __init__(self, note: Mapping[str, Any] | None = None, hooks: tuple[Any, Any] = (None, None)) -> None:
        self._note = {} if note is None else dict(note)
        self._hooks = hooks

    def put(self) -> _Notes:
        """Have the calling thread know this; returns what it has known."""
        hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(*self._hooks)
        if not MOVABLE:
            return _Notes({}, (hooks.firstiter, hooks.finalizer))
        there = vars(_NOTES)
        before = _Notes(there, (hooks.firstiter, hooks.finalizer))
        there.clear()
        there.update(self._note)
        return before


class Place:
    """Puts one run on the thread that turns it: `with place:`; at first it stands where it was made, in such a block.

    Inside of the block signals are held: trio's own handler of Ctrl-C, which it would set in a run that begins without
    that, would stay between two turns, where it lets nothing through, and end the whole run.
    """

    def __init__(self) -> None:
        #: What the thread knows of the run, and what it knew before.
        self._inside, self._outside = _Notes(), _Notes()

    def __enter__(self) -> None:
        """Put the run here."""
        SIGNALS.hold()
        self._outside = self._inside.put()

    def __exit__(self, *exc_info: object) -> None:
        """Take the run away.

        Raises:
            BaseException: what the handler of a signal has raised in the turn.
        """
        self._inside = self._outside.put()
        SIGNALS.release()
