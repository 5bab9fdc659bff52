"""What handlers of signals raise while a client is at work: it is raised where it can be, and by the client's call.

A handler may raise anything: `KeyboardInterrupt`, or what pytest-timeout ends a test with. It runs in the main thread
wherever that happens to be. In the code of the app or the test it raises as it always does. In the middle of an event
loop, of httpx or of this package an exception would leave something in pieces (a callback that is lost, a loop that
believes to run), or be lost itself (in a finalizer, in a task that nobody awaits): there it is kept, what waits is
woken, and the call raises it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import get_ident
from types import CodeType, FrameType
from typing import Any, TypeVar

from .known_code import Meaning, meanings_of_file
from .source_lines import Owner, is_generated, owners

F = TypeVar("F", bound=Callable[..., Any])

#: `signal.signal()` and `signal.getsignal()` without the `Enum` around their answers, which takes 2.2 of 2.4 µs.
_set_handler: Callable[[int, Any], Any] = getattr(sys.modules.get("_signal"), "signal", signal.signal)
_handler_of: Callable[[int], Any] = getattr(sys.modules.get("_signal"), "getsignal", signal.getsignal)

#: The signals whose handlers raise to end something, as far as the system has them. Each costs 0.1 µs in each call.
_SIGNALS: tuple[int, ...] = tuple(
    getattr(signal, f"SIG{name}") for name in ("INT", "BREAK", "TERM", "ALRM") if hasattr(signal, f"SIG{name}")
)

_PYTHON = Path(os.__file__).parent

#: The files of Python in the middle of which an event loop or a weak reference is not to be left, whoever has called.
_OF_LOOPS = tuple(str(_PYTHON / name) for name in ("asyncio", "selectors.py", "weakref.py", "_weakrefset.py"))

#: A wait that is always short, and in which a library's pool of threads would lose count of them.
_STARTS_A_THREAD = threading.Thread.start.__code__

#: The code of functions that wait where nobody could wake them, and can be left at any moment: of ours, and those in
#: which one thread waits for another, whoever has called them.
_MAY_BE_LEFT: set[CodeType] = {threading.Condition.wait.__code__, threading.Thread.join.__code__}


def may_be_left(function: F) -> F:
    """Decorate a function of ours: a handler may raise in it, at any moment."""
    _MAY_BE_LEFT.add(function.__code__)
    return function


class _Held:
    """The handler that stands for another one meanwhile; where nothing is held any more, it is the other one.

    Args:
        come: what is called with the signal, its frame, and the other handler.
        handler: the other one.
    """

    __slots__ = ("__wrapped__", "_come")

    def __init__(self, come: Callable[[int, FrameType | None, Any], None], handler: Any) -> None:
        self._come = come
        self.__wrapped__ = handler

    def __call__(self, signum: int, frame: FrameType | None) -> None:
        self._come(signum, frame, self.__wrapped__)


class _Waking(AbstractContextManager[None]):
    """See `HeldSignals.waking()`; a class, as it is entered in each turn, and a generator takes three times as long."""

    __slots__ = ("_signals", "_wake", "_wakes")

    def __init__(self, signals: HeldSignals, wakes: list[Callable[[], object]], wake: Callable[[], object]) -> None:
        self._signals = signals
        self._wakes = wakes
        self._wake = wake

    def __enter__(self) -> None:
        self._wakes.append(self._wake)
        if self._signals.came:
            self._wakes.remove(self._wake)
            self._signals.let_out()

    def __exit__(self, kind: object, exception: object, traceback: object) -> None:
        self._wakes.remove(self._wake)
        if exception is None and self._signals.came:
            self._signals.let_out()


_NOTHING = nullcontext()


class HeldSignals:
    """What handlers raise between the first `hold()` and the last `release()`, in the main thread.

    Handlers run at once, in any case; it is what they raise that waits. A second signal does not wait, should the first
    one find nobody who raises it.
    """

    def __init__(self) -> None:
        self._main = threading.main_thread().ident
        self._depth = 0
        #: What stands for the handlers now, with their signals.
        self._held: list[tuple[int, _Held]] = []
        #: That for Python's own handler of Ctrl-C, the one that is nearly always there.
        self._of_python = _Held(self._came, signal.default_int_handler)
        self._wakes: list[Callable[[], object]] = []
        self._raised: BaseException | None = None

    def forked(self) -> None:
        """The thread that calls this is the main thread from here on."""
        self._main = get_ident()

    def hold(self) -> None:
        """From here on, keep what handlers raise where it must not be raised. In other threads, do nothing."""
        if get_ident() != self._main:
            return
        self._depth += 1
        if self._depth == 1:
            for signum in _SIGNALS:
                handler = _handler_of(signum)
                if handler.__class__ is not int and handler is not None:  # or it ends the process, or is ignored
                    self._stand_in(signum, handler)

    def _stand_in(self, signum: int, handler: Any) -> None:
        if handler is signal.default_int_handler:
            held = self._of_python
        elif _may_raise(handler):
            held = _Held(self._came, handler)  # anew each time: a handler may refer to a whole test
        else:
            return
        self._held.append((signum, held))
        _set_handler(signum, held)

    def release(self) -> None:
        """The end of what has begun with a `hold()`.

        Raises:
            BaseException: what a handler has raised meanwhile, unless that is on its way already; by the last one.
        """
        if get_ident() != self._main:
            return
        if self._depth > 1:  # what is inside of another hold is not to be left between two halves
            self._depth -= 1
            return
        self._depth = 0  # also where a signal came before it could be held
        while self._held:
            signum, held = self._held.pop()
            if _handler_of(signum) is held:  # or somebody has set another one meanwhile
                _set_handler(signum, held.__wrapped__)
        if self._raised is not None:
            self.let_out()

    def let_out(self) -> None:
        """Raise what a handler has raised, unless that is on its way already; for the main thread."""
        raised, self._raised = self._raised, None
        if raised is not None and raised is not sys.exception():
            raise raised from None

    def raise_here(self) -> None:
        """Raise what a handler has raised before a wait that nobody would wake; in other threads, do nothing."""
        if self._raised is not None and get_ident() == self._main:
            self.let_out()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold and release around a block in which something changes hands, and would be lost in between."""
        try:
            self.hold()
            yield
        finally:
            self.release()

    def or_came(self, until: Callable[[], bool]) -> Callable[[], bool]:
        """A condition that holds also if there is something to be let out; for other threads, `until` itself."""
        if self._depth == 0 or get_ident() != self._main:
            return until
        return lambda: self._raised is not None or until()

    def waking(self, wake: Callable[[], object]) -> AbstractContextManager[None]:
        """Have `wake()` called, in this block, when there is something to be let out; it is raised at the end of it."""
        return _NOTHING if self._depth == 0 or get_ident() != self._main else _Waking(self, self._wakes, wake)

    @property
    def came(self) -> bool:
        """Whether there is something to be let out."""
        return self._raised is not None

    def _came(self, signum: int, frame: FrameType | None, handler: Any) -> None:
        try:
            handler(signum, frame)
        except BaseException as exc:
            if self._depth == 0 or not self._must_wait(exc, frame):
                raise

    def _must_wait(self, raised: BaseException, frame: FrameType | None) -> bool:
        """Whether what a handler has raised is not to be raised where it was; notes what the call has to raise."""
        is_first, must_wait = self._raised is None, _is_in_the_middle(frame)
        if must_wait or not isinstance(raised, Exception | SystemExit):  # which an app may well be ready for
            self._raised = raised
            for wake in [*self._wakes]:
                wake()
        return is_first and must_wait


def _may_raise(handler: Any) -> bool:
    """Whether it is not that of `asyncio.run()`, which cancels the main task.

    That one is put away only if it is still there when its loop ends, which may be in the middle of a call, by a task
    that raises `KeyboardInterrupt`.
    """
    return getattr(getattr(handler, "func", None), "__module__", None) != "asyncio.runners"


class _MustWait(dict[str, bool | None]):
    """Whether what is raised in code of a file must wait, once it was asked; None where it depends on who has called.

    Python's own library is called by anybody, and so is code that it has generated.
    """

    def __missing__(self, file: str) -> bool | None:
        owner, meanings = owners[file], meanings_of_file(file)
        found: bool | None = False
        if owner in (Owner.US, Owner.ASYNC_LIBRARY) or not _PARTS.isdisjoint(meanings) or file.startswith(_OF_LOOPS):
            found = True
        elif owner is Owner.PYTHON or is_generated(file):
            found = None
        self[file] = found
        return found


#: What is in the middle of something, besides this package and the async libraries.
_PARTS = {Meaning.HTTP_LIBRARY, Meaning.PART_OF_TRIO}

_must_wait = _MustWait()


def _is_in_the_middle(frame: FrameType | None) -> bool:
    """Whether what is raised in `frame` would do harm, or be lost, as all is that is raised in a finalizer."""
    codes = [*_codes(frame)]
    if any(code.co_name == "__del__" or code is _STARTS_A_THREAD for code in codes):
        return True
    answers = (code not in _MAY_BE_LEFT and _must_wait[code.co_filename] for code in codes)
    return next((answer for answer in answers if answer is not None), False)


def _codes(frame: FrameType | None) -> Iterator[CodeType]:
    while frame is not None:
        yield frame.f_code
        frame = frame.f_back


SIGNALS = HeldSignals()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=SIGNALS.forked)
