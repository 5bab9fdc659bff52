"""A server in a thread of this process, and how the thread is ended."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from ..errors import ServerFailed, ServerTimedOut
from ..record import Record
from ..recorder import Recorder
from ..whereabouts import standing, standing_of
from .settings import Settings

#: How long what is cut off may take to end, in seconds, before it is cancelled, and then before it is left behind.
_LAST_WAIT = 0.5


class Program(Protocol):
    """One kind of server that can be run in any thread."""

    @property
    def log(self) -> Sequence[str]:
        """Its last lines."""
        ...

    def run(self, up: Callable[[], None]) -> None:
        """Serve until it is asked to stop; call `up()` when it serves."""

    def ask_to_stop(self, at_once: bool = False) -> None:
        """Stop when what is under way has ended, or at once if the server can; from any thread."""


class InThread:
    """A `Serving` in a thread of its own.

    Args:
        settings: what it is to do.
        recorder: the app.
        record: who is told of its calls.
        bound: where it listens.
        program: how it is run.
    """

    def __init__(
        self, settings: Settings, recorder: Recorder, record: Record, bound: socket.socket, program: Program
    ) -> None:
        self.record = record
        self._settings = settings
        self._recorder = recorder
        self._bound = bound
        self._program = program
        self.address: tuple[str, int] = bound.getsockname()[:2]
        #: Whether it serves, or has ended.
        self._settled = threading.Event()
        self._is_up = False
        self._ended_with: BaseException | None = None
        # Nobody waits for it when Python ends: what it runs may never end.
        self._thread = threading.Thread(target=self._run, name=f"{settings.server} of a LiveServer", daemon=True)

    def __repr__(self) -> str:
        state = "up" if self._is_up and self._thread.is_alive() else "down"
        return f"<{type(self).__name__}: {self._settings.server}, {state}>"

    def start(self, limit: float) -> None:
        """See `Serving.start`."""
        __tracebackhide__ = True
        self._thread.start()
        if not self._settled.wait(limit):
            raise self._cut_off("start", limit)
        if not self._is_up:
            self._thread.join(limit)
        self.record.check_startup(self._settings.insists)
        if not self._is_up:
            raise self._failed()

    def stop(self, limit: float) -> None:
        """See `Serving.stop`."""
        __tracebackhide__ = True
        if not self._thread.is_alive():
            if not self.record.unclaimed():  # which says more
                raise self._failed()
            return
        self._program.ask_to_stop()
        self._thread.join(limit)
        if self._thread.is_alive():
            raise self._cut_off("stop", limit)

    def kill(self) -> None:
        """See `Serving.kill`."""
        if self._thread.ident is None:
            self._bound.close()
            return
        self._program.ask_to_stop(at_once=True)
        self._thread.join(_LAST_WAIT)
        if self._thread.is_alive():
            self._recorder.cancel_all()
            self._thread.join(_LAST_WAIT)

    def standing_of(self, request: str) -> list[str]:
        """See `Serving.standing_of`."""
        return standing_of(self._recorder, request)

    def _run(self) -> None:
        try:
            self._program.run(self._up)
        except BaseException as exc:
            self._ended_with = exc
        finally:
            self._bound.close()  # here, and nowhere else while the thread lives, whose loop looks at it
            self._settled.set()

    def _up(self) -> None:
        self._is_up = True
        self._settled.set()

    def _cut_off(self, phase: Literal["start", "stop"], limit: float) -> ServerTimedOut:
        error = ServerTimedOut(self._settings.server, phase, limit, standing(self._recorder), self._program.log)
        self.kill()
        return error

    def _failed(self) -> ServerFailed:
        happened = "has ended by itself" if self._ended_with is None else f"has ended with {self._ended_with!r}"
        error = ServerFailed(self._settings.server, happened, self._program.log)
        error.__cause__ = self._ended_with
        return error
