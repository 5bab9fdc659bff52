"""How uvicorn is run, in the thread that calls."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Sequence

import uvicorn

from ..recorder import Recorder
from .log_lines import LogLines
from .settings import Settings, configured, refuse_own

#: What is decided here.
_OWN = ("app", "host", "port", "fd", "uds", "lifespan", "workers", "reload")


class UvicornProgram:
    """uvicorn's server on a socket of ours.

    Args:
        app: what it runs.
        bound: where it listens.
        settings: what it is to do.
    """

    def __init__(self, app: Recorder, bound: socket.socket, settings: Settings) -> None:
        refuse_own(settings, _OWN)
        self._bound = bound
        self._log = LogLines()
        # Nobody answers pings while a test does something else, and uvicorn would close the websocket.
        own = {"log_config": None, "ws_ping_interval": None}
        config = configured(uvicorn.Config, settings, "uvicorn.Config", app=app, lifespan=settings.lifespan, **own)
        self._server = _Server(config)

    @property
    def log(self) -> Sequence[str]:
        """Its last lines."""
        return self._log.lines

    def run(self, up: Callable[[], None]) -> None:
        """Serve until it is asked to stop.

        Args:
            up: to be called when it serves.
        """
        self._server.when_up = up
        self._log.listen_here()
        logger = logging.getLogger("uvicorn")
        logger.addHandler(self._log)
        try:
            self._server.run(sockets=[self._bound])
        finally:
            logger.removeHandler(self._log)

    def ask_to_stop(self, at_once: bool = False) -> None:
        """Stop when what is under way has ended, or at once; from any thread."""
        self._server.should_exit = True
        if at_once:
            self._server.force_exit = True


class _Server(uvicorn.Server):
    """uvicorn's server, which says when it is up."""

    when_up: Callable[[], None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:  # older versions return from a lifespan that has failed
            return
        self.when_up()
        if self.should_exit:  # asked to meanwhile: older versions would leave their sockets open
            for server in self.servers:
                server.close()
