"""The app in the process that runs it."""

from __future__ import annotations

from ..._client.app_kinds import as_asgi3
from ..recorder import Recorder
from ..whereabouts import standing
from .app_names import app_of
from .mailbox import ChildNotes, Mailbox, told


def load(app: str, notes: ChildNotes, box: Mailbox) -> Recorder:
    """The app, with a note taken of each of its calls; it answers when the parent asks where it stands.

    Args:
        app: its name.
        notes: who is told.
        box: where questions come from.

    Raises:
        Exception: it cannot be imported, which the parent knows then.
    """
    try:
        recorder = Recorder(as_asgi3(app_of(app)), notes)
    except BaseException as exc:
        text = told(exc)
        notes.refused(
            f"app={app!r} cannot be imported in the child process: {text['happened']}. Its module has to be found on "
            f"sys.path as it is here.\n{text['traceback']}"
        )
        raise
    box.answer_questions(lambda: standing(recorder))
    return recorder
