"""What a child process and its parent tell each other: files in a folder of theirs.

What the child writes about a call is in the file before the app is called, and before the server hears of its end. So
whoever has a response finds in the file what the app had done by then; a pipe would have to be emptied by somebody.
"""

from __future__ import annotations

import json
import os
import pickle
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from ..._drivers.inspection.source_lines import Owner, owners
from .settings import Settings

#: How often a process looks whether the other one has asked, or answered, with a pause in seconds between.
PAUSE = 0.01

_LINES_OF_LOG = 10


class Mailbox:
    """The folder.

    Args:
        folder: where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events = folder / "events"
        self.log = folder / "log"
        self._order = folder / "order"
        self._question = folder / "question"
        self._answer = folder / "answer"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} in {self.folder}>"

    # What the child is to do.

    def write_order(self, settings: Settings, app: str, address: tuple[str, int], descriptor: int | None) -> None:
        """Say what to run, and where.

        Raises:
            Exception: an option cannot be sent to another process.
        """
        self._order.write_bytes(pickle.dumps((settings, app, address, descriptor)))

    def order(self) -> tuple[Settings, str, tuple[str, int], int | None]:
        """What to run: the settings, the name of the app, the address, and the file of a socket that listens there."""
        order: tuple[Settings, str, tuple[str, int], int | None] = pickle.loads(self._order.read_bytes())
        return order

    # What the child has to say when it is asked.

    def ask(self, is_asked: Callable[[], bool], patience: float) -> list[str]:
        """Where the app stands, as the child says it; nothing if it does not answer.

        Args:
            is_asked: whether there is somebody to answer.
            patience: how long to wait, in seconds.
        """
        self._answer.unlink(missing_ok=True)
        self._question.touch()
        for _ in range(int(patience / PAUSE)):
            if self._answer.exists() or not is_asked():
                break
            wait_a_moment()
        self._question.unlink(missing_ok=True)
        return self._answer.read_text(encoding="utf-8").splitlines() if self._answer.exists() else []

    def answer_questions(self, answer: Callable[[], Sequence[str]]) -> None:
        """Answer as long as this process lives, on a thread of its own."""

        def look() -> None:
            while self.folder.exists():
                if self._question.exists() and not self._answer.exists():
                    written = self.folder / "written"
                    written.write_text("\n".join(answer()), encoding="utf-8")
                    written.replace(self._answer)  # it is there as a whole, or not at all
                wait_a_moment()

        threading.Thread(target=look, name="answers a LiveServer", daemon=True).start()

    @property
    def last_log_lines(self) -> list[str]:
        """What the child has written last to its output."""
        if not self.log.exists():
            return []
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LINES_OF_LOG:]


def wait_a_moment() -> None:
    """Let others go on."""
    threading.Event().wait(PAUSE)


class ChildNotes:
    """The `Notes` of a child process, as lines of a file.

    Args:
        box: where it is.
    """

    def __init__(self, box: Mailbox) -> None:
        self._file = os.open(box.events, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._requests: dict[int, str] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self._requests)} calls under way>"

    def up(self) -> None:
        """The server serves."""
        self._write("up")

    def refused(self, why: str) -> None:
        """The server cannot be made, or the app not be imported: what is wrong, in words."""
        self._write("refused", why=why)

    def begun(self, number: Any, call: str, request: str) -> None:
        """See `Notes.begun`."""
        self._requests[number] = request
        self._write("begun", number=[os.getpid(), number], call=call, request=request)

    def ended(self, number: Any, exception: BaseException | None) -> None:
        """See `Notes.ended`."""
        request = self._requests.pop(number)
        self._write("ended", number=[os.getpid(), number], request=request, **told(exception))

    def lifespan_failed(self, phase: str, exception: BaseException | None, message: str) -> None:
        """See `Notes.lifespan_failed`."""
        self._write("lifespan failed", phase=phase, message=message, request=f"lifespan {phase}", **told(exception))

    def lifespan_refused(self, exception: BaseException) -> None:
        """See `Notes.lifespan_refused`."""
        self._write("lifespan refused", request="lifespan startup", **told(exception))

    def _write(self, event: str, **said: Any) -> None:
        os.write(self._file, json.dumps({"event": event, **said}).encode() + b"\n")


def told(exception: BaseException | None) -> dict[str, str]:
    """An exception as text: what has happened, and the traceback without our own lines; `""` for none."""
    if exception is None:
        return {"happened": "", "traceback": ""}
    happened = "".join(traceback.format_exception_only(exception)).strip().splitlines()[-1]
    lines = traceback.format_exception(type(exception), exception, _of_app(exception.__traceback__))
    return {"happened": happened, "traceback": "".join(lines).rstrip()}


def _of_app(link: TracebackType | None) -> TracebackType | None:
    while link is not None and owners[link.tb_frame.f_code.co_filename] is Owner.US:
        link = link.tb_next
    return link
