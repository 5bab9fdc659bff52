"""The life of a live server: started, stopped and killed, from any thread; and what is raised at its end."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from .._drivers.happenings.recorder import Recorder
from ..errors import UsageError
from .clients.client import LiveClient
from .serving.contract import Serving
from .serving.servers import serving
from .serving.settings import Settings


class Running:
    """What a `LiveServer` has while it runs.

    Args:
        app: an app, or its name.
        settings: what the server is to do.
        timeout: how long it may take to start, and to stop, in seconds.
        timeline: where what happens is kept.
    """

    def __init__(self, app: Any, settings: Settings, timeout: float, timeline: Recorder) -> None:
        self._app = app
        self._settings = settings
        self._timeout = timeout
        self._timeline = timeline
        self._serving: Serving | None = None
        self._exceptions: list[BaseException] = []
        #: Held while it starts or stops: an async test that is cancelled meanwhile waits for that.
        self._changing = threading.Lock()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._serving!r}>"

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self._serving is not None

    @property
    def exceptions(self) -> list[BaseException]:
        """Everything that the app has raised, the oldest first."""
        if self._serving is not None:
            self._serving.record.refresh()
        return self._exceptions

    def serving(self, wanted: str) -> Serving:
        """The server.

        Args:
            wanted: what it is asked for, for the text.

        Raises:
            UsageError: it does not run.
        """
        __tracebackhide__ = True
        if self._serving is None:
            raise UsageError(
                f"{wanted} was asked of a LiveServer that does not run. Write: with LiveServer(app) as live: ..."
            )
        return self._serving

    def check_new(self) -> None:
        """Raise if it runs."""
        __tracebackhide__ = True
        if self._serving is not None:
            raise UsageError("This LiveServer runs already. Make another one: LiveServer(app).")

    def start(self) -> None:
        """Start it; see `LiveServer` for what is raised."""
        __tracebackhide__ = True
        with self._changing:
            self.check_new()
            self._exceptions.clear()
            made = serving(self._app, self._settings, self._exceptions, self._timeline)
            try:
                made.start(self._timeout)
            except BaseException as exc:
                made.kill()
                self._timeline.fails(exc)
                raise
            self._serving = made

    def stop(self, clients: Iterable[LiveClient]) -> list[BaseException]:
        """Stop it.

        Args:
            clients: to be closed before, as servers wait for connections that are kept open.

        Returns:
            What is to be raised, the first of it first.
        """
        with self._changing:
            for client in clients:
                client.close()
            made, self._serving = self._serving, None
            return [] if made is None else self._stopped(made)

    def kill(self) -> None:
        """Cut it off, if it runs."""
        with self._changing:
            made, self._serving = self._serving, None
            if made is not None:
                made.kill()

    def _stopped(self, made: Serving) -> list[BaseException]:
        failures: list[BaseException] = []
        try:
            made.stop(self._timeout)
        except Exception as exc:
            failures.append(exc)
        except BaseException:  # an interrupt
            made.kill()
            raise
        failures = [*made.record.unclaimed(), *failures]
        for failure in failures:
            self._timeline.fails(failure)
        return failures


def raise_first(failures: list[BaseException], on_its_way: BaseException | None) -> None:
    """Raise the first, or note it on what is raised already; each other one is a note."""
    __tracebackhide__ = True
    if not failures:
        return
    first, rest = (failures[0], failures[1:]) if on_its_way is None else (on_its_way, failures)
    for other in rest:
        if other is not first:
            first.add_note(f"Also on the live server: {type(other).__name__}: {other}")
    if on_its_way is None:
        raise first
