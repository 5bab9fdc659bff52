"""A server in a child process, as its parent sees it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from ..._drivers.happenings.recorder import Recorder
from ...errors import UsageError
from ..deadlines import Deadline
from ..errors import AppFailed, ServerFailed, ServerTimedOut
from ..record import Record
from .mailbox import Mailbox, wait_a_moment
from .settings import Settings
from .sockets import is_free, kept, listening

#: Which of them takes a socket that listens already, by the number of its file.
_TAKES_SOCKETS = ("daphne",)

#: How often a free port is looked for, where somebody may take it before the server does.
_ATTEMPTS = 3

#: How long a child may take to say where the app stands, in seconds.
_PATIENCE = 1.0


class ChildRecord(Record):
    """What a child process has written of the calls of its app.

    Args:
        exceptions, timeline: see `Record`.
        server: which server runs there.
        box: where it writes.
        lives: whether it does.
    """

    def __init__(
        self,
        exceptions: list[BaseException],
        timeline: Recorder,
        server: str,
        box: Mailbox,
        lives: Callable[[], bool],
    ) -> None:
        super().__init__(exceptions, timeline)
        self.is_up = False
        #: Why nothing can be run, in words.
        self.refused = ""
        self._server = server
        self._box = box
        self._lives = lives
        self._offset = 0
        self._reading = threading.Lock()

    def refresh(self) -> None:
        """Read what was written since the last time."""
        with self._reading:
            if not self._box.events.exists():
                return
            with self._box.events.open("rb") as file:
                file.seek(self._offset)
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    self._offset += len(line)
                    self._take(json.loads(line))

    def wait_for_end(self, call: str, limit: float | None) -> None:
        """See `Record.wait_for_end`."""
        deadline = Deadline(limit)
        while self.is_under_way(call) and self._lives() and not deadline.has_passed:
            wait_a_moment()

    def _take(self, said: dict[str, Any]) -> None:
        match said["event"]:
            case "up":
                self.is_up = True
            case "refused":
                self.refused = self.refused or said["why"]
            case "begun":
                self.begun(tuple(said["number"]), said["call"], said["request"])
            case "ended":
                self.ended(tuple(said["number"]), self._failure(said))
            case "lifespan failed":
                self.lifespan_failed(said["phase"], self._failure(said), said["message"])
            case "lifespan refused":
                self.refusal = self._failure(said)

    def _failure(self, said: dict[str, Any]) -> AppFailed | None:
        if not said["happened"]:
            return None
        return AppFailed(said["request"], self._server, said["happened"], said["traceback"])


class InChild:
    """A `Serving` in a process of its own.

    Args:
        settings: what it is to do.
        app: the name of the app.
        exceptions, timeline: where what the app raises goes, and what the test does.
    """

    def __init__(self, settings: Settings, app: str, exceptions: list[BaseException], timeline: Recorder) -> None:
        self._settings = settings
        self._app = app
        self._process: subprocess.Popen[bytes] | None = None
        self._takes_sockets = settings.server in _TAKES_SOCKETS and sys.platform != "win32"
        self._bound = self._bind()
        self.address: tuple[str, int] = self._bound.getsockname()[:2]
        self._folder = TemporaryDirectory(prefix="asgi-lockstep-", ignore_cleanup_errors=True)
        self._box = Mailbox(Path(self._folder.name))
        self.record: ChildRecord = ChildRecord(exceptions, timeline, settings.server, self._box, self._lives)

    def __repr__(self) -> str:
        state = "up" if self._lives() else "down"
        return f"<{type(self).__name__}: {self._settings.server}, {state}>"

    @property
    def folder(self) -> Path:
        """Where both processes write what the other one is to know."""
        return self._box.folder

    def start(self, limit: float) -> None:
        """See `Serving.start`."""
        __tracebackhide__ = True
        deadline = Deadline(limit)
        for attempt in range(_ATTEMPTS):
            self._spawn()
            if self._comes_up(deadline):
                break
            if attempt + 1 == _ATTEMPTS or not self._was_taken():
                raise self._why_down()
            self._bound = self._bind()
            self.address = self._bound.getsockname()[:2]
        if not self.record.is_up:
            raise self._cut_off("start", limit)
        self.record.check_startup(self._settings.insists)

    def stop(self, limit: float) -> None:
        """See `Serving.stop`."""
        __tracebackhide__ = True
        assert self._process is not None
        if not self._lives():
            error = self._ended()
            self.kill()
            if not self.record.unclaimed():  # which says more
                raise error
            return
        self._process.terminate()
        deadline = Deadline(limit)
        while self._lives():
            if deadline.has_passed:
                raise self._cut_off("stop", limit)
            wait_a_moment()
        self.kill()

    def kill(self) -> None:
        """See `Serving.kill`."""
        process, self._process = self._process, None
        if process is not None:
            if sys.platform != "win32":
                with suppress(ProcessLookupError):  # its workers are of the same group
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()
        self._bound.close()
        self.record.refresh()
        self._folder.cleanup()

    def standing_of(self, request: str) -> list[str]:
        """See `Serving.standing_of`."""
        return [line for line in self._box.ask(self._lives, _PATIENCE) if line.partition(", at ")[0] == request]

    def _bind(self) -> socket.socket:
        __tracebackhide__ = True
        return (listening if self._takes_sockets else kept)(self._settings.host, self._settings.port)

    def _spawn(self) -> None:
        __tracebackhide__ = True
        descriptor = self._bound.fileno() if self._takes_sockets else None
        try:
            self._box.write_order(self._settings, self._app, self.address, descriptor)
        except Exception as exc:
            self.kill()
            raise UsageError(
                f"server={self._settings.server!r} runs in a child process, and server_options= cannot be sent there: "
                f"{exc}. Give what can be pickled."
            ) from None
        if sys.platform == "win32":
            self._bound.close()
        with self._box.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"{__package__}.child", self._folder.name],
                stdin=subprocess.PIPE,  # its end tells the child that we have ended
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                pass_fds=[] if descriptor is None else [descriptor],
                start_new_session=True,  # an interrupt of the test is not one of the server
            )
        if descriptor is not None:
            self._bound.close()  # it is the child's now

    def _comes_up(self, deadline: Deadline) -> bool:
        """Wait until the server is up, or too late; False if it has ended, or has nothing to serve."""
        while not deadline.has_passed:
            lives = self._lives()
            self.record.refresh()
            if not lives or self.record.refused or self.record.startup_failure is not None:
                return False
            if self.record.is_up:
                return True
            wait_a_moment()
        return True

    def _lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _was_taken(self) -> bool:
        """Whether somebody has taken the port before the server."""
        return sys.platform == "win32" and not self._settings.port and not is_free(*self.address)

    def _why_down(self) -> BaseException:
        """What is wrong with a server that has ended instead of coming up."""
        if self.record.refused:
            return UsageError(self.record.refused)
        failure = self.record.startup_failure or (self.record.refusal if self._settings.insists else None)
        return failure or self._ended()

    def _ended(self) -> ServerFailed:
        status = None if self._process is None else self._process.poll()
        return ServerFailed(self._settings.server, f"has ended with status {status}", self._box.last_log_lines)

    def _cut_off(self, phase: Literal["start", "stop"], limit: float) -> ServerTimedOut:
        standing = self._box.ask(self._lives, _PATIENCE)
        error = ServerTimedOut(self._settings.server, phase, limit, standing, self._box.last_log_lines)
        self.kill()
        return error
