"""How daphne is run, in a process of its own: twisted's reactor runs once in a process, on its main thread."""

from __future__ import annotations

from ...errors import UsageError
from .mailbox import ChildNotes, Mailbox
from .settings import Settings, configured, refuse_own
from .worker import load

#: What is decided here.
_OWN = ("application", "endpoints", "signal_handlers", "ready_callable", "host", "port", "lifespan")


def check(settings: Settings) -> None:
    """Refuse, in the parent, what cannot be run.

    Raises:
        ModuleNotFoundError: daphne is not installed.
        UsageError: an option is decided here, or there is none for it.
    """
    __tracebackhide__ = True
    import daphne  # noqa: F401  # its server would install twisted's reactor

    refuse_own(settings, _OWN)
    if settings.insists:
        raise UsageError('server="daphne" runs no lifespan: leave lifespan="on" out, or take another server.')


def run(box: Mailbox, notes: ChildNotes) -> None:
    """Serve until this process is told to terminate; all as `Mailbox.order` has it."""
    from daphne.server import Server  # not above: the parent looks at this module, too

    settings, app, (host, port), descriptor = box.order()
    interface = host.replace(":", r"\:")
    where = f"tcp:{port}:interface={interface}" if descriptor is None else f"fd:fileno={descriptor}"
    recorder = load(app, notes, box)
    configured(
        Server, settings, "daphne.server.Server", application=recorder, endpoints=[where], ready_callable=notes.up
    ).run()
