"""One row per server: how it is run, and what has to be installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..._client.app_kinds import as_asgi3
from ..._drivers.happenings.recorder import Recorder as Timeline
from ...errors import MissingExtra
from ..record import Record
from ..recorder import Recorder
from .app_names import app_of, name_of
from .contract import Serving
from .in_child import InChild
from .in_thread import InThread
from .settings import Settings
from .sockets import listening

Exceptions = list[BaseException]


class Server(NamedTuple):
    """A row.

    Args:
        make: makes the server for an app; raises ImportError where its package is missing.
        extra: the extra of ours that brings it, `""` for none.
    """

    make: Callable[[Any, Settings, Exceptions, Timeline], Serving]
    extra: str = ""


def serving(app: Any, settings: Settings, exceptions: Exceptions, timeline: Timeline) -> Serving:
    """A server that has not started.

    Args:
        app: an app, or its name.
        settings: what the server is to do.
        exceptions: where what the app raises goes.
        timeline: where what happens is kept.

    Raises:
        MissingExtra: the server is not installed.
        UsageError: it cannot run such an app, or has no such option; the text says what to write instead.
    """
    __tracebackhide__ = True
    row = SERVERS[settings.server]
    try:
        return row.make(app, settings, exceptions, timeline)
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] != settings.server:
            raise
        raise MissingExtra(settings.server, f"server={settings.server!r}", row.extra) from None


def _on_uvicorn(app: Any, settings: Settings, exceptions: Exceptions, timeline: Timeline) -> Serving:
    __tracebackhide__ = True
    from .on_uvicorn import UvicornProgram  # not above: only who uses a server needs it

    return _in_thread(UvicornProgram, app, settings, exceptions, timeline)


def _on_hypercorn(app: Any, settings: Settings, exceptions: Exceptions, timeline: Timeline) -> Serving:
    __tracebackhide__ = True
    from .on_hypercorn import HypercornProgram  # as above

    return _in_thread(HypercornProgram, app, settings, exceptions, timeline)


def _in_thread(program: Any, app: Any, settings: Settings, exceptions: Exceptions, timeline: Timeline) -> Serving:
    __tracebackhide__ = True
    record = Record(exceptions, timeline)
    found = app_of(app) if isinstance(app, str) else app
    recorder = Recorder(as_asgi3(found), record, settings.lifespan != "off", timeline)
    bound = listening(settings.host, settings.port)
    try:
        return InThread(settings, recorder, record, bound, program(recorder, bound, settings))
    except BaseException:
        bound.close()
        raise


def _on_daphne(app: Any, settings: Settings, exceptions: Exceptions, timeline: Timeline) -> Serving:
    __tracebackhide__ = True
    from .on_daphne import check  # as above

    check(settings)
    return InChild(settings, name_of(app, settings.server), exceptions, timeline)


def _on_granian(app: Any, settings: Settings, exceptions: Exceptions, timeline: Timeline) -> Serving:
    __tracebackhide__ = True
    from .on_granian import check  # as above

    check(settings)
    return InChild(settings, name_of(app, settings.server), exceptions, timeline)


SERVERS = {
    "uvicorn": Server(_on_uvicorn, "live"),
    "hypercorn": Server(_on_hypercorn),
    "daphne": Server(_on_daphne),
    "granian": Server(_on_granian),
}
