"""Handlers of signals that have to wait: where they would raise in the middle of what a loop cannot be left in.

A handler may raise anything: `KeyboardInterrupt`, or what pytest-timeout ends a test with. It runs in the main thread
wherever that happens to be, which is mostly inside of an event loop.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

#: `signal.signal()` without the `Enum` around its answer, which takes 2.2 of its 2.4 µs, twice in each turn.
_set_handler: Callable[[int, Any], Any] = getattr(sys.modules.get("_signal"), "signal", signal.signal)


class _Held:
    """The handler that stands for another one meanwhile.

    Args:
        come: what is called with the signal, its frame, and this.
    """

    __slots__ = ("__wrapped__", "_come")

    def __init__(self, come: Callable[[int, FrameType | None, _Held], None]) -> None:
        self._come = come
        #: The handler for which it stands; None before that is known.
        self.__wrapped__: Any = None

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        self._come(signum, frame, self)


class HeldSignals:
    """Keeps handlers from raising between `hold()` and `release()`, which are on one thread.

    What is held is only what may come and raise: Ctrl-C, and an alarm that was set.

    Args:
        must_wait: whether the handler of a signal that comes has to wait; called by the signal, on top of what that has
            interrupted. A handler that need not is called at once.
    """

    def __init__(self, must_wait: Callable[[], bool]) -> None:
        self._must_wait = must_wait
        #: What stands for the handlers, by their signal.
        self._held: dict[int, _Held] = {}
        self._waiting: list[tuple[int, FrameType | None, _Held]] = []

    def hold(self) -> None:
        """From here on handlers wait."""
        if threading.get_ident() != threading.main_thread().ident:
            return  # they run in the main thread alone
        for signum in _expected():
            if signum not in self._held:
                held = self._held[signum] = _Held(self._came)
                held.__wrapped__ = _set_handler(signum, held)

    def _came(self, signum: int, frame: FrameType | None, held: _Held) -> None:
        if held.__wrapped__ is None or self._must_wait():
            self._waiting.append((signum, frame, held))
        else:
            _call(held.__wrapped__, signum, frame)

    def call(self) -> None:
        """Call the handlers whose signal has come.

        Raises:
            BaseException: what they raise.
        """
        while self._waiting:
            signum, frame, held = self._waiting.pop()
            _call(held.__wrapped__, signum, frame)

    def release(self) -> None:
        """Give the handlers back, and call those whose signal has come.

        Raises:
            BaseException: what they raise.
        """
        for signum, held in [*self._held.items()]:
            if held.__wrapped__ is not None:  # or it was interrupted before it stood there
                there = _set_handler(signum, held.__wrapped__)
                if there is not held:
                    _set_handler(signum, there)  # somebody has set another one meanwhile
            self._held.pop(signum, None)
        self.call()


def _call(handler: Any, signum: int, frame: FrameType | None) -> None:
    if callable(handler):
        handler(signum, frame)


def _expected() -> list[int]:
    """The signals that may come: an alarm only where a timer runs."""
    if sys.platform != "win32" and signal.getitimer(signal.ITIMER_REAL)[0] > 0:
        return [signal.SIGINT, signal.SIGALRM]
    return [signal.SIGINT]
